"""Coming in by invitation, and inviting others."""
