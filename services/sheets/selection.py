"""Which of the cases within reach a sheet holds: those of a stage, of a year, overdue, below an
organisation. Nothing here widens what somebody may see."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from domain.calendar.office_hours import day_of
from domain.case.facts import DateKind
from domain.figures.counting import NOW, OVER
from domain.figures.reading import STANDS, countable
from domain.rulebook.schema import Role, Rulebook
from domain.states import Status
from models import CaseFile, CaseHelper, DeadlineRow, Organisation, Person
from models.in_values import among
from services.casefile.sums import counted_before
from services.cases.search import found_by
from services.core.database import Database
from services.core.errors import NotFound
from services.core.guard import refuse_altered
from services.people.permitted import seeing
from services.people.scope import branches_below, names_of
from services.people.views import Actor

SOON = timedelta(days=30)
CHUNK = 200
"""Cases at a time: each is a parameter."""
PAGE = 8
"""Organisations on a page."""


class Of(StrEnum):
    """Of whom a list is."""

    ALL = "all"
    OVERDUE = "overdue"
    SOON = "soon"
    PUT_OFF = "put_off"
    OVER = "over"
    NUMBER = "number"
    """Those behind a figure (`domain.figures.reading.countable`)."""


@dataclass(frozen=True)
class CaseSelection:
    """`text`: in the name. `number`, `year`: of a figure. `organisation`: at or below it; "" for
    all within reach."""

    of: Of = Of.ALL
    text: str = ""
    number: int = 0
    year: int = 0
    organisation: str = ""


@dataclass(frozen=True)
class Places:
    """Organisations by which a list can be narrowed. `above`: what they lie below; "" where they
    are those of the actor's posts. `found`: id and name."""

    above: str
    found: tuple[tuple[str, str], ...]
    page: int
    pages: int


async def cases_of(
    database: Database, actor: Actor, part: CaseSelection, book: Rulebook, today: date
) -> Sequence[str]:
    """Return the ids of the cases of a part that the actor may see, the newest first. Raises
    NotFound for no such figure."""
    cell = _cell(part, book)
    async with database.read() as session:
        conditions = [*_conditions(part, cell, today)]
        if part.organisation:
            below = await branches_below(session, part.organisation)
            conditions.append(among(col(CaseFile.organisation_id), below))
        ids = await found_by(session, actor, part.text, conditions)
    return ids if cell is None else await _counting(database, ids, cell, part.year)


def _cell(part: CaseSelection, book: Rulebook) -> str | None:
    if part.of is not Of.NUMBER:
        return None
    known = countable(book)
    if not 0 <= part.number < len(known):
        raise NotFound(str(part.number))
    return known[part.number][0]


def _conditions(
    part: CaseSelection, cell: str | None, today: date
) -> Iterable[ColumnElement[bool]]:
    """What the database can tell without opening a case."""
    if part.of in (Of.OVERDUE, Of.SOON):
        late = col(DeadlineRow.due_on) < today
        soon = col(DeadlineRow.due_on).between(today, today + SOON)
        due = select(DeadlineRow.case_id).where(
            late if part.of is Of.OVERDUE else soon,
            # Not the earliest days: nobody is late by having waited.
            DeadlineRow.kind != DateKind.EARLIEST.value,
        )
        yield col(CaseFile.id).in_(due)
    elif part.of is Of.PUT_OFF:
        yield col(CaseFile.status) == Status.PUT_OFF
    elif part.of is Of.OVER:
        yield col(CaseFile.status).in_(OVER)
    elif cell is not None and _is_now(cell):
        yield col(CaseFile.status).not_in(OVER)


def _is_now(cell: str) -> bool:
    """Whether a figure says where people stand today, and not what became of them in a year."""
    return cell.startswith(STANDS)


async def _counting(database: Database, ids: Sequence[str], cell: str, year: int) -> list[str]:
    """Those that count in a figure, wherever that happened."""
    at, found = NOW if _is_now(cell) else year, list[str]()
    for first in range(0, len(ids), CHUNK):
        part = ids[first : first + CHUNK]
        async with database.read() as session:
            rows = await session.exec(select(CaseFile).where(col(CaseFile.id).in_(part)))
            counting = {
                row.id
                for row in rows
                if any(years.get(at, {}).get(cell) for years in counted_before(row).values())
            }
            refuse_altered(session)
        found += [one for one in part if one in counting]
        await asyncio.sleep(0)
    return found


@dataclass(frozen=True)
class HelperLine:
    """Who accompanies whom."""

    branch: str
    person: str
    role: Role
    case: str
    since: date


async def helpers_of(
    database: Database, actor: Actor, organisation_id: str, book: Rulebook
) -> tuple[HelperLine, ...]:
    """Return contacts, introducers and helpers of running cases within reach, by branch and name:
    nobody is ranked by how many."""
    ids = await cases_of(
        database, actor, CaseSelection(organisation=organisation_id), book, date.min
    )
    found: list[HelperLine] = []
    for first in range(0, len(ids), CHUNK):
        part = ids[first : first + CHUNK]
        async with database.read() as session:
            statement = select(CaseHelper, Person, CaseFile).where(
                col(CaseHelper.case_id).in_(part),
                CaseHelper.person_id == Person.id,
                CaseHelper.case_id == CaseFile.id,
                col(CaseFile.status).not_in(OVER),
                col(CaseHelper.until).is_(None),
            )
            rows = (await session.exec(statement)).all()
            names = await names_of(session, {case.organisation_id for _, _, case in rows})
            found += [
                HelperLine(names[case.organisation_id], str(person.name), Role(helper.role),
                           str(case.person), day_of(helper.since))
                for helper, person, case in rows
            ]  # fmt: skip
            refuse_altered(session)
    return tuple(sorted(found, key=lambda one: (one.branch, one.person, one.role, one.case)))


async def name_of(database: Database, actor: Actor, organisation_id: str) -> str:
    """Return what an organisation within reach is called; "" for all. Raises NotFound."""
    if not organisation_id:
        return ""
    async with database.read() as session:
        for post in seeing(actor):
            if organisation_id in await branches_below(session, post):
                return str((await session.get_one(Organisation, organisation_id)).name)
    raise NotFound(organisation_id)


async def places_of(database: Database, actor: Actor, above: str, page: int) -> Places:
    """Return the organisations of the actor's posts, or those right below one within their reach.
    Raises NotFound for one that isn't."""
    async with database.read() as session:
        tree = {row.id: row for row in await session.exec(select(Organisation))}
        reach = {place for post in seeing(actor) for place in await branches_below(session, post)}
    if above and above not in reach:
        raise NotFound(above)
    # One place of their own is no choice: what lies below it is.
    mine = seeing(actor)
    above = above or (mine[0] if len(mine) == 1 else "")
    found = [
        (row.id, str(row.name))
        for row in tree.values()
        if (row.parent_id == above if above else row.id in mine)
    ]
    found.sort(key=lambda one: one[1])
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 0), pages - 1)
    return Places(above, tuple(found[page * PAGE : (page + 1) * PAGE]), page, pages)
