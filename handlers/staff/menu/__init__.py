"""The menu: a keyboard below the chat, and everything behind its last button."""
