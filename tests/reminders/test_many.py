"""Many cases that wait for one person, or come due on one day: they are read together, and those
that nobody has changed aren't read again."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from benchmarks.statements import statements_of
from domain.calendar.office_hours import day_of
from models import DeadlineRow, OutgoingRow
from services.todo.todo import Todo
from tests.cases.cases import answers_to
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_todo import open_cases

FEW, MANY = 3, 12


@pytest.fixture
def asked(house: House) -> list[str]:
    """The statements that are run."""
    return statements_of(house.services.database)


async def test_a_list_of_many_tasks_takes_as_many_statements_as_one_of_few(
    house: House, secretary: Somebody, asked: list[str]
) -> None:
    todo, who, today = house.services.todo, house.posts["书记丙"], day_of(house.at)
    await open_cases(house, FEW)
    asked.clear()
    first = await todo.items(who, today)
    few = len(asked)
    await open_cases(house, MANY - FEW)
    todo = Todo(house.services.database, house.services.procedure)
    asked.clear()
    assert len(await todo.items(who, today)) == len(first) + MANY - FEW
    assert len(asked) <= few
    # Unchanged, no case is read; of a case that was changed by another process only that one.
    asked.clear()
    before = await todo.items(who, today)
    assert not [one for one in asked if "FROM entry" in one]
    await open_cases(house, 1)
    assert len(await todo.items(who, today)) == len(before) + 1
    gone = [one.case_id for one in before if one.step]
    assert await house.services.cases.undo(house.act(), who, gone[0])
    assert gone[0] not in {one.case_id for one in await todo.items(who, today)}
    later = await todo.items(who, today + timedelta(days=1))
    assert [one.case_id for one in later] == [one.case_id for one in later if one.step]


async def test_many_that_come_due_are_told_with_few_statements(
    house: House, secretary: Somebody, asked: list[str]
) -> None:
    who, today = house.posts["书记丙"], day_of(house.at)
    await open_cases(house, MANY)
    answers = answers_to("1", day_of(house.at))
    for item in await house.services.todo.items(who, day_of(house.at)):
        await house.services.steps.record(house.act(), who, item.case_id, "1", answers)
    async with house.services.database.write() as session:
        for row in (await session.exec(select(DeadlineRow))).all():
            row.next_look = today
    asked.clear()
    assert await house.services.reminders.look(house.at) >= MANY
    assert len(asked) < 4 * MANY
    async with house.services.database.read() as session:
        told = select(OutgoingRow).where(col(OutgoingRow.kind) == "digest")
        [digest] = (await session.exec(told)).all()
    items = digest.payload["items"]
    assert len(items) == MANY
    # Before it is sent it is read anew: many lines with as many statements as few.
    reminders = house.services.reminders
    asked.clear()
    assert len(await reminders.lines(who, {"items": items[:FEW]}, today)) == FEW
    few = len(asked)
    asked.clear()
    lines = await reminders.lines(who, digest.payload, today)
    assert {one.case_id for one in lines} == {case_id for case_id, *_ in items}
    assert len(asked) == few
    assert await house.services.reminders.look(house.at) == 0
