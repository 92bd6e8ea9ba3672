"""The yearly plan: propose, first check, the funnel as numbers and as a picture."""
