"""The menu: a keyboard below the chat, and everything behind “更多”."""
