"""A case as its rows say: loaded into facts, with its signatures, participants and breaches."""
