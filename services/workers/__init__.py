"""Processes beside the bot, for what takes long and needs neither the database nor a key."""
