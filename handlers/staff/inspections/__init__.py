"""Random checks: the draw, what was found, the circular, and what a branch put right."""
