"""核对 and 责任追究: what doesn't fit in a case, and what an organisation makes of it."""
