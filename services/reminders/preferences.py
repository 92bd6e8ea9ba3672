"""What people set for themselves: hour of the daily digest, quiet time, snoozed steps."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import Choice, Wishes, day_of
from domain.case.progress import assess
from domain.case.urgency import nearest, snoozes
from domain.permissions import Permission
from domain.rulebook.schema import Step
from models import Person, Preference, Snooze
from services.casefile.load import load_case
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed
from services.messages.preferences import wishes_of
from services.people.scope import case_for
from services.people.views import Actor


@dataclass(frozen=True)
class Waits:
    """An open step, and for how many days it may be snoozed: not past its due day, and one day only
    once that has passed."""

    person: str
    step: Step
    days: tuple[int, ...]


@dataclass
class Preferences:
    """Hours, quiet times and snoozes, as people set them."""

    database: Database
    procedure: Procedure

    @property
    def choice(self) -> Choice:
        """The wishes that the organisation allows."""
        return self.procedure.current.wishes

    async def wishes(self, actor: Actor) -> Wishes:
        async with self.database.read() as session:
            return await wishes_of(session, actor.person_id)

    async def set_wishes(self, act: Act, actor: Actor, wishes: Wishes) -> Wishes:
        """Raises NotAllowed for what the organisation doesn't allow."""
        async with self.database.act(act, actor) as work:
            known = await work.session.get(Person, actor.person_id)
            if known is None or not self.choice.allows(wishes):
                raise NotAllowed("wishes")
            if not work.repeated:
                row = await work.session.get(Preference, actor.person_id)
                row = row or Preference(person_id=actor.person_id, digest_at=wishes.digest)
                row.digest_at = wishes.digest
                row.quiet_from, row.quiet_until = wishes.quiet or (None, None)
                row.weekly = wishes.weekly
                work.session.add(row)
                await work.done("set_wishes")
            return wishes

    async def waits(self, actor: Actor, case_id: str, step_id: str, today: date) -> Waits:
        """Raises NotAllowed, also where the step isn't open."""
        async with self.database.read() as session:
            return await self._waits(session, actor, case_id, step_id, today)

    async def snooze(self, act: Act, actor: Actor, case_id: str, step_id: str, days: int) -> date:
        """Snooze a step for this actor only, and return the day on which reminders of it begin
        again. Raises NotAllowed, also for more days than the step can wait."""
        until = day_of(act.at) + timedelta(days=days)
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return date.fromisoformat(work.result)
            waits = await self._waits(work.session, actor, case_id, step_id, day_of(act.at))
            if days not in waits.days:
                raise NotAllowed(case_id)
            statement = select(Snooze).where(
                Snooze.person_id == actor.person_id,
                Snooze.case_id == case_id,
                Snooze.step == step_id,
            )
            # One row a person and step (unique): snoozed again, it gets another day.
            known = (await work.session.exec(statement)).first()
            row = known or Snooze(
                person_id=actor.person_id, case_id=case_id, step=step_id, until=until
            )
            row.until = until
            work.session.add(row)
            await work.done("snooze", until.isoformat(), chain=case_id)
            return until

    async def _waits(
        self, session: AsyncSession, actor: Actor, case_id: str, step_id: str, today: date
    ) -> Waits:
        case, _ = await case_for(session, actor, case_id, Permission.SEE_CASE)
        loaded = await load_case(session, case, self.procedure)
        progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        for item in progress.open:
            if item.step.id == step_id:
                due = nearest(item.deadlines)
                return Waits(case.person, item.step, snoozes(due.on if due else None, today))
        raise NotAllowed(case_id)
