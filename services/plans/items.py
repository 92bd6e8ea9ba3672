"""Rows of the yearly plan's names: who acts on them, and what each level decides."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import col, desc, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import next_open
from domain.case.facts import Answers
from domain.case.replay import chosen, concluded
from domain.meetings import YEAR
from domain.plans import WAITS_FOR, decided_as
from domain.rulebook.schema import Role, Step
from domain.states import PlanState
from models import CaseFile, PlanRow
from models.in_values import among
from services.casefile.procedure import Procedure
from services.core.database import Work
from services.core.ports import Message
from services.messages.queue import enqueue
from services.people.permitted import people_in
from services.people.responsible_for import responsible_for
from services.people.scope import path_of
from services.people.views import Actor

PLAN = "plan"
RETURN = "return"


async def newest(session: AsyncSession, case_id: str) -> PlanRow | None:
    """Return a case's name in the last plan it was proposed for."""
    statement = select(PlanRow).where(PlanRow.case_id == case_id).order_by(desc(PlanRow.year))
    return (await session.exec(statement.limit(1))).first()


async def newest_of(session: AsyncSession, case_ids: Iterable[str]) -> dict[str, PlanRow]:
    """As `newest`, for many cases, by case id."""
    # By year, so that the last row of a case wins in the dictionary.
    statement = select(PlanRow).where(among(col(PlanRow.case_id), set(case_ids)))
    rows = await session.exec(statement.order_by(col(PlanRow.year)))
    return {row.case_id: row for row in rows}


async def turn(session: AsyncSession, case_id: str, step: Step, today: date) -> frozenset[Role]:
    """Return who acts on an open step; on one that the plan decides, the level that has the
    name."""
    if not step.planned:
        return frozenset(step.actors)
    row = await newest(session, case_id)
    state = row.state if row else None
    # Put off: it may be proposed in a later year only, so nobody is asked before.
    if row is not None and state is PlanState.LATER and row.year >= today.year:
        return frozenset()
    # None, for a name that was never proposed, stands for the branch.
    found = WAITS_FOR.get(state)
    return frozenset({found}) if found else frozenset()


async def acting(
    session: AsyncSession,
    actor: Actor,
    case: CaseFile,
    step: Step,
    roles: frozenset[Role],
    today: date,
) -> frozenset[Role]:
    """Return in which of `roles` the actor has to act on an open step. The first check of a name is
    the responsible organiser's alone (G三)."""
    found = roles & await turn(session, case.id, step, today)
    if step.planned and Role.ORGANISER in found:
        row = await newest(session, case.id)
        if row is not None and row.state == PlanState.FORWARDED:
            known = await responsible_for(session, [case.organisation_id])
            if known.get(case.organisation_id) != actor.person_id:
                return found - {Role.ORGANISER}
    return found


async def settle_plan(
    work: Work, actor: Actor, case: CaseFile, step: Step, answers: Answers
) -> None:
    """Update a name by the entry that decides it; make one where a case taken over from elsewhere
    was decided without having been proposed here."""
    year = answers.get(YEAR)
    if not step.planned or not isinstance(year, int):
        return
    day = answers[step.day]
    assert isinstance(day, date)
    statement = select(PlanRow).where(PlanRow.case_id == case.id, PlanRow.year == year)
    row = (await work.session.exec(statement)).first() or PlanRow(
        case_id=case.id, year=year, proposed_on=day, proposed_by=actor.person_id
    )
    conclusion = concluded(step, answers)
    assert conclusion is not None
    row.state, row.decided_on = decided_as(conclusion), day
    reason = answers.get("reason")
    row.reason = reason if isinstance(reason, str) else None
    work.session.add(row)
    await work.session.flush()


async def assess_name(work: Work, row: PlanRow, step: Step, answers: Answers) -> PlanState:
    """Store the committee's vote on a name: sent up, or back to the branch."""
    day = answers[step.day]
    assert isinstance(day, date)
    returned = any(option.id == RETURN for option in chosen(step, answers))
    row.state = PlanState.RETURNED if returned else PlanState.FORWARDED
    row.assessed_on, row.assessment = day, dict(answers)
    reason = answers.get("reason")
    row.reason = reason if isinstance(reason, str) else None
    work.session.add(row)
    await work.session.flush()
    return row.state


async def at_level(session: AsyncSession, organisation_id: str, role: Role) -> tuple[str, ...]:
    """Return the people who hold a role at an organisation or above it."""
    return await people_in(session, (role,), await path_of(session, organisation_id))


async def tell_level(
    work: Work, actor: Actor, people: Iterable[str], procedure: Procedure, **payload: object
) -> None:
    """Queue a message that names wait, or what became of one; once an act and person, within the
    hours."""
    matter = f"plan:{payload[YEAR]}:{payload.get('item', '')}"
    at = next_open(work.act.at, procedure.calendar)
    # A slot holds 40 characters; the end of a key, update and act, is what differs.
    message = Message(matter, PLAN, work.act.key[-40:], payload, at)
    others = (person_id for person_id in people if person_id != actor.person_id)
    await enqueue(work.session, others, message)
