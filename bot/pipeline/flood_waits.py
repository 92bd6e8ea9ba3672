"""Every silence the messenger asked for, of whichever process: kept in a table, obeyed by all."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.pipeline.limiter import Limiter
from services.core.database import away
from services.messages.outbox import Outbox

LOOK = 1.0
"""Seconds after which a silence that was asked of another process is obeyed by this one."""

log = structlog.get_logger()


class Silences:
    def __init__(self, outbox: Outbox, limiter: Limiter, now: Callable[[], datetime]) -> None:
        self.outbox, self.limiter, self.now = outbox, limiter, now
        limiter.keep = self.keep

    async def keep(self, chat: int | None, seconds: float) -> None:
        try:
            await self.outbox.pause(chat, self.now() + timedelta(seconds=seconds))
        except Exception as error:
            log.warning("pause_not_kept", error=type(error).__name__)

    async def take_over(self) -> None:
        now = self.now()
        for chat, until in await self.outbox.pauses(now):
            self.limiter.quieten(chat, (until - now).total_seconds())

    async def run(self) -> None:
        """Until cancelled. One process alone has nothing to hear."""
        while self.outbox.database.shared:
            await asyncio.sleep(LOOK)
            try:
                await self.take_over()
            except Exception as error:
                if not away(error):
                    raise
                log.warning("silences_wait", error=type(error).__name__)
        await asyncio.Event().wait()
