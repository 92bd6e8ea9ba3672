"""To-do items of people who come from other cities."""

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.urgency import Urgency
from domain.rulebook.schema import Role, Rulebook
from services.cases.arrivals import DEPARTMENT, arrivals_waiting
from services.people.views import Actor
from services.todo.views import TodoItem, TodoKind


async def arrived(session: AsyncSession, actor: Actor, book: Rulebook) -> list[TodoItem]:
    """Return whom the actor has to give to a branch, or to answer for."""
    if not actor.roles & {*DEPARTMENT, Role.SECRETARY}:
        return []
    return [
        TodoItem(
            case_id=one.arrival_id,
            kind=TodoKind.ARRIVAL,
            urgency=Urgency.READY,
            person=one.person,
            organisation=one.peer,
        )
        for one in await arrivals_waiting(session, actor, book)
    ]
