"""The yearly plan."""
