"""Messages and presses of this messenger, as the Bot API writes them for a bot."""

from typing import Any

from botapi import wire
from messenger.core.state import Bot, Message, Person


def message(bot: Bot, person: Person, ours: Message) -> dict[str, Any]:
    answered = person.chat(bot.name).messages.get(ours.reply_to or 0)
    there = answered if answered is not None and not answered.deleted else None
    return wire.message(bot, person, ours, there)


def callback(bot: Bot, person: Person, ours: Message, data: str, query: str) -> dict[str, Any]:
    """A press on a button under a message."""
    return wire.callback(bot, person, message(bot, person, ours), data, query)
