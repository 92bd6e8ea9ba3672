"""What the messenger or a person says to one process holds for the other (docs/promises.md Q5)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.app.clock import SystemClock
from bot.app.settings import Settings
from bot.app.staff import make_bot
from bot.pipeline import flood_waits as module
from bot.pipeline.flood_waits import Silences
from bot.pipeline.limiter import Limiter, LimitRequests, Limits
from domain.calendar.office_hours import Wishes
from services.container import build_services
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def silences_of(database: Database, house: House) -> Silences:
    services = build_services(database, house.services.procedure)
    return Silences(services.outgoing, Limiter(Limits(overall=1000, chat=1000)), lambda: NOW)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_silence_asked_of_one_process_is_kept_by_the_other(
    house: House, database: Database, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK", 0.01)
    one, other = silences_of(database, house), silences_of(second, house)
    running = asyncio.create_task(other.run())
    await one.limiter.hush(7, 300)
    await one.keep(None, 200)
    async with asyncio.timeout(60):
        while other.limiter.wait(8) < 100:  # noqa: ASYNC110, a limiter rings no bell
            await asyncio.sleep(0.01)
    assert 200 < other.limiter.wait(7) <= 300
    assert 100 < other.limiter.wait(8) <= 200
    assert not running.done()
    running.cancel()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_one_file_nobody_else_is_listened_to(house: House, database: Database) -> None:
    one = silences_of(database, house)
    running = asyncio.create_task(one.run())
    await house.services.outgoing.pause(7, NOW + timedelta(hours=1))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(running, 0.05)
    assert one.limiter.wait(7) < 2
    await one.take_over()
    assert one.limiter.wait(7) > 3000


async def test_a_process_that_begins_keeps_the_silence_that_the_one_before_was_asked_for(
    house: House, tmp_path: Path
) -> None:
    given = Settings.model_validate({"data": tmp_path, "staff_token": "42:TEST"})
    hour = SystemClock().now() + timedelta(hours=1)
    await house.services.outgoing.pause(7, hour)
    bot, silences = await make_bot(given, house.services)
    assert silences.limiter.wait(7) > 3000
    assert silences.limiter.wait(8) < 2
    await house.services.outgoing.pause(None, hour)
    again, silences = await make_bot(given, house.services)
    assert silences.limiter.wait(8) > 3000
    for one in (bot, again):
        await one.session.close()


@pytest.mark.parametrize(("processes", "share"), [(1, 30), (2, 15), (4, 7), (30, 1)])
async def test_each_process_keeps_to_its_share(
    house: House, tmp_path: Path, processes: int, share: int
) -> None:
    given = {"data": tmp_path, "staff_token": "42:TEST", "staff_processes": processes}
    bot, silences = await make_bot(Settings.model_validate(given), house.services)
    try:
        assert silences.limiter.overall.most == share
        [limits] = [m for m in bot.session.middleware._middlewares if isinstance(m, LimitRequests)]
        assert limits.limiter is silences.limiter
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
