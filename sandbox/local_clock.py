"""What only a local run needs: keeping in step with the messenger's clock and its page."""

import asyncio
from contextlib import suppress

from aiohttp import ClientError, ClientSession

from bot.app.clock import FollowedClock
from bot.pipeline.deliverer import Deliverer
from scheduler.jobs import Jobs
from services.container import Services

SETTLE = 0.3
"""Seconds in which several changes are told to the page as one."""


class InStep:
    """Looks for what is due as soon as a person moves the clock on, and lets the page offer
    "to the next deadline"."""

    def __init__(
        self, api: str, services: Services, clock: FollowedClock, jobs: Jobs, deliverer: Deliverer
    ) -> None:
        self.api, self.services, self.clock = api, services, clock
        self.jobs, self.deliverer = jobs, deliverer
        self._moved, self._changed = asyncio.Event(), asyncio.Event()
        clock.moved = self._moved.set
        jobs.looked = self._changed.set

    def changed(self) -> None:
        """An update was handled: messages may wait, dates may have changed."""
        self.deliverer.wake()
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.clock.follow())
            group.create_task(self._look())
            group.create_task(self._tell())

    async def _look(self) -> None:
        while True:
            await self._moved.wait()
            self._moved.clear()
            await self.jobs.look()
            self.deliverer.wake()

    async def _tell(self) -> None:
        async with ClientSession(self.api) as session:
            while True:
                await self._changed.wait()
                self._changed.clear()
                following = await self.services.reminders.next_moment(self.clock.now())
                body = {"next": following.isoformat() if following else None}
                with suppress(ClientError, OSError):
                    async with session.post("/api/clock", json=body):
                        await asyncio.sleep(SETTLE)
                if following is not None and following <= self.clock.now():
                    # It is being told this moment; what comes after it is known then.
                    self._changed.set()
