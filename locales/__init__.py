"""The translation catalogs, and the command that keeps them complete."""
