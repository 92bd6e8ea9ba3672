"""Coming in by invitation, inviting others, committees and branches."""
