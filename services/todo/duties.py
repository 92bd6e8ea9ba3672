"""To-do items of yearly duties."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.urgency import by_day
from domain.rulebook.schema import Rulebook
from services.duties.duties import open_for
from services.people.views import Actor
from services.todo.views import TodoItem, TodoKind


async def duties_waiting(
    session: AsyncSession, actor: Actor, book: Rulebook, today: date
) -> list[TodoItem]:
    """Return what the actor's organisations have to do this year and didn't tick yet."""
    return [
        TodoItem(
            case_id=item.organisation_id,
            organisation=item.organisation,
            kind=TodoKind.DUTY,
            urgency=by_day(item.due_on, today),
            answer_by=item.due_on,
            duty=item,
        )
        for item in await open_for(session, actor, book, today)
    ]
