"""Which paper, for whom, from what."""
