"""Where updates come in: stored in one commit first, confirmed to the messenger only then."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from sqlalchemy.exc import OperationalError

from services.inbox import Inbox, Incoming

KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
BATCH = 100
LONG_POLL = 25
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0

log = structlog.get_logger()


def incoming(update: Update) -> Incoming:
    """An update with the chat it belongs to; 0 where there is none."""
    event = update.event
    chat = getattr(event, "chat", None) or getattr(getattr(event, "message", None), "chat", None)
    user = getattr(event, "from_user", None)
    number = chat.id if chat is not None else user.id if user is not None else 0
    payload = update.model_dump_json(exclude_none=True, by_alias=True)
    return Incoming(update.update_id, number, payload)


class Poller:
    """Fetches batches by long polling. `awake` hears of the chats that have work."""

    def __init__(
        self,
        name: str,
        bot: Bot,
        inbox: Inbox,
        now: Callable[[], datetime],
        awake: Callable[[Iterable[str]], None],
    ) -> None:
        self.name, self.bot, self.inbox, self.now, self.awake = name, bot, inbox, now, awake

    async def run(self) -> None:
        """Until cancelled. A token that the messenger doesn't know ends it with an error."""
        offset: int | None = None
        pause = FIRST_PAUSE
        await self.bot.delete_webhook()
        while True:
            try:
                batch = await self._fetch(offset)
                await self._store(batch)
                offset = batch[-1].update_id + 1 if batch else offset
                pause = FIRST_PAUSE
            except TelegramUnauthorizedError:
                raise
            except TelegramRetryAfter as wait:
                await asyncio.sleep(wait.retry_after)
            except (TelegramAPIError, OperationalError, OSError) as error:
                # Nothing was confirmed: the messenger gives the batch again.
                if isinstance(error, TelegramConflictError):
                    log.error("second_poller", bot=self.name)
                log.warning("intake_waits", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _fetch(self, offset: int | None) -> Sequence[Update]:
        return await self.bot.get_updates(
            offset=offset,
            limit=BATCH,
            timeout=LONG_POLL,
            allowed_updates=KINDS,
            request_timeout=LONG_POLL + 10,
        )

    async def _store(self, batch: Sequence[Update]) -> None:
        if batch:
            rows = [incoming(update) for update in batch]
            self.awake(await self.inbox.store(self.name, rows, self.now()))
