"""The yearly report (N38): committee and department are told of it and tick it; nothing comes by
the quarter."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import select

from domain.calendar.office_hours import ZONE
from domain.duties import by, open_year, rung
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role
from handlers.staff.messages.notifier import Notifier
from models import DutyRow
from services.core.database import Database
from services.core.errors import NotAllowed
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

REPORT = "yearly_report"
(DUTY,) = load("national_2026").duties


def at(day: date) -> datetime:
    return datetime.combine(day, time(10), ZONE)


@pytest.mark.rule("yearly_report", "yearly_report_day", "yearly_not_quarterly")
@pytest.mark.parametrize(
    ("today", "year", "reached"),
    [
        (date(2026, 11, 30), 2025, -30),
        (date(2026, 12, 1), 2026, 30),
        (date(2026, 12, 30), 2026, 1),
        (date(2026, 12, 31), 2026, 0),
        (date(2027, 1, 1), 2026, 0),
        (date(2027, 1, 7), 2026, -7),
        (date(2027, 11, 30), 2026, -30),
        (date(2027, 12, 1), 2027, 30),
    ],
)
def test_a_years_report_is_open_from_the_first_reminder_to_that_of_the_next(
    today: date, year: int, reached: int
) -> None:
    assert (DUTY.id, DUTY.source, DUTY.day_source) == (REPORT, "N38", "P")
    assert by(DUTY, 2026) == date(2026, 12, 31)
    assert open_year(DUTY, today) == year
    assert rung(DUTY, year, today) == reached
    assert rung(DUTY, 2027, date(2027, 11, 30)) is None


@pytest.mark.rule("yearly_report")
async def test_it_is_told_and_ticked(
    house: House, committee: Somebody, director: Somebody, second: Database
) -> None:
    duties, posts = house.services.duties, house.posts
    organiser = await house.join(posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600)
    house.at = at(date(2026, 11, 30))
    assert await duties.remind(house.at) == 0
    assert "年度发展党员工作报告" not in await committee.says("待办")
    house.at = at(date(2026, 12, 1))
    assert await duties.remind(house.at) == 2
    assert await duties.remind(house.at) == 0
    notifier = Notifier(house.line.bot, house.services, house.now)
    for message in await house.services.outgoing.claim(house.now(), "w"):
        await notifier.deliver(message)
    for person in (committee, organiser):
        assert "2026年：年度发展党员工作报告" in person.screen.text
        assert "《细则》第38条" in person.screen.text
        assert "建议2026年12月31日前办完（通行做法）" in person.screen.text
    said = await committee.says("待办")
    assert "2026年：年度发展党员工作报告 · 第一党委 · 还有30天" in said
    await committee.presses("1. 年度报告 · 登记")
    said = await committee.presses("已经办了")
    assert "已登记" in said
    assert "2026年12月1日已办" in said
    assert "年度发展党员工作报告" not in await committee.says("待办")
    assert "年度发展党员工作报告" in await organiser.says("待办")
    async with second.read() as session:
        (row,) = (await session.exec(select(DutyRow))).all()
        assert (row.duty, row.year, row.done_by) == (REPORT, 2026, posts["委员乙"].person_id)
    house.at = at(date(2026, 12, 24))
    assert await duties.remind(house.at) == 1


async def test_ticked_twice_it_stands_once_and_who_may_not(
    house: House, committee: Somebody, secretary: Somebody, second: Database
) -> None:
    duties, posts = house.services.duties, house.posts
    house.at = at(date(2026, 12, 2))
    place = house.places["第一党委"]
    first = await duties.tick(house.act(), posts["委员乙"], REPORT, place)
    house.at += timedelta(days=1)
    again = await duties.tick(house.act(), posts["委员乙"], REPORT, place)
    assert first.done_on == again.done_on == date(2026, 12, 2)
    for who, what, where in (
        ("书记丙", REPORT, place),
        ("委员乙", REPORT, house.places["组织部"]),
        ("委员乙", "made_up", place),
    ):
        with pytest.raises(NotAllowed):
            await duties.tick(house.act(), posts[who], what, where)
    house.at = at(date(2026, 11, 23))
    with pytest.raises(NotAllowed):
        await duties.tick(house.act(), posts["委员乙"], REPORT, place)
    async with second.read() as session:
        assert len((await session.exec(select(DutyRow))).all()) == 1
