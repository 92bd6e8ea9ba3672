"""How people write names and numbers, read into one way of writing."""
