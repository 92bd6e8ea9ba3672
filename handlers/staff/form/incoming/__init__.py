"""What comes in while a form is filled in: messages, presses, and the ways into it."""
