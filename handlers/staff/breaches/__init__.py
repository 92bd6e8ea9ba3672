"""The date check and accountability: what doesn't fit in a case, and what becomes of it."""
