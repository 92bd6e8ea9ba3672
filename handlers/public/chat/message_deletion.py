"""Delete the messages of a chat, again and again while the messenger allows it
(docs/promises.md P8)."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from telegram import Bot
from telegram.error import BadRequest, Forbidden, TelegramError

from handlers.public.chat.sessions import Sessions

# The messenger deletes nothing that is older.
ALLOWED = timedelta(hours=48)
SIDE_BY_SIDE = 16
"""Chats cleaned at once before the process ends: no more than the messenger lets through."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0


@dataclass
class Batch:
    """At most a hundred messages of one chat."""

    chat: int
    ids: list[int]
    until: datetime


class MessageDeleter:
    """Batches wait in memory: who they belong to is written down nowhere."""

    def __init__(self, bot: Bot, now: Callable[[], datetime]) -> None:
        self.bot, self.now = bot, now
        self.waiting: deque[Batch] = deque()
        self._woken = asyncio.Event()

    async def delete_noted(self, sessions: Sessions, chat: int, keep: int | None = None) -> None:
        """Deletes all that was noted of a chat, except `keep`."""
        if keep is not None:
            sessions.keep_message(chat, keep)
        for ids in sessions.take_noted(chat):
            await self._try(Batch(chat, ids, self.now() + ALLOWED))

    async def delete_all_noted(self, sessions: Sessions) -> None:
        """Before the process ends: what isn't filed by then is lost, and so are its messages. One
        chat that waits for its answer doesn't keep the others waiting."""
        room = asyncio.Semaphore(SIDE_BY_SIDE)

        async def cleaned(chat: int) -> None:
            async with room:
                await self.delete_noted(sessions, chat)

        await asyncio.gather(*(cleaned(chat) for chat in sessions.chats()))
        await self.again()

    async def delete(self, chat: int, message: int) -> None:
        await self._try(Batch(chat, [message], self.now() + ALLOWED))

    async def _try(self, batch: Batch) -> bool:
        """False where it has to be tried again."""
        try:
            await self.bot.delete_messages(batch.chat, batch.ids)
        except (BadRequest, Forbidden):
            # Gone, too old, or the bot is blocked: another try would end the same way.
            return True
        except TelegramError:
            self.waiting.append(batch)
            self._woken.set()
            return False
        return True

    async def again(self) -> bool:
        """Tries what couldn't be deleted; True where nothing is left."""
        batches = [batch for batch in self.waiting if batch.until > self.now()]
        self.waiting.clear()
        # A list: without one, `all` would leave out what comes after the first that fails.
        return all([await self._try(batch) for batch in batches])

    async def run(self) -> None:
        """Until cancelled."""
        pause = FIRST_PAUSE
        while True:
            await self._woken.wait()
            await asyncio.sleep(pause)
            # Before the tries: one that fails rings again.
            self._woken.clear()
            pause = FIRST_PAUSE if await self.again() else min(pause * 2, LONGEST_PAUSE)
