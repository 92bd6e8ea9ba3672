"""What waits for me, the most urgent first."""
