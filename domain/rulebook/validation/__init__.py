"""What a rulebook may not say, and where its layers differ."""
