"""A rulebook listed rule by rule, and compared with another one."""
