"""What takes more than two seconds says so, and edits its message."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

QUIET = 2.0
"""Seconds before the first word, and between two."""


class Progress:
    """Says in a chat how many of how many are done. `said`: the sentence."""

    def __init__(self, bot: Bot, chat: int, said: Callable[[int, int], str]) -> None:
        self._bot, self._chat, self._said = bot, chat, said
        self._message: int | None = None
        self._last = asyncio.get_running_loop().time()

    async def __call__(self, done: int, of: int) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._last < QUIET or not of:
            return
        self._last, text = now, self._said(done, of)
        if self._message is None:
            self._message = (await self._bot.send_message(self._chat, text)).message_id
            return
        with suppress(TelegramBadRequest):
            await self._bot.edit_message_text(text, chat_id=self._chat, message_id=self._message)

    async def over(self) -> None:
        """Take the message away: the result stands below it."""
        if self._message is not None:
            with suppress(TelegramBadRequest):
                await self._bot.delete_message(self._chat, self._message)
