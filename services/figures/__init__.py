"""Figures of an organisation: what its cases come to, and who is behind a number."""
