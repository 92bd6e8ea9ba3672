"""责任追究: remind of an assigned situation whose time runs out or is over: whoever has the power
over it, and in the end the level above (docs/procedure.md § 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, is_open
from domain.catalogue import Catalogue, owed_by, rung
from domain.permissions import next_up
from domain.rulebook.schema import Role
from models import BreachRow, CaseFile, Person
from services.casefile.procedure import Procedure
from services.core.database import Database
from services.core.ports import URGENT, Message
from services.messages.queue import enqueue
from services.people.permitted import people_in
from services.people.scope import path_of

ASSIGNED = "assigned"
"""The kind of message that says that a situation has to be dealt with."""


@dataclass
class AssignedSituations:
    """The clock of what was assigned. `catalogue`: the organisation's own situations."""

    database: Database
    procedure: Procedure
    catalogue: Catalogue

    async def remind(self, now: datetime) -> int:
        """Remind of what isn't dealt with, once a rung; return how many are told. `now`: aware."""
        if not is_open(now, self.procedure.calendar):
            return 0
        today, told = day_of(now), 0
        async with self.database.write() as session:
            statement = (
                select(BreachRow, CaseFile)
                .where(BreachRow.case_id == CaseFile.id)
                .where(col(BreachRow.due_on).is_not(None))
                .where(col(BreachRow.treated_on).is_(None), col(BreachRow.cleared_on).is_(None))
                .order_by(col(BreachRow.due_on), col(BreachRow.id))
            )
            for row, case in await session.exec(statement):
                told += await self._tell(session, row, case, today, now)
        return told

    async def _tell(
        self, session: AsyncSession, row: BreachRow, case: CaseFile, today: date, now: datetime
    ) -> int:
        situation, due_on = self.catalogue.situations.get(row.situation), row.due_on
        reached = rung(due_on, today) if due_on else None
        # One that has left the catalogue has no powers any more that could be asked.
        if situation is None or reached is None:
            return 0
        people = await _told(session, case, owed_by(situation), reached.escalates)
        # With its day: assigned anew, a situation has a time of its own.
        matter = f"assigned:{row.id}:{due_on}"
        message = Message(matter, ASSIGNED, reached.name, {"breach": row.id}, now, URGENT)
        return await enqueue(session, people, message)


async def _told(
    session: AsyncSession, case: CaseFile, roles: frozenset[Role], escalates: bool
) -> tuple[str, ...]:
    """Return who is told: those with the power, and the level above on the last rung, or where
    there is nobody or somebody whom no message reaches."""
    path = await path_of(session, case.organisation_id)
    acting = await people_in(session, roles, path)
    people = [await session.get_one(Person, person_id) for person_id in acting]
    # Somebody has to hear of it: a power that nobody can be told of is told of one level up.
    if escalates or not acting or not all(person.reachable for person in people):
        acting = (*acting, *await people_in(session, next_up(roles), path))
    return tuple(dict.fromkeys(acting))
