"""表格: lists as files, and files taken over."""
