"""The leader looks every minute, whatever the clock of its machine does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from apscheduler.executors import base as executing
from apscheduler.schedulers import base
from apscheduler.triggers import date as once
from apscheduler.triggers import interval

from bot.pipeline import leader as module
from bot.pipeline.deliverer import Deliverer
from bot.pipeline.leader import Leader
from scheduler import timetable
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


@dataclass
class Looks:
    """Jobs that only count."""

    looks: int = 0
    tidied: int = 0

    def now(self) -> datetime:
        return Moved.now(UTC)

    async def look(self) -> None:
        self.looks += 1

    async def recount(self) -> None: ...

    async def tidy(self) -> None:
        self.tidied += 1

    async def more(self, count: int) -> None:
        until = self.looks + count
        async with asyncio.timeout(60):
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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_clock_put_back_by_days_stops_no_look(
    house: House, database: Database, locks: AdvisoryLocks
) -> None:
    jobs, outbox = (
        Looks(),
        Outbox(database, house.services.procedure.calendar, house.services.outgoing.escalate),
    )
    deliverer = Deliverer(outbox, None, jobs.now, "w")  # type: ignore[arg-type]
    leader = Leader("staff", locks, deliverer, jobs)  # type: ignore[arg-type]
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
