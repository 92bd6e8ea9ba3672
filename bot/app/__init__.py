"""The two bots put together from settings, clock, database and keys."""
