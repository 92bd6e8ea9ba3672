"""Files rewritten without anything that tells where they came from."""
