"""getUpdates: what a bot hasn't confirmed is given again and again."""

import time
from typing import Any

from aiogram import methods

from messenger.errors import conflict
from messenger.requests import Call
from messenger.state import Bot

BATCH, LONGEST_POLL = 100, 50
HOOKED = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
    "webhook first"
)
TAKEN = "terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKING = "terminated by setWebhook request"


async def get_updates(call: Call[methods.GetUpdates]) -> Any:
    """Long polling. Whoever asks later takes over from whoever is waiting."""
    state, bot, asked = call.state, call.bot, call.asked
    if bot.webhook:
        raise conflict(HOOKED)
    if asked.allowed_updates is not None:
        bot.allowed = tuple(asked.allowed_updates)
    bot.poll += 1
    mine = bot.poll
    state.wake()
    _confirm(bot, asked.offset or 0)
    limit = max(1, min(asked.limit or BATCH, BATCH))
    until = time.monotonic() + min(max(asked.timeout or 0, 0), LONGEST_POLL)
    while not bot.updates and (left := until - time.monotonic()) > 0:
        await state.wait(left)
        if bot.webhook:
            raise conflict(HOOKING)
        if bot.poll != mine:
            raise conflict(TAKEN)
    return [waiting.payload for waiting in list(bot.updates.values())[:limit]]


def _confirm(bot: Bot, offset: int) -> None:
    """All before `offset` is done with; a negative one keeps only so many from the end."""
    numbers = list(bot.updates)
    gone = numbers[:offset] if offset < 0 else [one for one in numbers if one < offset]
    for number in gone:
        del bot.updates[number]
