"""The cases of my organisations: list, search, card, guide."""
