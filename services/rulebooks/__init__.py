"""Which rulebook a case follows, and what a change of it would mean."""
