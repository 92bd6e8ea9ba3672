"""随机抽查: the draw, what was found, the circular, and what a branch put right."""
