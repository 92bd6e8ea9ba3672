"""Yearly duties of an organisation: what is open, and the tick."""
