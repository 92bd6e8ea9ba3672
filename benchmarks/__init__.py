"""Speed, measured beside what a user would take instead. `make bench` prints one table."""
