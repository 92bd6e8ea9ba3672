"""The leader looks every minute, whatever the clock of its machine does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from apscheduler.executors import base as executing
from apscheduler.schedulers import base
from apscheduler.triggers import date as once
from apscheduler.triggers import interval

from bot.pipeline import leader as module
from bot.pipeline.deliverer import Deliverer
from bot.pipeline.leader import Leader
from scheduler import jobs as jobs_module
from scheduler import timetable
from scheduler.jobs import Jobs
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import Database
from services.messages.outbox import Outbox
from tests.conversation.conftest import House

AHEAD = [timedelta()]
"""By how much the clock of this machine is ahead."""


class Moved(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.now(tz) + AHEAD[0]


class Looks(Jobs):
    """Jobs that only count. `slow`: tidying up waits for it."""

    def __init__(self, slow: asyncio.Event | None = None) -> None:
        super().__init__(None, lambda: Moved.now(UTC), lambda: None)  # type: ignore[arg-type]
        self.looks = self.tidied = 0
        self.slow, self.ends = slow, list[str]()

    async def look(self) -> None:
        self.looks += 1

    async def recount(self) -> None: ...

    async def resum(self) -> None: ...

    async def tidy(self) -> None:
        self.tidied += 1
        if self.slow is not None:
            try:
                await self.slow.wait()
            finally:
                # As a connection does that is given back.
                await asyncio.sleep(0)
                self.ends.append("tidied")

    async def more(self, count: int) -> None:
        until = self.looks + count
        async with asyncio.timeout(120):
            while self.looks < until:  # noqa: ASYNC110, a count rings no bell
                await asyncio.sleep(0.01)


@contextmanager
def clock_ahead(by: timedelta) -> Iterator[None]:
    AHEAD[0] = by
    yield
    AHEAD[0] = timedelta()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (base, executing, interval, once):
        monkeypatch.setattr(place, "datetime", Moved)
    monkeypatch.setattr(timetable, "EVERY_MINUTE", 0.05)
    monkeypatch.setattr(module, "LOOK", 0.05)


def leading(house: House, database: Database, locks: AdvisoryLocks, jobs: Looks) -> Leader:
    outbox = Outbox(database, house.services.procedure.calendar, house.services.outgoing.escalate)
    deliverer = Deliverer(outbox, None, jobs.now, "w")  # type: ignore[arg-type]
    return Leader("staff", locks, deliverer, jobs)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_clock_put_back_by_days_stops_no_look(
    house: House, database: Database, locks: AdvisoryLocks
) -> None:
    jobs = Looks()
    leader = leading(house, database, locks, jobs)
    with clock_ahead(timedelta(days=3)):
        running = asyncio.create_task(leader.run())
        await jobs.more(3)
    assert jobs.tidied == 1, "also where it is switched off every night"
    await jobs.more(3)
    with clock_ahead(timedelta(minutes=-10)):
        await jobs.more(3)
    await jobs.more(3)
    assert leader.leading
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("patient", [True, False])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_job_has_ended_before_the_database_is_closed(
    house: House,
    database: Database,
    locks: AdvisoryLocks,
    patient: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that ends in time is waited for; one that doesn't is cancelled, and the scheduler logs no
    failure."""
    monkeypatch.setattr(jobs_module, "FINISH_JOBS", 60 if patient else 0)
    slow = asyncio.Event()
    jobs = Looks(slow)
    running = asyncio.create_task(leading(house, database, locks, jobs).run())
    await jobs.more(2)
    assert (jobs.tidied, jobs.ends) == (1, [])
    running.cancel()
    if patient:
        await asyncio.sleep(0)
        slow.set()
    with suppress(asyncio.CancelledError):
        await running
    assert jobs.ends == ["tidied"]
    failures = [line for line in caplog.records if line.levelname == "ERROR"]
    assert not [line for line in failures if line.name.startswith("apscheduler")]
