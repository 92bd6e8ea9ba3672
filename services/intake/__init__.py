"""The public side: reports from people we don't know, and their return codes."""
