"""Sends what is due, urgent first, and stores what became of each message."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError

from services.outgoing import Outbox
from services.ports import Ambiguous, Messenger, Moot, Outgoing, RetryLater, Unreachable

LOOK = 5.0
"""Seconds after which to look without being woken: another process may have written rows."""
AT_ONCE = 20
AGAIN = timedelta(seconds=30)

log = structlog.get_logger()


class Deliverer:
    def __init__(
        self, outbox: Outbox, messenger: Messenger, now: Callable[[], datetime], worker: str
    ) -> None:
        self.outbox, self.messenger, self.now, self.worker = outbox, messenger, now, worker
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._woken.clear()
            try:
                while await self.round():
                    pass
            except (OperationalError, OSError) as error:
                log.warning("deliverer_waits", error=type(error).__name__)
            try:
                async with asyncio.timeout(LOOK):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def round(self) -> int:
        """Claims a handful and sends it; gives how many were claimed."""
        claimed = await self.outbox.claim(self.now(), self.worker, AT_ONCE)
        await asyncio.gather(*(self._deliver(message) for message in claimed))
        return len(claimed)

    async def _deliver(self, message: Outgoing) -> None:
        try:
            number = await self.messenger.deliver(message)
        except Moot:
            await self.outbox.moot(message.id)
        except Unreachable:
            await self.outbox.unreachable(message.id, self.now())
        except RetryLater as wait:
            await self.outbox.later(message.id, self.now() + timedelta(seconds=wait.seconds))
        except Ambiguous:
            await self.outbox.ambiguous(message.id, self.now() + AGAIN)
        except Exception as error:
            log.error("delivery_failed", message=message.id, error=type(error).__name__)
            await self.outbox.later(message.id, self.now() + AGAIN)
        else:
            await self.outbox.sent(message.id, number, self.now())
