"""People who go to another city, and who come from one."""
