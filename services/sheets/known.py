"""What is known of a case, by the columns of a sheet. Nothing of reports and holds is among it, and
nothing here needs the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.case.date_check import check_case
from domain.case.facts import CaseFacts, Progress, Value
from domain.case.progress import assess
from domain.case.public_notice import notice_of
from domain.case.replay import fold_of
from domain.case.urgency import nearest
from domain.rulebook.schema import Role, Rulebook
from papers.sheets import cells
from papers.sheets.cells import Cell
from papers.sheets.columns import CellKind, Column
from services.casefile.procedure import Procedure

Cells = Mapping[str, Value]


@dataclass(frozen=True, repr=False)
class CaseInSheet:
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


def without_reports(book: Rulebook, facts: CaseFacts) -> CaseFacts:
    """Leave out holds, findings and whatever a finding calls for: no sheet may show that there is a
    report."""
    kept = tuple(entry for entry in facts.entries if entry.step not in book.of_reports)
    return CaseFacts(facts.opened_on, kept)


def cells_of(
    book: Rulebook,
    facts: CaseFacts,
    columns: Sequence[Column],
    helpers: Mapping[Role, Sequence[str]],
    procedure: Procedure,
) -> dict[str, Value]:
    fold, found = fold_of(book, facts, procedure.calendar), dict[str, Value]()
    for column in columns:
        entry = fold.newest(column.step) if column.step else None
        if column.kind is CellKind.PEOPLE:
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


def shown(one: CaseInSheet, column: Column, number: int, now: Mapping[str, str]) -> Cell:
    """Return the cell of a case in a column."""
    if column.of == "case.number":
        return str(number)
    if column.of in now:
        return now[column.of]
    return cells.write(column, one.cells.get(column.of))


def now_of(one: CaseInSheet, procedure: Procedure, today: date) -> dict[str, str]:
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
