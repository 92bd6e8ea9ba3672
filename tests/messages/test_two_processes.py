"""What the messenger or a person says to one process holds for the other (docs/promises.md Q5)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.app.clock import BEGAN, SystemClock
from bot.app.settings import Settings
from bot.pipeline import limiter as module
from bot.pipeline.limiter import FloodWaits, Limiter, LimitRequests, Limits
from bot.processes.staff import make_bot
from domain.calendar.office_hours import Wishes
from services.container import build_services
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def process_of(database: Database, house: House) -> tuple[FloodWaits, Limiter]:
    services = build_services(database, house.services.procedure)
    flood_waits = FloodWaits(services.outgoing, lambda: NOW)
    return flood_waits, Limiter(Limits(overall=1000, chat=1000), flood_waits.store)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_wait_asked_of_one_process_is_kept_by_the_other(
    house: House, database: Database, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK", 0.01)
    one, limiter = process_of(database, house)
    other, other_limiter = process_of(second, house)
    running = asyncio.create_task(other.run(other_limiter))
    await limiter.flood_wait(7, 300)
    await one.store(None, 200)
    async with asyncio.timeout(120):
        while other_limiter.wait(8) < 100:  # noqa: ASYNC110, a limiter rings no bell
            await asyncio.sleep(0.01)
    assert 200 < other_limiter.wait(7) <= 300
    assert 100 < other_limiter.wait(8) <= 200
    assert not running.done()
    running.cancel()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_one_file_nobody_else_is_listened_to(house: House, database: Database) -> None:
    one, limiter = process_of(database, house)
    running = asyncio.create_task(one.run(limiter))
    await house.services.outgoing.pause(7, NOW + timedelta(hours=1))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(running, 0.05)
    assert limiter.wait(7) < 2
    await one.load(limiter)
    assert limiter.wait(7) > 3000


async def test_a_process_that_begins_keeps_the_wait_that_the_one_before_was_asked_for(
    house: House, tmp_path: Path
) -> None:
    given = Settings.model_validate({"data": tmp_path, "staff_token": "42:TEST"})
    hour = SystemClock().now() + timedelta(hours=1)
    await house.services.outgoing.pause(7, hour)
    bot, limiter, _, _ = await make_bot(given, house.services)
    assert limiter.wait(7) > 3000
    assert limiter.wait(8) < 2
    assert limiter.begun == BEGAN
    await house.services.outgoing.pause(None, hour)
    again, limiter, _, _ = await make_bot(given, house.services)
    assert limiter.wait(8) > 3000
    for one in (bot, again):
        await one.session.close()


async def test_on_one_file_a_process_has_the_whole_limit_and_asks_nobody(
    house: House, tmp_path: Path
) -> None:
    given = Settings.model_validate({"data": tmp_path, "staff_token": "42:TEST"})
    bot, limiter, _, share = await make_bot(given, house.services)
    try:
        assert share.shared is house.services.database.shared
        # Where others may run, nothing before a lease was taken.
        assert limiter.overall.most == (0 if share.shared else 30)
        [limits] = [m for m in bot.session.middleware._middlewares if isinstance(m, LimitRequests)]
        assert limits.limiter is limiter
    finally:
        await bot.session.close()


async def test_what_a_person_sets_in_one_process_holds_in_the_other(
    house: House, secretary: Somebody, second: Database
) -> None:
    elsewhere = build_services(second, house.services.procedure)
    actor = house.posts["书记丙"]
    assert await elsewhere.preferences.wishes(actor) == Wishes()
    wanted = replace(Wishes(), digest=time(14))
    await house.services.preferences.set_wishes(house.act(), actor, wanted)
    assert await elsewhere.preferences.wishes(actor) == wanted
