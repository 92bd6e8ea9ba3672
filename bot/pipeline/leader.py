"""What one process does for all of them: looking for what is due, and sending it."""

import asyncio
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.pipeline.deliverer import Deliverer
from scheduler import timetable
from scheduler.jobs import Jobs
from services.core.advisory_locks import Turns
from services.core.database import away

LOOK = 2.0
"""Seconds after which a process looks whether the one on duty is still there."""
PUT_BACK = timedelta(minutes=1)
"""By less than this the clock may go back: the next look is then as much later."""

log = structlog.get_logger()


class Duty:
    """The process that holds the turn is on duty until it ends or loses it."""

    def __init__(self, name: str, turns: Turns, deliverer: Deliverer, jobs: Jobs) -> None:
        self.turn, self.turns = f"duty:{name}", turns
        self.deliverer, self.jobs = deliverer, jobs
        self.on = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if await self.turns.take(self.turn):
                    try:
                        await self._serve()
                    finally:
                        await self.turns.leave(self.turn)
            except Exception as error:
                said = "duty_waits" if away(error) else "duty_failed"
                log.error(said, error=type(error).__name__)
            await asyncio.sleep(LOOK)

    async def _serve(self) -> None:
        """Until the turn is lost: then with the error that told so."""
        log.info("on_duty")
        self.on = True
        plan, seen = timetable.build(self.jobs), self.jobs.now()
        sending: asyncio.Task[None] | None = None
        try:
            # What came due meanwhile is written first, so that it goes out in one message.
            await self.jobs.look()
            sending = asyncio.create_task(self.deliverer.run())
            plan.start()
            while not sending.done():
                await asyncio.wait({sending}, timeout=LOOK)
                await self.turns.check()
                before, seen = seen, self.jobs.now()
                if seen < before - PUT_BACK:
                    plan = self._anew(plan)
            sending.result()
        finally:
            self.on = False
            if plan.running:
                plan.shutdown(wait=False)
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    def _anew(self, plan: AsyncIOScheduler) -> AsyncIOScheduler:
        """The times that a timetable waits for may be days away once the clock was put back."""
        log.warning("clock_put_back")
        plan.shutdown(wait=False)
        made = timetable.build(self.jobs)
        made.start()
        return made
