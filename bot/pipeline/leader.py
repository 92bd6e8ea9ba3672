"""The leader: the one process that looks for what is due and sends it, for all of them.

Two processes, A and B, over one PostgreSQL. A holds the lock and leads; B asks for it every LOOK
seconds and gets "no". A is killed: PostgreSQL closes A's connection and releases the lock, B's next
question is answered with "yes", and B leads, LOOK seconds later at most. If instead A's connection
breaks while A lives, `check` raises within LOOK seconds and A stops sending. In between both may
send: that is why every message is claimed with a lease of its own (services.messages.outbox).
"""

import asyncio
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.pipeline.deliverer import Deliverer
from scheduler import timetable
from scheduler.jobs import Jobs
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import away

LOOK = 2.0
"""Seconds after which the lock is asked for, or looked at, again."""
PUT_BACK = timedelta(minutes=1)
"""By less than this the clock may go back: the next look is then as much later."""

log = structlog.get_logger()


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})


class Leader:
    """The process that holds the lock leads until it ends or loses it."""

    def __init__(self, name: str, locks: AdvisoryLocks, deliverer: Deliverer, jobs: Jobs) -> None:
        self.lock, self.locks = f"leader:{name}", locks
        self.deliverer, self.jobs = deliverer, jobs
        self.leading = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if await self.locks.acquire(self.lock):
                    try:
                        await self._lead()
                    finally:
                        await self.locks.release(self.lock)
            except Exception as error:
                said = "leader_retries" if away(error) else "leader_failed"
                log.error(said, error=type(error).__name__)
            await asyncio.sleep(LOOK)

    async def _lead(self) -> None:
        """Until the lock is lost; raises the error that showed it."""
        log.info("leader_elected")
        self.leading = True
        plan, seen = timetable.build(self.jobs), self.jobs.now()
        sending: asyncio.Task[None] | None = None
        try:
            # Queue first, send after: what came due while nobody led goes out as one message.
            await self.jobs.look()
            sending = asyncio.create_task(self.deliverer.run())
            plan.start()
            while not sending.done():
                await asyncio.wait({sending}, timeout=LOOK)
                await self.locks.check()
                before, seen = seen, self.jobs.now()
                if seen < before - PUT_BACK:
                    plan = self._anew(plan)
            sending.result()
        finally:
            self.leading = False
            if plan.running:
                plan.pause()
            ending = [self.jobs.finish()]
            if sending is not None:
                sending.cancel()
                ending.append(_ended(sending))
            # Together: both have to fit what a process gets to end.
            await asyncio.gather(*ending, return_exceptions=True)
            if plan.running:
                plan.shutdown(wait=False)

    def _anew(self, plan: AsyncIOScheduler) -> AsyncIOScheduler:
        """Rebuild the timetable: its next times may be days away once the clock was put back."""
        log.warning("clock_put_back")
        plan.shutdown(wait=False)
        made = timetable.build(self.jobs)
        made.start()
        return made
