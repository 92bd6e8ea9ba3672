"""Many cells, each a city with a database, tokens and keys of its own, served by one process."""
