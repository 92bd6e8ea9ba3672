"""Cases that a sheet brings: its lines are worked out, and entered with the days they had."""
