"""Opening a case: an application was handed in."""
