"""Word templates of an organisation's own: read and filled in a process of its own."""
