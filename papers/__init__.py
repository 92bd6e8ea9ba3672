"""Papers to print and sign: data in, bytes out. Knows the rules, no database and no messenger."""
