"""A plan that is published late moves dates: every move leaves its line, and nothing is lost where
the work is broken off."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import NoReturn

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import ZONE
from domain.case.progress import dates_of
from domain.rulebook.reading.reader import load
from models import AuditLine, CaseFile, DeadlineRow, EntryRow, NoticeRow, Organisation, Person
from models.cases import SealedAnswers
from models.crypto import KeyProblem
from services.casefile.derive import rederive
from services.casefile.load import facts_of_many, load_case
from services.casefile.outlooks import dates_of_many, forget_outlooks, keep_at_end, outlined_of_many
from services.casefile.procedure import Procedure
from services.cases import recalculate as recount
from services.cases.recalculate import Recount, Recounted
from services.core.database import Database
from tests.domain.walk import straight_way

NOW = datetime(2026, 12, 29, 10, 0, tzinfo=ZONE)
POSTED = date(2026, 12, 28)
NATION = load("national_2026")
EARLY = WorkCalendar()
PLAN = WorkCalendar({date(2027, 1, 1): False}, "plan-2027", frozenset({2027}))
"""Without a plan the fifth working day after 28 December is 4 January; New Year's Day moves it."""


def procedure(calendar: WorkCalendar) -> Procedure:
    return Procedure(NATION, load, calendar)


async def cases_at_a_notice(database: Database, number: int) -> list[str]:
    """Cases whose national notice hangs since 28 December 2026."""
    ids = []
    async with database.write() as session:
        branch = Organisation(level="branch")
        branch.name = "东山村党支部"
        session.add(branch)
        await session.flush()
        person = Person(organisation_id=branch.id)
        person.name = "书记甲"
        session.add(person)
        await session.flush()
        for _ in range(number):
            ids.append(await _case(session, branch.id, person.id))
    return ids


async def _case(session: AsyncSession, branch: str, person: str) -> str:
    case = CaseFile(organisation_id=branch, rulebook=NATION.id, opened_on=date(2026, 5, 31))
    case.person = "某人"
    session.add(case)
    await session.flush()
    for entry, _ in straight_way(NATION):
        posted = entry.step == "8a"
        row = EntryRow(
            case_id=case.id, number=entry.number, step=entry.step, rulebook=NATION.id,
            done_on=POSTED if posted else date(2026, 12, 1), recorded_at=NOW, recorded_by=person,
        )  # fmt: skip
        row.answers = dict(entry.answers)
        session.add(row)
        if posted:
            await session.flush()
            days = {"first_day": date(2026, 12, 29), "last_day": date(2027, 1, 4)}
            session.add(NoticeRow(case_id=case.id, entry_id=row.id, published=True, **days))
            break
    await session.flush()
    loaded = await load_case(session, case, procedure(EARLY))
    await rederive(session, loaded, procedure(EARLY), date(2026, 12, 29))
    return case.id


async def stored(database: Database, case: str) -> dict[str, tuple[date, bool]]:
    async with database.read() as session:
        statement = select(DeadlineRow).where(DeadlineRow.case_id == case)
        return {
            row.limit_id: (row.due_on, row.provisional) for row in await session.exec(statement)
        }


async def moves(database: Database, case: str) -> list[object]:
    async with database.read() as session:
        lines = select(AuditLine).where(AuditLine.chain == case, AuditLine.act == "recount")
        return [line.result for line in await session.exec(lines)]


@pytest.mark.rule("notice_over")
async def test_a_plan_moves_provisional_dates_and_says_so(
    database: Database, second: Database
) -> None:
    (case,) = await cases_at_a_notice(database, 1)
    assert (await stored(second, case))["notice_over"] == (date(2027, 1, 5), True)
    counting = Recount(database, procedure(PLAN))
    assert await counting.left() == 1
    assert await counting.run(NOW) == Recounted(cases=1, moved=1)
    assert (await stored(second, case))["notice_over"] == (date(2027, 1, 6), False)
    assert (await stored(second, case))["notice_result_soon"] == (date(2027, 1, 12), False)
    (said,) = await moves(second, case)
    assert ("8b", "notice_over", date(2027, 1, 5), date(2027, 1, 6)) in said
    assert ("8a", "notice", date(2027, 1, 4), date(2027, 1, 5)) in said
    async with second.read() as session:
        notice = (await session.exec(select(NoticeRow))).one()
    assert (notice.last_day, notice.published) == (date(2027, 1, 5), False)
    assert await second.broken_chains() == ()


async def test_nothing_moves_twice_and_months_never(database: Database, second: Database) -> None:
    (case,) = await cases_at_a_notice(database, 1)
    counting = Recount(database, procedure(PLAN))
    await counting.run(NOW)
    assert await counting.run(NOW) == Recounted()
    assert len(await moves(second, case)) == 1
    assert await counting.left() == 0


async def test_broken_off_it_goes_on_where_it_stopped(
    database: Database, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = await cases_at_a_notice(database, 5)
    monkeypatch.setattr(recount, "BATCH", 2)
    counting = Recount(database, procedure(PLAN))
    batch, done = counting._batch, list[int]()

    async def dies_in_the_second(
        session: AsyncSession, ids: Sequence[str], now: datetime, unread: list[str]
    ) -> int:
        done.append(await batch(session, ids, now, unread))
        if len(done) == 2:
            raise OSError("the power is gone")
        return done[-1]

    monkeypatch.setattr(counting, "_batch", dies_in_the_second)
    with pytest.raises(OSError, match="power"):
        await counting.run(NOW)
    assert await Recount(second, procedure(PLAN)).left() == 3
    assert await Recount(second, procedure(PLAN)).run(NOW) == Recounted(cases=3, moved=3)
    for case in cases:
        assert (await stored(database, case))["notice_over"] == (date(2027, 1, 6), False)
        assert len(await moves(database, case)) == 1


async def test_no_plan_has_a_case_read_whose_outlook_counts(
    database: Database, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = await cases_at_a_notice(database, 3)
    before = [await stored(second, case) for case in cases]
    autumn = procedure(WorkCalendar({date(2027, 10, 1): False}, "autumn"))

    async def refused(*_: object) -> NoReturn:
        raise AssertionError("a case was read")

    with monkeypatch.context() as watched:
        watched.setattr(recount, "facts_of_many", refused)
        assert await Recount(database, autumn).run(NOW) == Recounted(cases=3)
        assert await Recount(second, autumn).left() == 0
        assert [await stored(second, case) for case in cases] == before
        assert await Recount(database, procedure(PLAN)).run(NOW) == Recounted(cases=3, moved=3)
        async with database.write() as session:
            await forget_outlooks(session, cases)
        with pytest.raises(AssertionError, match="was read"):
            await Recount(database, autumn).run(NOW)
    later = NOW + timedelta(minutes=1)
    assert await Recount(database, autumn).run(later) == Recounted(cases=3, moved=3)
    assert [await stored(second, case) for case in cases] == before


async def test_after_any_plans_the_dates_are_those_that_the_entries_give(
    database: Database, second: Database
) -> None:
    """Whether the entries are read, or an outlook says from what they are counted."""
    (case,) = await cases_at_a_notice(database, 1)
    chance, read = Random(5), list[bool]()
    for number in range(12):
        days = [POSTED + timedelta(days=chance.randint(-8, 25)) for _ in range(3)]
        plan = WorkCalendar({day: chance.random() < 0.5 for day in days}, f"plan-{number}")
        async with database.write() as session:
            _, fresh = await outlined_of_many(session, [case], procedure(plan), NOW.date())
            if chance.random() < 0.4:
                await forget_outlooks(session, [case])
            elif chance.random() < 0.5:
                keep_at_end(session, fresh)
        async with database.read() as session:
            read.append(not await dates_of_many(session, [case], procedure(plan)))
        await Recount(database, procedure(plan)).run(NOW + timedelta(minutes=number))
        async with second.read() as session:
            known = await facts_of_many(session, [case], procedure(plan))
            dates = dates_of(*known[case], plan)
        assert await stored(second, case) == {d.limit: (d.on, d.provisional) for d in dates}
    assert {True, False} == set(read)


async def test_a_finished_notice_stays_as_it_was(database: Database, second: Database) -> None:
    (case,) = await cases_at_a_notice(database, 1)
    async with database.write() as session:
        person = (await session.exec(select(Person))).one().id
        entry = EntryRow(
            case_id=case, number=99, step="8b", rulebook=NATION.id, done_on=date(2027, 1, 5),
            recorded_at=NOW, recorded_by=person,
        )  # fmt: skip
        entry.answers = {"closed_on": date(2027, 1, 5), "objections": False, "conclusion": "clear"}
        session.add(entry)
        await session.flush()
        loaded = await load_case(session, await session.get_one(CaseFile, case), procedure(EARLY))
        await rederive(session, loaded, procedure(EARLY), date(2027, 1, 5))
    await Recount(database, procedure(PLAN)).run(NOW)
    async with second.read() as session:
        notice = (await session.exec(select(NoticeRow))).one()
    assert (notice.last_day, notice.published) == (date(2027, 1, 4), True)
    assert await moves(second, case) == []


def test_only_dates_by_working_days_depend_on_a_calendar() -> None:
    assert recount.dependent(NATION) == {"notice_over", "notice_result_soon"}
    assert recount.dependent(load("yakeshi")) == {
        "notice_over", "notice_result_soon", "full_notice_over",
    }  # fmt: skip


async def test_answers_that_move_no_date_stay_shut(database: Database, second: Database) -> None:
    (case,) = await cases_at_a_notice(database, 1)
    async with database.write() as session:
        statement = select(EntryRow).where(EntryRow.case_id == case, EntryRow.step == "2")
        row = (await session.exec(statement)).one()
        row.answers_sealed = b"no key opens this"
        session.add(row)
    assert await Recount(database, procedure(PLAN)).run(NOW) == Recounted(cases=1, moved=1)
    assert (await stored(second, case))["notice_over"] == (date(2027, 1, 6), False)
    shut = SealedAnswers("entry-id", b"no key opens this")
    assert repr(shut) == "SealedAnswers(entry-id)"
    with pytest.raises(KeyProblem):
        shut.get("met_on")


async def test_a_case_that_no_key_opens_keeps_no_other_one_waiting(
    database: Database, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "BATCH", 1)
    cases = await cases_at_a_notice(database, 3)
    before = {case: await stored(second, case) for case in cases}
    async with database.write() as session:
        rows = (await session.exec(select(EntryRow).where(EntryRow.case_id == cases[1]))).all()
        whole = {row.id: row.answers_sealed for row in rows}
        for row in rows:
            row.answers_sealed = b"no key opens this"
    counting = Recount(database, procedure(PLAN))
    assert await counting.run(NOW) == Recounted(cases=2, moved=2, unread=1)
    assert await stored(second, cases[1]) == before[cases[1]]
    for case in (cases[0], cases[2]):
        assert (await stored(second, case))["notice_over"] == (date(2027, 1, 6), False)
    assert await counting.left() == 1
    async with database.write() as session:
        for row_id, sealed in whole.items():
            (await session.get_one(EntryRow, row_id)).answers_sealed = sealed
    assert await counting.run(NOW) == Recounted(cases=1, moved=1)
    assert await counting.left() == 0
