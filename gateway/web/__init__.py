"""The web chat: the staff bot in a browser, for offices that have no messenger of their own."""
