"""Totals of finished years: told the level above, and gathered from those below."""
