"""A name to enter: an application handed in, or a member who can be chosen later."""
