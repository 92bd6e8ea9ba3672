"""What the local messenger remembers: people, chats, messages, updates, its clock and faults."""
