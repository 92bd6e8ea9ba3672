"""Who can be put on an agenda, and why somebody can't."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Blocker, OpenStep, Problem
from domain.case.problem_codes import ProblemCode
from domain.case.progress import assess, why_not
from domain.meetings import CONVENES
from domain.permissions import Permission, Place, may
from domain.rulebook.schema import Body, Role, Step
from domain.states import PlanState, Status
from models import CaseFile, Organisation, Person, PlanRow, PostRow
from services.casefile.load import Procedure
from services.casefile.load_many import Known
from services.core.errors import NotAllowed
from services.people.scope import organisation, path_of
from services.people.views import Actor

ACTIVE = (Status.RUNNING.value, Status.PUT_OFF.value)
PLAN_LEVEL = "plan"
"""A blocker: the name hasn't come up to this level of the plan."""
PROBATIONARY = ("probation", "full_membership")


@dataclass(frozen=True)
class Matter:
    """What a body may decide of a case. `why`: what keeps it off the agenda today. `called`: what
    was called for earlier and has no result yet."""

    step: Step
    why: tuple[Blocker, ...]
    called: tuple[OpenStep, ...] = ()


@dataclass(frozen=True)
class Roster:
    """Who is known to be entitled, None where nobody keeps a list; and how many are not, because
    they are probationary members."""

    entitled: int | None
    probationary: int = 0


def bodies_of(actor: Actor) -> tuple[tuple[Body, str, str], ...]:
    """(body, organisation id, its name) of every meeting whose minutes the actor keeps."""
    return tuple(
        (body, post.organisation_id, post.organisation)
        for post in actor.posts
        for body, (level, role) in CONVENES.items()
        if (post.level, post.role) == (level, role)
    )


async def require_body(
    session: AsyncSession, actor: Actor, body: Body, organisation_id: str
) -> Organisation:
    """The organisation at which a body meets. Raises NotAllowed."""
    level, role = CONVENES[body]
    place = Place(organisation_id, await path_of(session, organisation_id))
    row = await organisation(session, organisation_id)
    allowed = may(Permission.HOLD_MEETING, actor.posts, place, (role,))
    if row is None or row.level != level or not allowed:
        raise NotAllowed(organisation_id)
    return row


def matter(
    known: Known, row: PlanRow | None, body: Body, today: date, procedure: Procedure
) -> Matter | None:
    """What a body may decide of a case, or would come to decide next in this stage. `row`: its
    name in the last plan."""
    book, facts = known
    if row is not None and row.state == PlanState.PROPOSED:
        for step in book.plan:
            if step.body is body:
                return Matter(step, ())
    progress = assess(book, facts, today, procedure.calendar)
    for item in progress.open:
        if item.step.body is body:
            why = item.blockers + _unplanned(item.step, row)
            return Matter(item.step, why, progress.called)
    for step in progress.later:
        if step.body is body and step.stage == progress.stage:
            return Matter(step, why_not(book, facts, step.id, today, procedure.calendar))
    return None


def _unplanned(step: Step, row: PlanRow | None) -> tuple[Blocker, ...]:
    if not step.planned or (row is not None and row.state == PlanState.CHECKED):
        return ()
    return (Blocker(PLAN_LEVEL, step.source, step.title, step=step.id),)


def problem_of(blocker: Blocker) -> Problem:
    """The same as a refusal."""
    if blocker.kind == "condition":
        return Problem(ProblemCode.STEP_NOT_OPEN, values={"missing": (blocker.step,)})
    if blocker.kind == "earliest":
        return Problem(
            ProblemCode.TOO_EARLY, source=blocker.source, values={"limit": blocker.until}
        )
    if blocker.kind == "lacking":
        return Problem(ProblemCode.LACKING, source=blocker.source, values={"text": blocker.text})
    if blocker.kind == "awaited":
        titles = {"titles": (blocker.text,)}
        return Problem(ProblemCode.AWAITED, source=blocker.source, values=titles)
    codes = {
        "hold": ProblemCode.HOLD_OPEN,
        "ended": ProblemCode.CASE_ENDED,
        PLAN_LEVEL: ProblemCode.NOT_AT_LEVEL,
    }
    return Problem(codes[blocker.kind])


async def roster(session: AsyncSession, body: Body, organisation_id: str) -> Roster:
    if body is Body.ORGANISERS:
        statement = select(func.count(col(PostRow.id))).where(
            PostRow.role == Role.ORGANISER.value, col(PostRow.until).is_(None)
        )
        return Roster((await session.exec(statement)).one())
    if body is not Body.BRANCH:
        return Roster(None)
    full = select(func.count(col(Person.id))).where(
        Person.organisation_id == organisation_id, col(Person.full_member).is_(True)
    )
    others = select(func.count(col(CaseFile.id))).where(
        CaseFile.organisation_id == organisation_id,
        col(CaseFile.stage).in_(PROBATIONARY),
        CaseFile.status == "running",
    )
    return Roster((await session.exec(full)).one(), (await session.exec(others)).one())
