"""Long polling: store each batch in one commit, and confirm it to the messenger only then.

Worked example: a batch of updates 5, 6, 7 is stored; the process dies before the next getUpdates.
The messenger gives 5, 6, 7 again; `seen_update` knows them, so that they are stored once. Confirmed
before the commit, they would be lost.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from bot.pipeline.admission import OPEN_DOORS, Admissions
from bot.pipeline.turns import Turn
from services.core.database import away
from services.messages.chats import chat_at, is_chat
from services.messages.inbox import Inbox, Incoming

KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
BATCH = 100
LONG_POLL = 25
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
HEARD_EVERY = 60.0
LARGEST_ID = 2**63 - 1

log = structlog.get_logger()


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without reading what is in them: one that can't be read must not keep the others
    from being stored. The worker reads each on its own, and parks it."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


def incoming(raw: Mapping[str, Any], source: int = 0) -> Incoming | None:
    """An update of a source with the chat it belongs to (0 where there is none), by its number
    among all sources; None for what is no update."""
    number = _id(raw.get("update_id"))
    if number is None or number < 0:
        return None
    # Take the one event that an update holds beside its number, whatever kind it is of.
    event = next((value for value in raw.values() if isinstance(value, dict)), {})
    # What can't be encoded is nothing that a person can have sent.
    payload = json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace").decode()
    return Incoming(number, chat_at(source, _chat(event)), payload)


def _chat(event: Mapping[str, Any]) -> int:
    # A pressed button has its chat in the message above it; what has none belongs to its sender.
    message = event.get("message")
    holders = [event, message if isinstance(message, dict) else {}]
    places = [holder.get("chat") for holder in holders] + [event.get("from")]
    found = (_id(place.get("id")) for place in places if isinstance(place, dict))
    return next((number for number in found if number is not None and is_chat(number)), 0)


def _id(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    # Refuse what no column holds: it would fail its whole batch, and be given again.
    return value if abs(value) <= LARGEST_ID else None


class Pulse:
    """Record, at most once a minute, that the messenger answered. `heard` returns a gap."""

    def __init__(self, heard: Callable[[], Awaitable[Any]]) -> None:
        self.heard = heard
        self.last = time.monotonic()
        self._next = 0.0

    @property
    def silent(self) -> float:
        """Seconds since the messenger answered, or since the beginning."""
        return time.monotonic() - self.last

    async def beat(self) -> None:
        self.last = time.monotonic()
        if time.monotonic() >= self._next:
            gap = await self.heard()
            self._next = time.monotonic() + HEARD_EVERY
            if gap is not None:
                log.error("updates_may_be_missing", hours=round(gap.total_seconds() / 3600))


class Poller:
    """Fetches batches by long polling. `wake` hears of the chats that have work."""

    def __init__(
        self,
        name: str,
        bot: Bot,
        inbox: Inbox,
        now: Callable[[], datetime],
        wake: Callable[[Iterable[str]], None],
        pulse: Pulse | None = None,
        doors: Admissions = OPEN_DOORS,
        source: int = 0,
        turn: Turn | None = None,
    ) -> None:
        self.turn = turn
        self.name, self.bot, self.inbox, self.now, self.wake = name, bot, inbox, now, wake
        self.pulse, self.doors, self.source = pulse, doors, source

    async def run(self) -> None:
        """Until cancelled. A token that the messenger doesn't know ends it with an error."""
        offset: int | None = None
        pause = FIRST_PAUSE
        started = False
        while True:
            try:
                # While a webhook is set, Telegram refuses getUpdates.
                started = started or await self.bot.delete_webhook()
                offset = await self.round(offset)
                pause = FIRST_PAUSE
            except TelegramUnauthorizedError:
                raise
            except TelegramRetryAfter as wait:
                await asyncio.sleep(wait.retry_after)
            except Exception as error:
                # Nothing was confirmed: the messenger gives the batch again.
                if not isinstance(error, TelegramAPIError | ClientDecodeError) and not away(error):
                    raise
                if isinstance(error, TelegramConflictError):
                    log.error("second_poller", bot=self.name)
                log.warning("intake_retries", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def round(self, offset: int | None) -> int | None:
        """Fetches a batch, which confirms everything before `offset`, and stores it; gives the
        next offset."""
        batch = await self.bot(
            # The offset of the batch before: by it, and only after its commit, that is confirmed.
            GetRawUpdates(offset=offset, limit=BATCH, timeout=LONG_POLL, allowed_updates=KINDS),
            request_timeout=LONG_POLL + 10,
        )
        rows = [row for raw in batch if (row := incoming(raw, self.source)) is not None]
        if len(rows) < len(batch):
            log.error("not_updates", bot=self.name, count=len(batch) - len(rows))
        store = self.doors.store(self.name, self.inbox, rows, self.now(), self.wake)
        # An empty answer, as one comes every half a minute, is nobody's work.
        await (self.turn.take(store) if rows and self.turn is not None else store)
        if self.pulse is not None:
            await self.pulse.beat()
        return max((row.update_id + 1 for row in rows), default=offset)
