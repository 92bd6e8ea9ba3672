"""What lies over a rulebook: a profile, an earlier text, settings, steps taken out."""
