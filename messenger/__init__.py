"""A local stand-in for Telegram: the Bot API for bots, a chat page for people. Loopback only."""
