"""数字: what an organisation's cases come to, and who is behind a number."""
