"""What is known of cases, by the columns of a sheet. Nothing of reports and holds is among it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.date_check import check_case
from domain.case.facts import CaseFacts, Progress, Value
from domain.case.progress import assess
from domain.case.public_notice import notice_of
from domain.case.replay import fold_of
from domain.case.urgency import nearest
from domain.rulebook.schema import Role, Rulebook
from models import CaseFile, CaseHelper, Person
from papers.sheets import cells
from papers.sheets.columns import Column, Kind
from papers.sheets.writing import Cell
from services.casefile.load import facts_of_many
from services.casefile.procedure import Procedure
from services.people.scope import committee_of_each, names_of

AT_A_TIME = 10
"""Cases after which others get their turn."""
CHUNK = 200
"""Cases at a time: each is a parameter of four queries."""
Cells = Mapping[str, Value]


@dataclass(frozen=True, repr=False)
class Known:
    """A case as a sheet shows it. `cells`: values by what the column is of. `entries`: those that
    count, by step."""

    case_id: str
    organisation_id: str
    person: str
    opened_on: date
    book: Rulebook
    facts: CaseFacts
    cells: Cells
    over: bool


async def known_of(
    session: AsyncSession, ids: Sequence[str], columns: Sequence[Column], procedure: Procedure
) -> list[Known]:
    """Return cases as a sheet shows them, in the order of `ids`; one that can't be read is left
    out."""
    rows = {
        row.id: row for row in await session.exec(select(CaseFile).where(col(CaseFile.id).in_(ids)))
    }
    facts = await facts_of_many(session, [*rows], procedure)
    helpers = await _helpers(session, [*rows])
    places = {row.organisation_id for row in rows.values()}
    above = await committee_of_each(session)
    names = await names_of(session, places | {above[place] for place in places if place in above})
    found: list[Known] = []
    for case_id in (one for one in ids if one in rows and one in facts):
        row, (book, all_facts) = rows[case_id], facts[case_id]
        shown = without_reports(book, all_facts)
        said: dict[str, Value] = {
            "case.id": row.id,
            "case.committee": names.get(above.get(row.organisation_id, ""), ""),
            "case.branch": names.get(row.organisation_id, ""),
            "case.person": row.person,
            **_answers(book, shown, columns, helpers.get(case_id, {}), procedure),
        }
        # Replaying a case keeps the event loop busy: let other chats in between.
        if len(found) % AT_A_TIME == 0:
            await asyncio.sleep(0)
        over = fold_of(book, shown, procedure.calendar).over
        found.append(
            Known(row.id, row.organisation_id, row.person, row.opened_on, book, shown, said, over)
        )
    return found


def without_reports(book: Rulebook, facts: CaseFacts) -> CaseFacts:
    """Leave out holds, findings and whatever a finding calls for: no sheet may show that there is a
    report."""
    kept = tuple(entry for entry in facts.entries if entry.step not in book.of_reports)
    return CaseFacts(facts.opened_on, kept)


def _answers(
    book: Rulebook,
    facts: CaseFacts,
    columns: Sequence[Column],
    helpers: Mapping[Role, Sequence[str]],
    procedure: Procedure,
) -> dict[str, Value]:
    fold, found = fold_of(book, facts, procedure.calendar), dict[str, Value]()
    for column in columns:
        entry = fold.newest(column.step) if column.step else None
        if column.kind is Kind.PEOPLE:
            step = book.by_id.get(column.step)
            role = step.field(column.field).appoints if step else None
            # Those of today: helpers may have changed since the entry that appointed them.
            if role is not None and role in helpers:
                found[column.of] = tuple(sorted(dict.fromkeys(helpers[role])))
        elif entry is None:
            continue
        elif column.of.endswith(".day"):
            found[column.of] = entry.done_on
        elif column.of.endswith(".last_day"):
            # As the step was on that day: another version of the rules may ask for no notice.
            step = book.step_on(column.step, entry.done_on)
            if step.has_notice:
                found[column.of] = notice_of(step, entry.done_on, procedure.calendar).last_day
        elif (value := entry.answers.get(column.field)) is not None:
            found[column.of] = value
    return found


async def _helpers(session: AsyncSession, ids: Sequence[str]) -> dict[str, dict[Role, list[str]]]:
    found: dict[str, dict[Role, list[str]]] = {}
    statement = select(CaseHelper, Person).where(
        col(CaseHelper.case_id).in_(ids),
        CaseHelper.person_id == Person.id,
        col(CaseHelper.until).is_(None),
    )
    for helper, person in await session.exec(statement):
        roles = found.setdefault(helper.case_id, {})
        roles.setdefault(Role(helper.role), []).append(person.name)
    return found


def shown(one: Known, column: Column, number: int, now: Mapping[str, str]) -> Cell:
    """Return the cell of a case in a column."""
    if column.of == "case.number":
        return str(number)
    if column.of in now:
        return now[column.of]
    return cells.write(column, one.cells.get(column.of))


def now_of(one: Known, procedure: Procedure, today: date) -> dict[str, str]:
    """Return where a case stands today, in the words of a sheet."""
    progress = assess(one.book, one.facts, today, procedure.calendar)
    found = check_case(one.book, one.facts, progress, today, procedure.calendar)
    return {
        "now.step": _next(progress),
        "now.due": _due(progress),
        "now.check": cells.to_check(len(found)),
    }


def _next(progress: Progress) -> str:
    if progress.next is not None:
        return progress.next.step.title.zh
    return cells.OVER


def _due(progress: Progress) -> str:
    due = nearest(progress.next.deadlines) if progress.next else None
    return due.on.isoformat() if due else ""
