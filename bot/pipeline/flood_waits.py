"""Flood waits, that is every `retry_after` of the messenger: stored when one process is asked to
wait, obeyed by all, also after a restart."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.pipeline.limiter import Limiter
from services.core.chats import chat_at, source_of, within
from services.core.database import away
from services.messages.outbox import Outbox

LOOK = 1.0
"""Seconds after which this process obeys a wait that another one was asked for."""

log = structlog.get_logger()


class FloodWaits:
    """Those of one source; a chat None means all of its chats."""

    def __init__(self, outbox: Outbox, now: Callable[[], datetime], source: int = 0) -> None:
        self.outbox, self.now, self.source = outbox, now, source

    async def store(self, chat: int | None, seconds: float) -> None:
        """Store a wait for a chat or (None) for all. This process obeys even where that fails."""
        try:
            # No chat has the number 0: among all sources, it stands for all chats of one.
            place = chat_at(self.source, chat or 0) or None
            await self.outbox.pause(place, self.now() + timedelta(seconds=seconds))
        except Exception as error:
            log.warning("flood_wait_not_stored", error=type(error).__name__)

    async def load(self, limiter: Limiter) -> None:
        now = self.now()
        # Stored as a moment, obeyed as seconds: the limiter counts by a clock that never jumps.
        for place, until in await self.outbox.pauses(now):
            if source_of(place or 0) == self.source:
                limiter.pause(within(place or 0) or None, (until - now).total_seconds())

    async def run(self, limiter: Limiter) -> None:
        """Until cancelled: obey what other processes were asked."""
        # On SQLite there is one process, which was asked for every wait itself.
        while self.outbox.database.shared:
            await asyncio.sleep(LOOK)
            try:
                await self.load(limiter)
            except Exception as error:
                if not away(error):
                    raise
                log.warning("flood_waits_not_loaded", error=type(error).__name__)
        await asyncio.Event().wait()
