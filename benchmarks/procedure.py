"""How long the rules take: a case on its way, and all cases after a change of the calendar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from sqlalchemy import insert
from sqlmodel import select

from benchmarks.rows import Row, row
from bot.app.database import open_database
from bot.app.engines import sqlite_url
from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import ZONE
from domain.case.answers import fields_to_ask
from domain.case.facts import CaseFacts, Entry, OpenStep, Value
from domain.case.progress import assess
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Effect, Field, FieldType, Role, Rulebook, Step
from models import CaseFile, DeadlineRow, EntryRow, Organisation, Person
from models.columns import new_id
from models.crypto import KeyRing
from models.macs import Guarded, rows_by_hand
from services.casefile.follows import next_look
from services.casefile.outlooks import keep, outlined_of_many
from services.casefile.procedure import Procedure
from services.cases.recalculate import Recount
from services.core.database import Database
from services.core.guard import HAND

CASES = 10_000
CHUNK = 1_000
START = date(2026, 5, 31)
NOW = datetime(2026, 12, 29, 10, 0, tzinfo=ZONE)
EARLY = WorkCalendar()
PLAN = WorkCalendar({date(2027, 1, 1): False}, "plan-2027", frozenset({2027}))
FAR = WorkCalendar({date(2027, 10, 1): False}, "plan-of-autumn")
"""EARLY with a holiday in autumn, when no notice of these cases hangs any more."""
LISTS = (FieldType.CHOICES, FieldType.CHECKLIST, FieldType.PROOF, FieldType.PERSONS)


EARLIER, NONE = {"began_on": timedelta(days=2)}, timedelta(0)
"""What began before the day of its step."""


def answers_of(step: Step, on: date) -> dict[str, Value]:
    """Answers that move a case on."""
    given: dict[str, Value] = {step.day: on}
    while missing := [f for f in fields_to_ask(step, given) if f.id not in given]:
        given[missing[0].id] = _value(missing[0], on)
    return given


def _value(field: Field, on: date) -> Value:
    if field.count:
        return 0 if field.count in ("no", "abstain", "written") else 20
    if field.type in LISTS:
        names = [option.id for option in field.options] or ["a", "b"]
        return tuple(names[: max(field.minimum or 1, 1)])
    if field.type is FieldType.CHOICE:
        done = [option for option in field.options if option.effect is Effect.DONE]
        return (done or list(field.options))[0].id
    if field.type is FieldType.NUMBER:
        return field.minimum or 1
    if field.type is FieldType.DATE:
        return date(1995, 5, 5) if field.id == "born_on" else on - EARLIER.get(field.id, NONE)
    return True if field.type is FieldType.FLAG else "情况属实，表现良好。"


def way(book: Rulebook) -> Iterator[tuple[CaseFacts, date]]:
    """A case after each of its steps, from the application to the archive."""
    facts, today = CaseFacts(START), START
    while True:
        yield facts, today
        progress = assess(book, facts, today, EARLY)
        ready = [item.step for item in progress.open if item.possible and _due(item, today)]
        if not progress.open:
            return
        if not ready:
            today += timedelta(days=1)
            continue
        answers = answers_of(ready[0], today)
        entry = Entry(
            len(facts.entries) + 1, ready[0].id, today, answers, today, book.id, frozenset(Role)
        )
        facts = CaseFacts(START, (*facts.entries, entry))


def _due(item: OpenStep, today: date) -> bool:
    """A step once; what comes again when its day has come."""
    return not item.step.repeats or any(limit.on <= today for limit in item.deadlines)


def assessed(rounds: int = 21) -> dict[str, float]:
    """Milliseconds for next step, blockers and deadlines by the step done last: the median of so
    many rounds each."""
    book = load("yakeshi")
    stages = {len(facts.entries): (facts, today) for facts, today in way(book)}
    found = {}
    for facts, today in stages.values():
        times = []
        for _ in range(rounds):
            begin = perf_counter()
            assess(book, facts, today, EARLY)
            times.append((perf_counter() - begin) * 1000)
        found[facts.entries[-1].step if facts.entries else "-"] = median(times)
    return found


@dataclass(frozen=True)
class Counting:
    """A recount. `seconds`: of the clock; `spent`: of the processor; `moved`: cases with a date
    that moved."""

    seconds: float
    spent: float
    moved: int


async def recounted(folder: Path, cases: int = CASES) -> list[Counting]:
    """Count the dates of so many cases anew, all of them with a notice that hangs: by a plan that
    changes no day of theirs, then by one that moves them all."""
    database = await open_database(sqlite_url(folder / "staff.sqlite3"), KeyRing.new())
    try:
        book = load("national_2026")
        await _fill(database, book, cases)
        await _outlined(database, Procedure(book, load, EARLY))
        return [await _counted(database, Procedure(book, load, plan)) for plan in (FAR, PLAN)]
    finally:
        await database.close()


async def _counted(database: Database, procedure: Procedure) -> Counting:
    begin, spent = perf_counter(), process_time()
    done = await Recount(database, procedure).run(NOW)
    return Counting(perf_counter() - begin, process_time() - spent, done.moved)


async def _outlined(database: Database, procedure: Procedure) -> None:
    """Store the outlooks of cases, as the acts that led them would have."""
    async with database.read() as session:
        ids = (await session.exec(select(CaseFile.id))).all()
    for first in range(0, len(ids), 200):
        async with database.read() as session:
            part = ids[first : first + 200]
            _, fresh = await outlined_of_many(session, part, procedure, NOW.date())
        await keep(database, fresh)


async def _fill(database: Database, book: Rulebook, cases: int) -> None:
    pattern = next(facts for facts, _ in way(book) if facts.entries and _posted(facts))
    posted = date(2026, 12, 28)
    entries = tuple(
        Entry(e.number, e.step, posted, {**e.answers, book.step(e.step).day: posted}, posted)
        for e in pattern.entries
    )
    async with database.write() as session:
        branch = Organisation(level="branch")
        branch.name = "第一支部"
        session.add(branch)
        await session.flush()
        person = Person(organisation_id=branch.id)
        person.name = "书记甲"
        session.add(person)
    for first in range(0, cases, CHUNK):
        rows = [_rows(book, entries, branch.id, person.id) for _ in range(first, first + CHUNK)]
        async with database.write() as session:
            for place, table in enumerate((CaseFile, EntryRow, DeadlineRow)):
                made = [row for some in rows for row in some[place]]
                values = rows_by_hand(session.sync_session, made)
                await session.exec(insert(table), params=values, execution_options=HAND)


def _posted(facts: CaseFacts) -> bool:
    return facts.entries[-1].step == "8a"


def _rows(
    book: Rulebook, entries: tuple[Entry, ...], branch: str, person: str
) -> tuple[list[Guarded], ...]:
    case = CaseFile(id=new_id(), organisation_id=branch, rulebook=book.id, opened_on=START)
    case.person = "某人"
    made: list[Guarded] = []
    for entry in entries:
        row = EntryRow(
            id=new_id(),
            case_id=case.id,
            number=entry.number,
            step=entry.step,
            done_on=entry.done_on,
            rulebook=book.id,
            recorded_at=NOW,
            recorded_by=person,
        )
        row.answers = dict(entry.answers)
        made.append(row)
    progress = assess(book, CaseFacts(START, entries), NOW.date(), EARLY)
    dates: list[Guarded] = [
        DeadlineRow(
            id=new_id(),
            case_id=case.id,
            step=item.step,
            limit_id=item.limit,
            kind=item.kind.value,
            due_on=item.on,
            source=item.source,
            provisional=item.provisional,
            calendar_version=EARLY.version,
            next_look=next_look(item.on, item.kind, item.ladder, NOW.date()),
        )
        for item in progress.deadlines
    ]
    return [case], made, dates


async def rows(cases: int = CASES) -> Sequence[Row]:
    times = assessed()
    with TemporaryDirectory() as folder:
        far, near = await recounted(Path(folder), cases)
    slowest = max(times, key=lambda step: times[step])
    middle, most = median(times.values()), times[slowest]
    what = f"recount of {cases:,} cases whose notice hangs"
    return [
        row("a case: next step, blockers, deadlines", [middle], "ms", "<= 1", middle <= 1),
        row(f"  at its slowest, after step {slowest}", [most], "ms", "<= 1", most <= 1),
        row(f"{what}, {far.moved:,} dates move", [far.seconds], "s", "<= 3", far.seconds <= 3),
        row("  of it, time of the processor", [far.spent], "s"),
        row(f"{what}, {near.moved:,} dates move", [near.seconds], "s", "<= 3", near.seconds <= 3),
        row("  of it, time of the processor", [near.spent], "s"),
    ]
