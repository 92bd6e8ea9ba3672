"""Which cases a body may put on its agenda, and what keeps the others off."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Blocker, BlockerKind, OpenStep, Problem, ProblemCode
from domain.case.progress import assess, why_not
from domain.meetings import CONVENES, Roster
from domain.permissions import ActPlace, Permission, may
from domain.rulebook.schema import Body, Role, Step
from domain.states import PlanState, Status
from models import CaseFile, Organisation, Person, PlanRow
from services.casefile.load import Known
from services.casefile.procedure import Procedure
from services.core.errors import NotAllowed
from services.people.permitted import people_in
from services.people.scope import organisation, path_of
from services.people.views import Actor

ACTIVE = (Status.RUNNING.value, Status.PUT_OFF.value)
PROBATIONARY = ("probation", "full_membership")


@dataclass(frozen=True)
class Matter:
    """The step of a case that a body decides. `why`: what keeps it off the agenda today, () for
    nothing. `called`: what was called for earlier and has no result yet."""

    step: Step
    why: tuple[Blocker, ...]
    called: tuple[OpenStep, ...] = ()


def bodies_of(actor: Actor) -> tuple[tuple[Body, str, str], ...]:
    """Return (body, organisation id, its name) of every body for which the actor calls meetings."""
    return tuple(
        (body, post.organisation_id, post.organisation)
        for post in actor.posts
        for body, (level, role) in CONVENES.items()
        if (post.level, post.role) == (level, role)
    )


async def require_body(
    session: AsyncSession, actor: Actor, body: Body, organisation_id: str
) -> Organisation:
    """Return the organisation at which a body meets, if the actor calls its meetings. Raises
    NotAllowed."""
    level, role = CONVENES[body]
    place = ActPlace(organisation_id, await path_of(session, organisation_id))
    row = await organisation(session, organisation_id)
    # The body's own role alone: a post above it may look, but calls none of its meetings.
    allowed = may(Permission.HOLD_MEETING, actor.posts, place, (role,))
    if row is None or row.level != level or not allowed:
        raise NotAllowed(organisation_id)
    return row


def matter(
    known: Known, row: PlanRow | None, body: Body, today: date, procedure: Procedure
) -> Matter | None:
    """Return what a body may decide of a case, or will decide later in this stage, with what keeps
    it from that; None for nothing. `row`: the case's name in the last plan."""
    book, facts = known
    if row is not None and row.state == PlanState.PROPOSED:
        # First, since the committee votes on a proposed name in the plan, not in the case (G三).
        for step in book.plan:
            if step.body is body:
                return Matter(step, ())
    progress = assess(book, facts, today, procedure.calendar)
    for item in progress.open:
        if item.step.body is body:
            why = item.blockers + _unplanned(item.step, row)
            return Matter(item.step, why, progress.called)
    for step in progress.later:
        # Shown though it can't be decided yet, so that a missing name says what it waits for.
        if step.body is body and step.stage == progress.stage:
            return Matter(step, why_not(book, facts, step.id, today, procedure.calendar))
    return None


def _unplanned(step: Step, row: PlanRow | None) -> tuple[Blocker, ...]:
    if not step.planned or (row is not None and row.state == PlanState.CHECKED):
        return ()
    # The organisers vote only on names that the responsible organiser has checked (G三).
    return (Blocker(BlockerKind.PLAN, step.source, step.title, step=step.id),)


def problem_of(blocker: Blocker) -> Problem:
    """Return a blocker as the problem that a refusal shows."""
    if blocker.kind is BlockerKind.CONDITION:
        return Problem(ProblemCode.STEP_NOT_OPEN, values={"missing": (blocker.step,)})
    if blocker.kind is BlockerKind.EARLIEST:
        return Problem(
            ProblemCode.TOO_EARLY, source=blocker.source, values={"limit": blocker.until}
        )
    if blocker.kind is BlockerKind.LACKING:
        return Problem(ProblemCode.LACKING, source=blocker.source, values={"text": blocker.text})
    if blocker.kind is BlockerKind.AWAITED:
        titles = {"titles": (blocker.text,)}
        return Problem(ProblemCode.AWAITED, source=blocker.source, values=titles)
    codes = {
        BlockerKind.HOLD: ProblemCode.HOLD_OPEN,
        BlockerKind.ENDED: ProblemCode.CASE_ENDED,
        BlockerKind.PLAN: ProblemCode.NOT_AT_LEVEL,
    }
    return Problem(codes[blocker.kind])


async def roster(session: AsyncSession, body: Body, organisation_id: str) -> Roster:
    """Count who may vote in a body, as far as the rows know."""
    if body is Body.ORGANISERS:
        # People, and not posts: each has one vote.
        return Roster(len(await people_in(session, (Role.ORGANISER,))))
    if body is not Body.BRANCH:
        return Roster(None)
    full = select(Person).where(
        Person.organisation_id == organisation_id, col(Person.full_member).is_(True)
    )
    others = select(func.count(col(CaseFile.id))).where(
        CaseFile.organisation_id == organisation_id,
        col(CaseFile.stage).in_(PROBATIONARY),
        CaseFile.status == Status.RUNNING,
    )
    entitled = len((await session.exec(full)).all())
    return Roster(entitled, (await session.exec(others)).one())
