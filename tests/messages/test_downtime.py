"""Late, never dropped: an hour, a day, a week without the process (docs/promises.md Q4, Q6)."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import select

import services.core.database
from bot.pipeline.deliverer import Deliverer
from domain.rulebook.schema import Role
from handlers.staff.messages.notifier import Notifier
from models import DeadlineRow, OutgoingRow
from services.core.database import Database
from services.reminders import digests as digests_of
from services.reminders import reminders
from tests.conftest import on_both, on_sqlite
from tests.conversation.conftest import House, database_url
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step

__all__ = ["database_url"]

CASES = 3


async def look(house: House) -> int:
    return await house.services.reminders.look(house.at)


async def send(house: House) -> None:
    notifier = Notifier(house.line.bot, house.services, house.now)
    deliverer = Deliverer(house.services.outgoing, notifier, house.now, "w")
    while await deliverer.round():
        pass


async def digests(database: Database) -> list[OutgoingRow]:
    async with database.read() as session:
        statement = select(OutgoingRow).where(OutgoingRow.kind == "digest")
        return list((await session.exec(statement)).all())


@pytest.fixture
async def waiting(house: House, opened: Somebody) -> Somebody:
    """A secretary with three cases, each of which has to go on within a month."""
    await house.said_once("waiting", partial(_waits, house, opened))
    opened.chat.clear()
    return opened


async def _waits(house: House, opened: Somebody) -> None:
    await first_step(opened)
    for name in ("李四", "王五"):
        await opened.says("开始新的一件")
        await opened.says(name)
        await opened.presses("登记")
        await first_step(opened)
    await send(house)
    async with house.services.database.write() as session:
        for row in await session.exec(select(DeadlineRow).where(DeadlineRow.step == "2")):
            row.ladder, row.next_look = (7, 1, 0, -1, -7), row.due_on - timedelta(days=7)


def morning(house: House, day: int, hour: int = 9) -> datetime:
    """A day of December 2026 in Shanghai."""
    return house.at.replace(month=12, day=day, hour=hour, minute=0)


@pytest.mark.parametrize("away", [timedelta(hours=1), timedelta(days=1), timedelta(days=7)])
@on_sqlite
async def test_what_came_due_meanwhile_is_told_in_one_message(
    house: House, waiting: Somebody, second: Database, away: timedelta
) -> None:
    house.at = morning(house, 21) + away
    assert await look(house) == CASES
    assert await look(house) == 0
    await send(house)
    [row] = await digests(second)
    assert row.state == "sent"
    assert len(waiting.chat) == 1
    for name in ("张三", "李四", "王五"):
        assert name in waiting.screen.text


@on_sqlite
async def test_a_message_that_was_not_sent_before_the_pause_takes_up_what_came_since(
    house: House, waiting: Somebody, second: Database
) -> None:
    house.at = morning(house, 21)
    assert await look(house) == CASES
    house.at += timedelta(days=7)
    await look(house)
    await send(house)
    [row] = await digests(second)
    assert row.state == "sent"
    assert len(waiting.chat) == 1


@on_sqlite
async def test_outside_the_hours_it_waits_for_the_morning(
    house: House, waiting: Somebody, second: Database
) -> None:
    for hour in (3, 8, 18, 23):
        house.at = morning(house, 21, hour)
        assert await look(house) == 0
    house.at = morning(house, 20)
    assert await look(house) == 0
    house.at = morning(house, 22)
    assert await look(house) == CASES
    assert len(await digests(second)) == 1


@on_both
async def test_a_crash_between_looking_and_sending_loses_and_repeats_nothing(
    house: House, waiting: Somebody, second: Database
) -> None:
    house.at = morning(house, 21)
    assert await look(house) == CASES
    await house.services.outgoing.claim(house.at, "dead")
    house.at += timedelta(minutes=5)
    assert await look(house) == 0
    await send(house)
    [row] = await digests(second)
    assert (row.state, row.repeats) == ("sent", 1)
    assert len(waiting.chat) == 1


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """One case a commit, each of which fills a row."""
    monkeypatch.setattr(reminders, "CASES_AT_ONCE", 1)
    monkeypatch.setattr(digests_of, "LONG", 1)


@on_both
async def test_a_digest_of_several_rows_is_one_message_and_comes_again_whole(
    house: House, waiting: Somebody, second: Database, short: None
) -> None:
    house.at = morning(house, 21)
    assert await look(house) == CASES
    assert [len(row.payload["items"]) for row in await digests(second)] == [1] * CASES
    messages = await house.services.outgoing.claim(house.at, "dead")
    [claimed] = [one for one in messages if one.kind == "digest"]
    assert len(claimed.payload["items"]) == CASES
    assert sorted(claimed.ids) == sorted(row.id for row in await digests(second))
    house.at += timedelta(minutes=5)
    await send(house)
    rows = await digests(second)
    assert [(row.state, row.repeats, row.merged) for row in rows] == [("sent", 1, False)] * CASES
    assert len({row.message_id for row in rows}) == len(waiting.chat) == 1
    for name in ("张三", "李四", "王五"):
        assert waiting.screen.text.count(name) == 1
    assert await look(house) == 0


@on_both
async def test_a_row_that_presses_takes_the_whole_digest_with_it(
    house: House, waiting: Somebody, second: Database, short: None
) -> None:
    """A digest that was put off until tomorrow goes out today with what can't wait."""
    house.at = morning(house, 21)
    async with house.services.database.write() as session:
        first = (await session.exec(select(DeadlineRow.case_id).limit(1))).one()
        for row in await session.exec(select(DeadlineRow).where(DeadlineRow.case_id != first)):
            row.next_look = None
    assert await look(house) == 1
    async with house.services.database.write() as session:
        for digest in await session.exec(select(OutgoingRow).where(OutgoingRow.kind == "digest")):
            digest.not_before += timedelta(days=1)
        for row in await session.exec(select(DeadlineRow).where(DeadlineRow.case_id != first)):
            row.next_look = house.at.date() if row.step == "2" else None
    assert await look(house) == CASES - 1
    await send(house)
    rows = await digests(second)
    assert [row.state for row in rows] == ["sent"] * CASES
    assert len({row.message_id for row in rows}) == len(waiting.chat) == 1


@on_both
async def test_a_look_that_breaks_off_between_two_rows_goes_on_with_the_rest(
    house: House,
    waiting: Somebody,
    second: Database,
    short: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house.at, commits = morning(house, 21), list[str]()

    def cut(point: str) -> None:
        commits.append(point)
        if commits.count("write.before") == 2:
            raise OSError("the power is gone")

    with monkeypatch.context() as fault:
        fault.setattr(services.core.database, "failpoint", cut)
        with pytest.raises(OSError, match="power"):
            await look(house)
    assert len(await digests(second)) == 1
    assert await look(house) == CASES - 1
    await send(house)
    assert len(waiting.chat) == 1
    for name in ("张三", "李四", "王五"):
        assert waiting.screen.text.count(name) == 1


@on_sqlite
async def test_a_clock_put_back_repeats_no_reminder(
    house: House, waiting: Somebody, second: Database
) -> None:
    house.at = morning(house, 21)
    assert await look(house) == CASES
    await send(house)
    house.at = morning(house, 15)
    assert await look(house) == 0
    house.at = morning(house, 21)
    assert await look(house) == 0
    assert len(await digests(second)) == 1


@on_sqlite
async def test_a_gap_of_more_than_a_day_is_told_to_everybody_once(
    house: House, waiting: Somebody, second: Database
) -> None:
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第二支部", "书记戊", 500)
    gaps = house.services.gaps
    assert await gaps.heard("staff", house.at) is None
    assert await gaps.heard("staff", house.at + timedelta(hours=23)) is None
    house.at += timedelta(hours=23 + 49)
    assert await gaps.heard("staff", house.at) == timedelta(hours=49)
    assert await gaps.heard("staff", house.at) is None
    await send(house)
    async with second.read() as session:
        found = await session.exec(select(OutgoingRow).where(OutgoingRow.kind == "gap"))
        told = Counter(row.person_id for row in found)
    assert len(told) == 4
    assert set(told.values()) == {1}
    assert "停了49小时" in waiting.screen.text
    assert "停了49小时" in house.somebody(500).screen.text
