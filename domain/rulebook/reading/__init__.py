"""A rulebook read from its files, or refused."""
