"""When the plan of holidays changes, every date is counted anew, once."""

from dataclasses import replace
from datetime import date, timedelta

from sqlmodel import select

from bot.cast import Play
from domain.calendar import WorkCalendar, days_between
from models import DeadlineRow
from services.base import Database
from services.recounting import recount
from tests.ops.conftest import BRANCH, PERSON, Lived, live_in


async def dates(lived: Lived, case: str) -> dict[tuple[str, str], DeadlineRow]:
    async with lived.services.database.read() as session:
        rows = await session.exec(select(DeadlineRow).where(DeadlineRow.case_id == case))
        return {(row.step, row.limit_id): row for row in rows}


async def test_dates_are_counted_with_the_new_plan_and_todays_word_is_still_said(
    database: Database,
) -> None:
    lived = await live_in(database, at="3")
    talk = {"name": PERSON, "branch": BRANCH, "at": "2", "days": 12}
    case = await Play(lived.cast, talk).lead()
    before = await dates(lived, case)
    day = min(row.due_on for row in before.values()) - timedelta(days=7)
    async with database.write() as session:
        for row in await session.exec(select(DeadlineRow).where(DeadlineRow.case_id == case)):
            row.due_on, row.next_look = day + timedelta(days=400), None
            session.add(row)
    procedure = lived.services.procedure
    assert await recount(database, procedure, day) == 0
    closed = dict.fromkeys(days_between(day, date(day.year, 12, 31)), False)
    changed = replace(procedure, calendar=WorkCalendar(closed))
    assert await recount(database, changed, day) == 1
    after = await dates(lived, case)
    assert {key: row.due_on for key, row in after.items()} == {
        key: row.due_on for key, row in before.items()
    }
    assert {row.calendar_version for row in after.values()} == {changed.calendar.version}
    assert min(row.next_look for row in after.values() if row.next_look) == day
    assert await recount(database, changed, day) == 0
