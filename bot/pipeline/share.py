"""Keep the limiter at the share of this process, where several send with one token."""

import asyncio
import time
from collections.abc import Callable

import structlog

from bot.app.lease import Lease
from bot.pipeline.limiter import Limiter
from services.core.database import away
from services.messages.shares import LEASE, Shares

LOOK = 1.0
"""Seconds after which the lease is renewed, and the share divided anew."""

log = structlog.get_logger()


class Share:
    """`limiter` sends nothing while no lease is held. On SQLite there is one process, which has all
    of it and asks nobody."""

    def __init__(
        self, shares: Shares, limiter: Limiter, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.shares, self.limiter = shares, limiter
        self.shared = shares.database.shared
        self.lease = Lease(LEASE, clock)
        if self.shared:
            limiter.share(0)

    async def renew(self) -> None:
        """Raises what the database raises, TimeoutError where it doesn't answer before the lease
        runs out; where none is held, within LOOK."""
        share = await self.lease.renewed(self._ask, LOOK)
        self.limiter.share(share)

    async def _ask(self) -> int:
        return await self.shares.renew(self.limiter.wanted(), self._lower)

    def _lower(self, share: int) -> None:
        if share < self.limiter.overall.most:
            self.limiter.share(share)

    async def run(self) -> None:
        """Until cancelled. What is in hand then is still sent by the share, which is held until its
        lease runs out, or until `leave`."""
        while self.shared:
            await self._look()
            await asyncio.sleep(LOOK)
        await asyncio.Event().wait()

    async def _look(self) -> None:
        try:
            await self.renew()
        except Exception as error:
            if not away(error):
                raise
            log.warning("share_not_renewed", error=type(error).__name__)
            # Others may take it from then on.
            if self.lease.left <= LOOK:
                self.limiter.share(0)

    async def leave(self) -> None:
        """Send nothing any more, and give the share back; never fails: else its lease runs out."""
        if not self.shared:
            return
        self.limiter.share(0)
        try:
            async with asyncio.timeout(LOOK):
                await self.shares.leave()
        except Exception as error:
            log.warning("share_not_returned", error=type(error).__name__)
