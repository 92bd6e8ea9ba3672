"""How it works, and what is kept."""
