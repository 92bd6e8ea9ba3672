"""To-do items of random checks: what a branch was told and still has to put right."""

from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.urgency import by_day
from domain.permissions import TABLE, Permission
from models import InspectedRow
from services.people.views import Actor
from services.todo.views import TodoItem, TodoKind


async def checks_waiting(session: AsyncSession, actor: Actor, today: date) -> list[TodoItem]:
    """Return what the actor's branches were told and haven't put right, for those who answer."""
    answers = TABLE[Permission.ANSWER_CHECK]
    places = {p.organisation_id: p.organisation for p in actor.posts if p.role in answers}
    statement = select(InspectedRow).where(
        col(InspectedRow.organisation_id).in_(places),
        col(InspectedRow.due_on).is_not(None),
        col(InspectedRow.righted_on).is_(None),
    )
    return [
        TodoItem(
            case_id=row.id,
            organisation=places[row.organisation_id],
            kind=TodoKind.CHECK,
            urgency=by_day(row.due_on, today),
            answer_by=row.due_on,
        )
        for row in await session.exec(statement)
        if row.due_on is not None
    ]
