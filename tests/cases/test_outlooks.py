"""What is open in a case is read from its outlook only where that follows from its rows as they are
now; else the case is read, and everybody sees the same."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlmodel import select as select_row
from sqlmodel.ext.asyncio.session import AsyncSession

import services.casefile.outlooks as outlooks
from benchmarks.statements import statements_of
from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import day_of
from domain.case.facts import Deadline
from domain.case.outlook import outlook_of
from domain.case.progress import assess, dates_of
from domain.case.replay import fold_of
from domain.states import EndReason
from models import EntryRow, OutlookRow, PostRow, Signature
from services.casefile.load import LoadedCase, load_sound
from services.casefile.outlooks import OutlinedCase, differing, keep, outlined_of_many
from services.casefile.procedure import Procedure
from services.container import build_services
from services.core.database import Database
from services.todo.views import TodoItem
from tests.casefile.test_no_date_moves import QUICK, REFUSED, Everybody, everybody
from tests.cases.conftest import Lead
from tests.chance import examples
from tests.conftest import on_both
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.domain.test_other_calendars import other

__all__ = ["everybody"]
TABLE = OutlookRow.__table__  # type: ignore[attr-defined]


def seen(case: OutlinedCase | None) -> Any:
    """What a list is told of a case."""
    assert case is not None
    rows = {step: (entry, len(signed)) for step, (entry, signed) in case.waiting.items()}
    return case.pending, rows, case.person, [person.id for _, person in case.helpers]


async def whole(session: AsyncSession, case_id: str, procedure: Procedure) -> LoadedCase:
    loaded = await load_sound(session, case_id, procedure)
    assert loaded is not None
    return loaded


async def of(
    database: Database, case_id: str, procedure: Procedure, today: date
) -> tuple[Any, bool]:
    """What a list is told, and whether the case had to be read for it."""
    async with database.read() as session:
        found, fresh = await outlined_of_many(session, [case_id], procedure, today)
        return seen(found.get(case_id)), case_id in fresh


async def as_entered(
    database: Database, case_id: str, procedure: Procedure, today: date
) -> tuple[Any, ...]:
    """The same from the entries alone."""
    async with database.read() as session:
        loaded = await whole(session, case_id, procedure)
        open_now = assess(loaded.book, loaded.facts, today, procedure.calendar).open
        return tuple((i.step, i.possible, i.deadlines, i.waits_for, i.turn) for i in open_now)


def told(outlined: Any) -> tuple[Any, ...]:
    return tuple((i.step, i.possible, i.deadlines, i.waits_for, i.turn) for i in outlined[0])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@examples(3, 20, phases=QUICK)
@given(chance=st.randoms(use_true_random=False), acts=st.integers(5, 30))
async def test_after_any_acts_it_says_what_the_entries_say_on_every_day_until_it_ends(
    everybody: Everybody, second: Database, chance: Random, acts: int
) -> None:
    await everybody.begin(chance)
    procedure, counted = everybody.services.procedure, 0
    for _ in range(acts):
        with suppress(REFUSED):
            await everybody.tries()
        today = day_of(everybody.at)
        outlined, anew = await of(second, everybody.case, procedure, today)
        entered = await as_entered(second, everybody.case, procedure, today)
        assert told(outlined) == entered
        counted += not anew
        everybody.at += timedelta(days=everybody.chance.randint(0, 40))
    assert counted
    async with second.read() as session:
        loaded = await whole(session, everybody.case, procedure)
        fold = fold_of(loaded.book, loaded.facts, procedure.calendar)
        progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
        outlook = outlook_of(fold, progress, today)
        days = [today + timedelta(days=number) for number in range(0, 500, 3)]
        days += [outlook.until - timedelta(days=1)] if outlook.until else []
        for day in filter(outlook.holds_on, days):
            open_then = assess(loaded.book, loaded.facts, day, procedure.calendar).open
            assert [(i.step.id, i.possible, i.deadlines) for i in outlook.open_on(day)] == [
                (i.step.id, i.possible, i.deadlines) for i in open_then
            ]
        assert await differing(session, [everybody.case], procedure) == []
        for _ in range(5):
            plan = other(chance, today)
            by_plan = Procedure(procedure.current, procedure.find, plan)
            [(_, dates)] = (
                await outlooks.dates_of_many(session, [everybody.case], by_plan)
            ).values()
            assert dates == dates_of(loaded.book, loaded.facts, plan)
            assert await differing(session, [everybody.case], by_plan) == []


async def row_of(database: Database, case_id: str) -> bytes | None:
    async with database.engine.connect() as connection:
        here = select(TABLE.c.outlook_sealed).where(TABLE.c.id == case_id)
        return (await connection.execute(here)).scalar()


async def by_hand(database: Database, statement: Any) -> None:
    async with database.engine.execution_options(yinlu_write=True).begin() as connection:
        await connection.execute(statement)


@on_both
async def test_every_act_leaves_one_that_another_process_reads(
    lead: Lead, second: Database
) -> None:
    await lead.to("6")
    services, today = lead.house.services, lead.today
    asked = statements_of(second)
    outlined, anew = await of(second, lead.case, services.procedure, today)
    assert not anew
    assert not [one for one in asked if "FROM entry" in one]
    entered = await as_entered(second, lead.case, services.procedure, today)
    assert told(outlined) == entered
    assert entered


@on_both
@pytest.mark.parametrize("edit", ["gone", "garbage", "older", "of another case", "forged"])
async def test_one_that_was_changed_by_hand_says_nothing(
    lead: Lead, second: Database, edit: str
) -> None:
    services, house = lead.house.services, lead.house
    await lead.to("3")
    older = await row_of(second, lead.case)
    await lead.to("6")
    card = await services.cases.open(
        house.act(), house.posts["书记丙"], "李四", house.places["第一支部"]
    )
    other, right = await row_of(second, card.case_id), await row_of(second, lead.case)
    assert older != right
    before = await as_entered(second, lead.case, services.procedure, lead.today)
    here = TABLE.c.id == lead.case
    statements: dict[str, Any] = {
        "gone": delete(TABLE).where(here),
        "garbage": update(TABLE).where(here).values(outlook_sealed=b"{}"),
        "older": update(TABLE).where(here).values(outlook_sealed=older),
        "of another case": update(TABLE).where(here).values(outlook_sealed=other),
        "forged": update(TABLE).where(here).values(outlook_sealed=(right or b"")[:-1] + b"\0"),
    }
    await by_hand(second, statements[edit])
    outlined, anew = await of(second, lead.case, services.procedure, lead.today)
    assert anew
    assert told(outlined) == before
    # Whoever looks at a list leaves it right.
    actor = house.posts["书记丙"]
    items = await build_services(second, services.procedure).todo.items(actor, lead.today)
    assert lead.case in {item.case_id for item in items}
    assert (await of(second, lead.case, services.procedure, lead.today))[1] is False


async def test_another_text_or_program_or_day_has_the_case_read(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("6")
    database, here = lead.house.services.database, lead.house.services.procedure
    today = lead.today
    assert (await of(database, lead.case, here, today))[1] is False
    book = replace(here.current, date_check=replace(here.current.date_check, most_on_one_day=99))
    other_text = Procedure(book, lambda _: book, here.calendar)
    assert (await of(database, lead.case, other_text, today))[1] is True
    assert (await of(database, lead.case, here, today - timedelta(days=1)))[1] is True
    monkeypatch.setattr(outlooks, "_program", lambda: "another release")
    assert (await of(database, lead.case, here, today))[1] is True


@on_both
async def test_another_calendar_has_the_case_read_only_where_it_moves_a_day_of_it(
    lead: Lead, second: Database
) -> None:
    await lead.to("8b")
    here, today = lead.house.services.procedure, lead.today
    async with second.read() as session:
        loaded = await whole(session, lead.case, here)
        _, fresh = await outlined_of_many(session, [lead.case], here, today)
    # On this day the notice is over, which has the case read once whatever the calendar says.
    await keep(second, fresh)
    progress = assess(loaded.book, loaded.facts, today, here.calendar)
    asked = outlook_of(fold_of(loaded.book, loaded.facts, here.calendar), progress, today).asked
    assert asked is not None
    first, last = asked

    def under(day: date) -> Procedure:
        turned = {**here.calendar.overrides, day: not here.calendar.is_working(day)}
        calendar = replace(here.calendar, overrides=turned, revision="plan")
        return Procedure(here.current, here.find, calendar)

    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        outlined, anew = await of(second, lead.case, under(day), today)
        assert anew is False
        assert told(outlined) == await as_entered(second, lead.case, under(day), today)
    for day in (first, last):
        outlined, anew = await of(second, lead.case, under(day), today)
        assert anew is True
        assert told(outlined) == await as_entered(second, lead.case, under(day), today)
        async with second.read() as session:
            # By another calendar only its dates could be wrong.
            assert await differing(session, [lead.case], under(day)) == []
            found = await outlooks.dates_of_many(session, [lead.case], under(day))
            loaded = await whole(session, lead.case, under(day))
        # Its dates are counted by any calendar, from what it says that they are counted from.
        [(_, dates)] = found.values()
        assert dates == dates_of(loaded.book, loaded.facts, under(day).calendar)


async def test_a_day_that_opens_a_step_has_the_case_read_once(lead: Lead) -> None:
    await lead.to("6")
    database, procedure = lead.house.services.database, lead.house.services.procedure
    async with database.read() as session:
        loaded = await whole(session, lead.case, procedure)
        progress = assess(loaded.book, loaded.facts, lead.today, procedure.calendar)
        fold = fold_of(loaded.book, loaded.facts, procedure.calendar)
        until = outlook_of(fold, progress, lead.today).until
    assert until is not None
    before = until - timedelta(days=1)
    assert (await of(database, lead.case, procedure, before))[1] is False
    async with database.read() as session:
        _, fresh = await outlined_of_many(session, [lead.case], procedure, until)
    await keep(database, fresh)
    outlined, anew = await of(database, lead.case, procedure, until)
    assert anew is False
    assert told(outlined) == await as_entered(database, lead.case, procedure, until)


async def test_what_follows_from_rows_that_the_head_does_not_count_is_not_kept(
    lead: Lead, second: Database
) -> None:
    """Otherwise an entry that was put back in time would be missing for ever."""
    await lead.to("6")
    procedure, today = lead.house.services.procedure, lead.today
    entry = EntryRow.__table__  # type: ignore[attr-defined]
    async with second.engine.connect() as connection:
        of_case = select(entry).where(entry.c.case_id == lead.case)
        rows = (await connection.execute(of_case.order_by(entry.c.number.desc()))).mappings().all()
    await by_hand(second, delete(TABLE).where(TABLE.c.id == lead.case))
    [gone, *_] = [row for row in rows if not await signed(second, row["id"])]
    await by_hand(second, delete(entry).where(entry.c.id == gone["id"]))
    outlined, anew = await of(second, lead.case, procedure, today)
    assert anew is False
    actor = lead.house.posts["书记丙"]
    await build_services(second, procedure).todo.items(actor, today)
    assert await row_of(second, lead.case) is None
    await by_hand(second, insert(entry).values(**gone))
    put_back, anew = await of(second, lead.case, procedure, today)
    assert anew is True
    assert told(put_back) == await as_entered(second, lead.case, procedure, today)
    assert told(put_back) != told(outlined)


async def signed(database: Database, entry_id: str) -> bool:
    table = Signature.__table__  # type: ignore[attr-defined]
    async with database.engine.connect() as connection:
        found = await connection.execute(select(table).where(table.c.entry_id == entry_id))
        return found.first() is not None


@on_both
async def test_what_another_process_did_and_a_right_that_ended_count_at_the_next_look(
    lead: Lead, second: Database
) -> None:
    await lead.to("2")
    here, there = lead.house.services, build_services(second, lead.house.services.procedure)
    actor = lead.house.posts["书记丙"]

    async def steps() -> set[str]:
        found: tuple[TodoItem, ...] = await there.todo.items(actor, lead.today)
        return {item.step.id for item in found if item.step and item.case_id == lead.case}

    assert "2" in await steps()
    await lead.to("3")
    assert "2" not in await steps()
    assert await steps()
    async with here.database.read() as session:
        rows = (await session.exec(select_row(PostRow))).all()
    [post] = [row.id for row in rows if row.person_id == actor.person_id]
    director = lead.house.posts["主任甲"]
    await here.posts.end(lead.house.act(), director, post, EndReason.TERM, lead.today)
    assert await there.todo.items(replace(actor, posts=()), lead.today) == ()


async def test_a_case_that_is_taken_out_takes_it_along(house: House, secretary: Somebody) -> None:
    secretary, branch = house.posts["书记丙"], house.places["第一支部"]
    card = await house.services.cases.open(house.act(), secretary, "张三", branch)
    assert await row_of(house.services.database, card.case_id)
    assert await house.services.cases.undo(house.act(), secretary, card.case_id)
    assert await row_of(house.services.database, card.case_id) is None
    # Kept late by somebody who read the case before, it is stored for nobody.
    await keep(house.services.database, {card.case_id: b"late"})
    assert await row_of(house.services.database, card.case_id) is None


async def test_the_doctors_check_finds_one_that_is_wrong(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("6")
    database, procedure = lead.house.services.database, lead.house.services.procedure
    async with database.snapshot() as session:
        assert await differing(session, [lead.case], procedure) == []
        loaded = await whole(session, lead.case, procedure)
    # As a mistake of the program would: sealed, and from the right rows.
    progress = assess(loaded.book, loaded.facts, lead.today, procedure.calendar)
    with monkeypatch.context() as wrong:
        wrong.setattr(outlooks, "outlook_of", lambda *_: outlooks.Outlook((), lead.today))
        async with database.write() as session:
            outlooks.keep_of(session, loaded, progress, procedure, lead.today)
    async with database.snapshot() as session:
        assert await differing(session, [lead.case], procedure) == [lead.case]


async def test_the_doctors_check_finds_a_date_that_is_counted_from_a_wrong_day(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the calendar has changed since, by which a recount takes the date from there."""
    await lead.to("8b")
    database, here = lead.house.services.database, lead.house.services.procedure
    written = outlooks._date_written

    def a_day_early(one: Deadline) -> list[object]:
        start = one.start and replace(one.start, day=one.start.day - timedelta(days=1))
        return written(replace(one, start=start))

    async with database.snapshot() as session:
        loaded = await whole(session, lead.case, here)
    progress = assess(loaded.book, loaded.facts, lead.today, here.calendar)
    around = (lead.today + timedelta(days=number) for number in range(-12, 12))
    turned = dict.fromkeys(around, False)
    plan = Procedure(here.current, here.find, WorkCalendar(turned, "plan"))
    for wrong in (False, True):
        with monkeypatch.context() as changed:
            if wrong:
                changed.setattr(outlooks, "_date_written", a_day_early)
            async with database.write() as session:
                outlooks.keep_of(session, loaded, progress, here, lead.today)
        async with database.snapshot() as session:
            for procedure in (here, plan):
                found = await differing(session, [lead.case], procedure)
                assert found == ([lead.case] if wrong else [])
