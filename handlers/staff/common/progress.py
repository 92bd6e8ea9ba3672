"""What takes longer than two seconds says so, and how far it is."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message

PATIENCE = 2.0
"""Seconds without a word; then between two words."""


def now() -> float:
    """Seconds of the event loop, which no change of a clock moves."""
    return asyncio.get_running_loop().time()


@dataclass
class Progress:
    """Called with how much is done, of how much, whenever something is. Says nothing of what is
    soon over; edits one message, and takes it off at the end. `say`: the words for both numbers."""

    bot: Bot
    chat: int
    say: Callable[[int, int], str]
    clock: Callable[[], float] = now
    patience: float | None = None
    _since: float = field(default=0.0, init=False)
    _message: Message | None = field(default=None, init=False)

    async def __aenter__(self) -> Callable[[int, int], Awaitable[None]]:
        self._since = self.clock()
        return self.tell

    async def tell(self, done: int, total: int) -> None:
        patience = PATIENCE if self.patience is None else self.patience
        if self.clock() - self._since < patience:
            return
        self._since = self.clock()
        text = self.say(done, total)
        # A word that doesn't arrive mustn't end what it speaks of.
        with suppress(TelegramAPIError):
            if self._message is None:
                self._message = await self.bot.send_message(self.chat, text)
            else:
                await self.bot.edit_message_text(
                    text, chat_id=self.chat, message_id=self._message.message_id
                )

    async def __aexit__(self, *_: object) -> None:
        if self._message is not None:
            with suppress(TelegramAPIError):
                await self.bot.delete_message(self.chat, self._message.message_id)
