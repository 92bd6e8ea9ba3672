"""The public bot: one conversation, in memory, in private chats only."""
