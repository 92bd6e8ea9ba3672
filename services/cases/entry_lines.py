"""The entries of a case as one reader sees them."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.answers import people_in
from domain.rulebook.schema import Role
from models import EntryRow, Person
from services.casefile.load import LoadedCase
from services.casefile.signatures import Task, asked, given, on_paper, task
from services.cases.views import EntryLine
from services.people.views import Actor


async def entry_lines(
    session: AsyncSession,
    loaded: LoadedCase,
    rows: Sequence[EntryRow],
    actor: Actor,
    roles: frozenset[Role],
) -> tuple[EntryLine, ...]:
    """Return lines for `rows` of a case. `roles`: those of `actor` in it."""
    # In the register alone: who leads a case isn't told that there was a report on it.
    rows = [row for row in rows if not loaded.book.step(row.step).by_report]
    people = {row.recorded_by for row in rows}
    people |= {one.person_id for row in rows for one in loaded.signatures.get(row.id, ())}
    for entered in rows:
        people |= people_in(loaded.book.step(entered.step), loaded.answers(entered))
    found = await session.exec(select(Person).where(col(Person.id).in_(people)))
    names = {row.id: str(row.name) for row in found}
    return tuple(_entry_line(loaded, row, names, actor, roles) for row in rows)


def _entry_line(
    loaded: LoadedCase,
    row: EntryRow,
    names: Mapping[str, str],
    actor: Actor,
    roles: frozenset[Role],
) -> EntryLine:
    # By the text of its own day: a later one may ask other questions (docs/procedure.md § 6).
    step, rows = loaded.book.step_on(row.step, row.done_on), loaded.signatures.get(row.id, ())
    replaced, brought = row.replaced_by is not None, row.sheet_id is not None
    answers = loaded.answers(row)
    mine = Task()
    if not replaced and not brought:
        mine = task(step, rows, roles, actor.person_id, loaded.helpers)
    return EntryLine(
        entry_id=row.id,
        step=step,
        done_on=row.done_on,
        recorded_by=names[row.recorded_by],
        recorded_at=row.recorded_at,
        answers=answers,
        signed_by=tuple(names[person] for person in given(rows)),
        signed_on_paper=frozenset(names[one.person_id] for one in rows if one.paper_by),
        waits_for=frozenset(step.signed_by) - loaded.entry(row).signed,
        asked=tuple((Role(one.role), names[one.person_id]) for one in asked(rows)),
        on_paper=tuple(names[one.person_id] for one in on_paper(rows, loaded.helpers)),
        mine=mine.role is not None,
        confirms=bool(mine.paper),
        reason=row.reason or "",
        replaced=replaced,
        people={person: names[person] for person in people_in(step, answers) if person in names},
    )
