"""When somebody is told: the day's reminders, quiet times, and what can wait for some days."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import select

from domain.calendar.office_hours import USUAL, ZONE, Choice, Wishes
from domain.rulebook.schema import Role
from models import DeadlineRow, OutgoingRow, Preference, Snooze
from services.core.database import Database
from services.core.errors import NotAllowed
from services.core.ports import URGENT
from services.messages.queue import DIGEST
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened
from tests.conversation.test_notifier import deliver_all

__all__ = ["opened"]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


async def looked(house: House, moment: datetime) -> list[OutgoingRow]:
    """What waits for the secretary after a look at a time."""
    house.at = moment
    await house.services.reminders.look(moment)
    async with house.services.database.read() as session:
        statement = select(OutgoingRow).where(
            OutgoingRow.kind == DIGEST, OutgoingRow.state == "new"
        )
        return list((await session.exec(statement)).all())


async def due_on(house: House, day: date) -> None:
    """Every date is to be spoken of on a day."""
    async with house.services.database.write() as session:
        for row in await session.exec(select(DeadlineRow)):
            row.next_look = day
            session.add(row)


async def test_the_time_of_the_reminders_is_chosen_stored_and_kept(
    house: House, opened: Somebody, second: Database
) -> None:
    await first_step(opened)
    said = await opened.says("/settings")
    assert "每个工作日8:30起提醒一次" in said
    assert "✓ 8:30" in opened.choices
    said = await opened.presses("10:00")
    assert "每个工作日10:00起提醒一次" in said
    assert "✓ 10:00" in opened.choices
    async with second.read() as session:
        assert (await session.exec(select(Preference))).one().digest_at == time(10)
    await due_on(house, date(2026, 11, 24))
    (row,) = await looked(house, at(24, 8, 31))
    assert row.not_before == at(24, 10)


async def test_nothing_comes_in_the_quiet_time_and_all_of_it_after(
    house: House, opened: Somebody
) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await other.says("/settings")
    assert "安静时间：12:00–14:30" in await other.presses("12:00–14:30")
    house.at = at(23, 12, 15)
    await first_step(opened)
    async with house.services.database.read() as session:
        (row,) = await session.exec(select(OutgoingRow).where(OutgoingRow.kind == "your_turn"))
    assert row.not_before == at(23, 14, 30)
    assert "安静时间：不设" in await other.presses("不设")
    assert await house.services.preferences.wishes(house.posts["书记辛"]) == Wishes()


async def test_what_was_late_waits_until_the_quiet_time_is_over(
    house: House, opened: Somebody
) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await first_step(opened)
    await other.says("/settings")
    await other.presses("12:00–14:30")
    for moment, told in ((at(23, 12), 0), (at(23, 14, 29), 0), (at(23, 14, 30), 1)):
        claimed = await house.services.outgoing.claim(moment, "w1")
        assert [item.person_id for item in claimed] == [house.posts["书记辛"].person_id] * told


async def test_one_message_a_day_and_what_comes_later_waits_for_the_next(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await due_on(house, date(2026, 11, 24))
    assert len(await looked(house, at(24, 8, 31))) == 1
    await deliver_all(house)
    await due_on(house, date(2026, 11, 24))
    (later,) = await looked(house, at(24, 15))
    assert later.not_before == at(25, 8, 30)
    await due_on(house, date(2026, 11, 24))
    (same,) = await looked(house, at(24, 16))
    assert same.id == later.id


async def test_what_is_overdue_comes_first(house: House, opened: Somebody) -> None:
    await first_step(opened)
    house.pass_days(5)
    await opened.says("开始新的一件")
    await opened.says("李四")
    await opened.presses("登记")
    await first_step(opened)
    async with house.services.database.read() as session:
        rows = (await session.exec(select(DeadlineRow).where(DeadlineRow.step == "2"))).all()
    late = sorted(rows, key=lambda row: row.due_on)
    items = [[row.case_id, row.step, row.limit_id] for row in reversed(late)]
    secretary, today = house.posts["书记丙"], late[0].due_on + timedelta(days=1)
    lines = await house.services.reminders.lines(secretary, {"items": items}, today)
    assert [(line.person, line.deadline.on < today) for line in lines] == [
        ("张三", True),
        ("李四", False),
    ]


async def test_what_presses_takes_along_what_waits_for_tomorrow(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await due_on(house, date(2026, 11, 24))
    await looked(house, at(24, 8, 31))
    await deliver_all(house)
    await due_on(house, date(2026, 11, 24))
    (later,) = await looked(house, at(24, 15))
    async with house.services.database.read() as session:
        due = min(row.due_on for row in await session.exec(select(DeadlineRow)))
    last = datetime.combine(due, time(15, 30), ZONE)
    async with house.services.database.write() as session:
        (await session.get_one(OutgoingRow, later.id)).not_before = last + timedelta(days=1)
    await due_on(house, due)
    (same,) = await looked(house, last)
    assert (same.id, same.not_before, same.priority) == (later.id, last, URGENT)


async def test_a_step_waits_some_days_and_then_is_spoken_of_again(
    house: House, opened: Somebody, second: Database
) -> None:
    await first_step(opened)
    await due_on(house, date(2026, 11, 24))
    await looked(house, at(24, 8, 31))
    await deliver_all(house)
    assert "提醒" in opened.screen.text
    reminder = opened.screen
    asked = await opened.presses("过几天再说")
    assert "几天后再提醒您" in asked
    assert opened.choices == ["1天后", "3天后", "7天后", "看这一件", "待办"]
    assert "11月27日再提醒您" in await opened.presses("3天后")
    assert opened.screen.text == "好的，11月27日再提醒您。"
    assert opened.choices == ["看这一件", "待办"]
    assert reminder.message_id in opened.chat
    async with second.read() as session:
        assert (await session.exec(select(Snooze))).one().until == date(2026, 11, 27)
    await due_on(house, date(2026, 11, 25))
    assert await looked(house, at(25, 8, 31)) == []
    assert await house.services.reminders.next_moment(house.at) == at(27, 8, 30)
    assert len(await looked(house, at(27, 8, 31))) == 1
    await deliver_all(house)
    assert "派人谈话" in opened.screen.text
    async with second.read() as session:
        assert (await session.exec(select(Snooze))).all() == []


async def test_others_hear_of_it_while_one_doesnt_want_to(house: House, opened: Somebody) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await first_step(opened)
    card = (await house.services.cases.search(house.posts["书记丙"], house.at.date())).lines[0]
    act, secretary = house.act(), house.posts["书记丙"]
    assert await house.services.preferences.snooze(act, secretary, card.case_id, "2", 3)
    await due_on(house, date(2026, 11, 24))
    (row,) = await looked(house, at(24, 8, 31))
    assert row.person_id == house.posts["书记辛"].person_id
    await deliver_all(house)
    assert "派人谈话" in other.screen.text


async def test_it_never_waits_past_its_day(house: House, opened: Somebody) -> None:
    await first_step(opened)
    secretary, preferences = house.posts["书记丙"], house.services.preferences
    case = (await house.services.cases.search(secretary, house.at.date())).lines[0].case_id
    async with house.services.database.read() as session:
        rows = (await session.exec(select(DeadlineRow).where(DeadlineRow.step == "2"))).all()
    due = min(row.due_on for row in rows)
    for left, days in ((8, (1, 3, 7)), (3, (1, 3)), (0, ()), (-1, (1,))):
        house.at = datetime.combine(due - timedelta(days=left), time(10), ZONE)
        waits = await preferences.waits(secretary, case, "2", house.at.date())
        assert waits.days == days
        for wrong in {1, 2, 3, 7, 0, -1} - set(days):
            with pytest.raises(NotAllowed):
                await preferences.snooze(house.act(), secretary, case, "2", wrong)


async def test_a_reminder_that_was_pressed_too_late_is_said_to_be_over(
    house: House, opened: Somebody, other_secretary: Somebody
) -> None:
    await first_step(opened)
    case = (
        (await house.services.cases.search(house.posts["书记丙"], house.at.date())).lines[0].case_id
    )
    for data in (f"z:{case}:1:0", f"z:{case}:1:3", f"z:{case}:2:5", "z:none:2:3"):
        assert "几天后" not in await opened.presses_again(opened.screen.message_id, data)
    for data in (f"z:{case}:2:0", f"z:{case}:2:3"):
        said = await other_secretary.presses_again(1, data)
        assert "张三" not in said
        assert "提醒您" not in said
    async with house.services.database.read() as session:
        assert (await session.exec(select(Snooze))).all() == []


async def test_only_what_the_organisation_allows_can_be_wished(
    house: House, opened: Somebody
) -> None:
    preferences, secretary = house.services.preferences, house.posts["书记丙"]
    for wishes in (Wishes(time(7)), Wishes(quiet=(time(8, 30), time(18))), Wishes(time(22))):
        with pytest.raises(NotAllowed):
            await preferences.set_wishes(house.act(), secretary, wishes)
    for data in ("j:420", "y:0:1439", "j:99999", "y:600:600"):
        await opened.presses_again(opened.screen.message_id, data)
    assert await preferences.wishes(secretary) == Wishes()
    allowed = [Wishes(at, quiet) for at in USUAL.digest for quiet in USUAL.quiet]
    for wishes in allowed:
        assert await preferences.set_wishes(house.act(), secretary, wishes) == wishes
    assert len(allowed) == 12


async def test_an_organisation_offers_its_own_times(
    house: House, opened: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences, secretary = house.services.preferences, house.posts["书记丙"]
    own = replace(preferences.procedure.current, wishes=Choice((time(8, 30), time(15)), (None,)))
    monkeypatch.setattr(preferences, "procedure", replace(preferences.procedure, current=own))
    await opened.says("/settings")
    assert opened.choices[:2] == ["✓ 8:30", "15:00"]
    assert "12:00–14:30" not in opened.choices
    assert "每个工作日15:00起提醒一次" in await opened.presses("15:00")
    with pytest.raises(NotAllowed):
        await preferences.set_wishes(house.act(), secretary, Wishes(time(9)))
    assert await preferences.wishes(secretary) == Wishes(time(15))
