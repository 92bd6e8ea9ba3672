"""What the timetable calls. Each job asks for what is due at the time it is handed, and ends."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.calendar.office_hours import day_of
from services.casefile.resum import Resum
from services.cases.recalculate import Recount
from services.container import Services
from services.reports.register import forget_content

KEPT = timedelta(days=2)
"""The messenger gives an update again for a day at most."""


FINISH_JOBS = 2.0
"""Seconds that a job gets to end when the process does."""


@dataclass
class Jobs:
    """`written` is called when there are messages to send, `looked` after every look."""

    services: Services
    now: Callable[[], datetime]
    written: Callable[[], None]
    looked: Callable[[], None] = lambda: None
    _running: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _week: str = field(default="", init=False)

    async def tracked(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a job so that `finish` knows of it."""
        task = asyncio.create_task(job())
        self._running.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._running.discard(task)
        # Cancelled by `finish` it says nothing: APScheduler would log that as a failure.
        if not task.cancelled():
            task.result()

    async def finish(self) -> None:
        """Returns when no job runs any more: the database they use is closed next."""
        running = list(self._running)
        if running:
            _, late = await asyncio.wait(running, timeout=FINISH_JOBS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def look(self) -> None:
        """Queue every reminder that is due."""
        now, reports = self.now(), self.services.report_clock
        if reports.exchange is not None:
            await reports.exchange.publish(day_of(now))
            await reports.exchange.publish_guidance()
        fetched = await reports.collect(now)
        # Before the reminders, which go into its message.
        told = await self._weekly(now)
        told += await reports.remind(now) + await self.services.reminders.look(now)
        told += await self.services.inspections.remind(now)
        told += await self.services.duties.remind(now)
        told += await self.services.assigned.remind(now)
        told += await self.services.arrivals.remind(now)
        if fetched or told:
            self.written()
        self.looked()

    async def _weekly(self, now: datetime) -> int:
        """Queue the digests of the week. Remembered, so that not every look of the day asks who
        leads a branch; a process that begins anew queues none twice."""
        week = self.services.weeks.due(now)
        if week in ("", self._week):
            return 0
        told = await self.services.weeks.queue(now)
        self._week = week
        return told

    async def recount(self) -> None:
        """Brings every date to the calendar in use, which is read when the process starts."""
        services = self.services
        await Recount(services.database, services.procedure).run(self.now())

    async def resum(self) -> None:
        """Count every case anew where the rulebooks, read when the process starts, count something
        else than before."""
        await Resum(self.services.database, self.services.procedure).run()

    async def tidy(self) -> None:
        """Delete what is kept for a time: updates that were seen, and the content of reports long
        closed."""
        now, reports = self.now(), self.services.reports
        await self.services.inbox.forget(now - KEPT)
        await forget_content(self.services.database, day_of(now) - reports.retention)
        if reports.exchange is not None:
            await reports.exchange.forget(day_of(now), reports.retention.days)
