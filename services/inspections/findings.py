"""Turn the rows of a random check into views, and tell those concerned."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Progress
from domain.case.progress import assess
from domain.organisations import BRANCH
from domain.rulebook.schema import Requirement, Role, Rulebook, StepKind, Text
from models import CaseFile, EntryRow, InspectedRow, InspectionRow, Organisation
from services.casefile.load import load_sound
from services.casefile.procedure import Procedure
from services.core.ports import ROUTINE, URGENT, Message
from services.inspections.views import Ballots, CheckedBranch, Circular, Inspection, Visits
from services.messages.queue import enqueue
from services.people.permitted import people_in
from services.people.scope import committee_of_each, committee_over, name_of, path_of

CHECK, CIRCULAR = "check", "circular"
VISITED = ("probation", "full_membership")
"""Stages in which a case is visited."""


async def pool_of(session: AsyncSession) -> dict[str, list[str]]:
    """Return the branches of each committee, by id."""
    found: dict[str, list[str]] = {}
    above = await committee_of_each(session)
    for row in await session.exec(select(Organisation).where(Organisation.level == BRANCH)):
        found.setdefault(above.get(row.id, str(row.parent_id)), []).append(row.id)
    # Sorted: the same seed gives the same draw only over the same order.
    return {committee: sorted(branches) for committee, branches in sorted(found.items())}


async def inspection_of(
    session: AsyncSession, row: InspectionRow, items: Iterable[InspectedRow], book: Rulebook
) -> Inspection:
    """Return a check with the branches that were drawn, by committee and name."""
    branches = [await branch_of(session, item, book) for item in items]
    return Inspection(
        inspection_id=row.id,
        drawn_on=row.drawn_on,
        seed=row.seed,
        per_committee=row.per_committee,
        pool=sum(len(branches) for branches in row.pool["branches"].values()),
        left_out=tuple([await name_of(session, place) for place in row.pool["last"]]),
        branches=tuple(sorted(branches, key=lambda item: (item.committee, item.branch))),
        told_on=row.told_on,
    )


async def branch_of(
    session: AsyncSession,
    row: InspectedRow,
    book: Rulebook,
    visits: Visits | None = None,
    ballots: Ballots | None = None,
) -> CheckedBranch:
    """Return a branch of a check. `visits`, `ballots`: for the department alone; None for all
    others."""
    committee = await committee_over(session, row.organisation_id)
    return CheckedBranch(
        item_id=row.id,
        inspection_id=row.inspection_id,
        branch=await name_of(session, row.organisation_id),
        committee=committee.name if committee else "",
        checked_on=row.checked_on,
        defects=_said(book.defects, row.defects),
        merits=_said(book.merits, row.merits),
        note=row.note or "",
        due_on=row.due_on,
        righted_on=row.righted_on,
        answer=row.answer or "",
        visits=visits,
        ballots=ballots,
    )


def _said(known: Iterable[Requirement], ids: Iterable[str]) -> tuple[Text, ...]:
    """Return in the order of the rulebook what was ticked."""
    ticked = set(ids)
    return tuple(item.text for item in known if item.id in ticked)


def circular_of(row: InspectionRow, items: Sequence[InspectedRow], book: Rulebook) -> Circular:
    """Return what was found anywhere, each thing once: who it was, and how often, isn't said."""
    assert row.told_on is not None
    defects = {name for item in items for name in item.defects}
    merits = {name for item in items for name in item.merits}
    return Circular(row.told_on, _said(book.defects, defects), _said(book.merits, merits))


async def ballots_of(session: AsyncSession, organisation_id: str, book: Rulebook) -> Ballots:
    """Return how the ballots of a branch stand, from the entries that aren't replaced."""
    steps = [step.id for step in book.steps if step.kind is StepKind.BALLOT]
    statement = (
        select(CaseFile, EntryRow)
        .where(
            EntryRow.case_id == CaseFile.id,
            CaseFile.organisation_id == organisation_id,
            col(EntryRow.step).in_(steps),
            col(EntryRow.replaced_by).is_(None),
        )
        .order_by(col(CaseFile.opened_on), col(EntryRow.number))
    )
    held: dict[str, bool] = {}
    for case, entry in await session.exec(statement):
        held[str(case.person)] = held.get(str(case.person), False) or bool(entry.breaches)
    return Ballots(tuple(held), tuple(name for name, noted in held.items() if noted))


async def visits_of(
    session: AsyncSession, organisation_id: str, procedure: Procedure, today: date
) -> Visits:
    """Return how the visits of a branch stand, from its cases."""
    statement = select(CaseFile).where(
        CaseFile.organisation_id == organisation_id, col(CaseFile.stage).in_(VISITED)
    )
    # In the order of the fields of `Visits`, which takes them by position.
    found: dict[str, list[str]] = {"made": [], "missing": [], "unsigned": [], "result": []}
    for case in (await session.exec(statement.order_by(col(CaseFile.opened_on)))).all():
        loaded = await load_sound(session, case.id, procedure)
        if loaded is None:
            continue
        progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
        for kind in _standing(loaded.book, progress, today):
            found[kind].append(str(case.person))
    return Visits(*(tuple(names) for names in found.values()))


def _standing(book: Rulebook, progress: Progress, today: date) -> Iterable[str]:
    """Yield what holds of a case: its visit was made, is overdue, or waits for a signature;
    something that it called for is overdue."""
    done = {entry.step for entry in progress.done}
    for item in progress.open:
        late = any(deadline.on < today for deadline in item.deadlines)
        if item.step.kind is StepKind.VISIT and item.waits_for:
            yield "unsigned"
        elif item.step.kind is StepKind.VISIT and late:
            yield "missing"
        elif item.call is not None and item.call.step in done and late:
            yield "result"
    # Beside what is missing: a case that was visited once may be due again.
    if any(book.step(name).kind is StepKind.VISIT for name in done):
        yield "made"


async def tell_branch(
    session: AsyncSession, row: InspectedRow, roles: Sequence[Role], slot: str, at: datetime
) -> int:
    """Queue a message for the holders of `roles` there or above, and return how many are new."""
    people = await people_in(session, roles, await path_of(session, row.organisation_id))
    message = Message(f"check:{row.id}", CHECK, slot, {"check": row.id}, at, URGENT)
    return await enqueue(session, people, message)


async def tell_others(
    session: AsyncSession, row: InspectionRow, items: Iterable[InspectedRow], at: datetime
) -> int:
    """Queue the circular for branches and committees that got no list of their own, and return how
    many are new."""
    concerned = [item.organisation_id for item in items if item.defects or item.merits]
    above = {place for branch in concerned for place in await path_of(session, branch)}
    pool = row.pool["branches"]
    # Of the pool that was drawn from: a branch founded later had no part in this check.
    places = {branch for branches in pool.values() for branch in branches} | set(pool)
    others = places - above - set(concerned)
    people = await people_in(session, (Role.SECRETARY, Role.COMMITTEE), others)
    message = Message(f"circular:{row.id}", CIRCULAR, "told", {"inspection": row.id}, at, ROUTINE)
    return await enqueue(session, people, message)
