"""What takes longer than two seconds says so, and where that can be counted, how far it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import CallbackQuery, Message

PATIENCE = 2.0
"""Seconds without a word; then between two words."""


def now() -> float:
    """Seconds of the event loop, which no change of a clock moves."""
    return asyncio.get_running_loop().time()


@dataclass
class TellProgress:
    """Called with how much is done, of how much, whenever something is. Says nothing of what is
    soon over; edits one message, and takes it away at the end, also where the work was refused.
    `say`: the words for both numbers."""

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
        # A word that doesn't arrive mustn't end what it speaks of: not refused, not blocked, not
        # asked to wait, no network, nor an answer that nobody can read.
        with suppress(AiogramError):
            if self._message is None:
                self._message = await self.bot.send_message(self.chat, text)
            else:
                await self.bot.edit_message_text(
                    text, chat_id=self.chat, message_id=self._message.message_id
                )

    async def __aexit__(self, *_: object) -> None:
        if self._message is not None:
            with suppress(AiogramError):
                await self.bot.delete_message(self.chat, self._message.message_id)


def counted(
    event: Message | CallbackQuery,
    say: Callable[[int, int], str],
    patience: float | None = None,
) -> TellProgress:
    """Progress in the private chat of whoever asked. `patience`: PATIENCE if not given."""
    assert event.bot is not None  # every event of the dispatcher is bound
    assert event.from_user is not None  # and nobody's is answered elsewhere
    return TellProgress(event.bot, event.from_user.id, say, patience=patience)


@asynccontextmanager
async def waiting(
    event: Message | CallbackQuery, text: str, after: float | None = None
) -> AsyncIterator[None]:
    """Say `text` once the block has taken `after` seconds (PATIENCE if not given), where nobody
    knows how far it is."""
    over = asyncio.Event()
    # The wait is done by `_late`: once it calls, the time has come.
    async with counted(event, lambda _done, _total: text, patience=0.0) as tell:
        telling = asyncio.create_task(_late(tell, over, PATIENCE if after is None else after))
        try:
            yield
        finally:
            # Not cancelled: what is being sent right now would stand there for good.
            over.set()
            await telling


async def _late(
    tell: Callable[[int, int], Awaitable[None]], over: asyncio.Event, after: float
) -> None:
    try:
        async with asyncio.timeout(after):
            await over.wait()
    except TimeoutError:
        await tell(0, 0)
