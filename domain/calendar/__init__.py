"""Working days and the hours in which people may be told something."""
