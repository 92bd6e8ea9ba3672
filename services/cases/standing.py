"""How a case stands for one reader, with lines for its entries, and where somebody is who went to
another city."""

from collections.abc import Mapping, Sequence, Set
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.answers import people_in
from domain.case.facts import Progress, Status
from domain.case.progress import assess
from domain.permissions import DEPARTMENT_ROLES, roles_at
from domain.reports import RegisterState
from domain.rulebook.schema import Role
from models import (
    BreachRow,
    CaseFile,
    DepartureRow,
    EntryRow,
    PeerMessage,
    PeerRow,
    Person,
    ReportCase,
    ReportRow,
)
from models.city_moves import CityMoveState
from services.casefile.breaches import standing
from services.casefile.load import CaseInHand, LoadedCase
from services.casefile.procedure import Procedure
from services.casefile.signatures import Task, asked, given, on_paper, task
from services.cases.views import CaseCard, CaseStanding, EntryLine, Gone
from services.people.scope import name_of
from services.people.views import Actor
from services.plans.items import acting

# Built once: every act asks them.
_STANDING = select(BreachRow).where(
    col(BreachRow.case_id) == bindparam("case"), col(BreachRow.cleared_on).is_(None)
)
_PEOPLE = select(Person).where(col(Person.id).in_(bindparam("people", expanding=True)))


async def card_of(
    session: AsyncSession, actor: Actor, hand: CaseInHand, procedure: Procedure, today: date
) -> CaseCard:
    """Return the card of a case for a reader who may see it: ask that before."""
    loaded = hand.loaded
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    roles = roles_at(actor.posts, hand.place)
    stands = await standing_of(session, actor, loaded, progress, roles, today)
    entries = await entry_lines(session, loaded, loaded.rows, actor, roles)
    return CaseCard(**vars(stands), entries=entries)


async def standing_of(
    session: AsyncSession,
    actor: Actor,
    loaded: LoadedCase,
    progress: Progress,
    roles: frozenset[Role],
    today: date,
    breaches: int | None = None,
) -> CaseStanding:
    """Return where a case stands for one reader. `roles`: those of `actor` in this case.
    `breaches`: how many aren't cleared, where that is known."""
    case = loaded.case
    if breaches is None:
        breaches = standing((await session.exec(_STANDING, params={"case": case.id})).all())
    mine = [
        item
        for item in progress.open
        if await acting(session, actor, case, item.step, roles, today)
    ]
    return CaseStanding(
        case_id=case.id,
        person=case.person,
        organisation=await name_of(session, case.organisation_id),
        rulebook=loaded.book,
        progress=progress,
        helpers=tuple((Role(helper.role), person.name) for helper, person in loaded.helpers),
        mine=tuple(mine),
        anytime=tuple(i.step for i in progress.anytime if roles & set(i.step.actors)),
        breaches=breaches,
        # The department alone: whoever leads the case must not learn that there is a report on it.
        open_reports=await _open_reports(session, case) if actor.roles & DEPARTMENT_ROLES else 0,
        gone=await gone(session, case.id) if progress.status is Status.ENDED else None,
    )


async def _open_reports(session: AsyncSession, case: CaseFile) -> int:
    statement = select(ReportRow, ReportCase).where(
        ReportCase.report_id == ReportRow.id,
        ReportCase.case_id == case.id,
        ReportRow.state != RegisterState.CLOSED,
    )
    return len((await session.exec(statement)).all())


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
    names = await _names(session, loaded, actor, people)
    return tuple(_entry_line(loaded, row, names, actor, roles) for row in rows)


async def _names(
    session: AsyncSession, loaded: LoadedCase, actor: Actor, people: Set[str]
) -> Mapping[str, str]:
    """Return names by id. Those who help and who asks were read already: mostly that is all."""
    names = {person.id: str(person.name) for _, person in loaded.helpers if person.id in people}
    names[actor.person_id] = actor.name
    if unknown := people - names.keys():
        found = await session.exec(_PEOPLE, params={"people": [*unknown]})
        names |= {row.id: str(row.name) for row in found}
    return names


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


async def departure_of(session: AsyncSession, case_id: str) -> DepartureRow | None:
    """Return the last departure of a case that wasn't given back."""
    statement = (
        select(DepartureRow)
        .where(DepartureRow.case_id == case_id, DepartureRow.state != CityMoveState.REFUSED)
        .order_by(col(DepartureRow.left_at).desc())
    )
    return (await session.exec(statement.limit(1))).first()


async def gone(session: AsyncSession, case_id: str) -> Gone | None:
    """Return where the person of an ended case went; None for who didn't go to another city."""
    row = await departure_of(session, case_id)
    if row is None:
        return None
    peer = await session.get(PeerRow, row.peer_id)
    message = await session.get(PeerMessage, row.message_id)
    arrived = message.arrived_at if message else None
    name = peer.name if peer else ""
    return Gone(name, row.to, row.left_at, arrived, row.answered_at, row.answer or "")
