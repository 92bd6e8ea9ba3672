"""People who go to other cities, and who come from there."""
