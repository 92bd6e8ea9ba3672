"""Setting an installation up: what is asked, and the files that come of it."""
