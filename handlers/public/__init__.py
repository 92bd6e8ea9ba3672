"""The public side: it knows nobody."""
