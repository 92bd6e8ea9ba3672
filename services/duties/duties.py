"""What an organisation does once a year, such as the yearly report (N38): it is told of it, and
ticks it (docs/procedure.md § 1). Its figures are made by `services.figures`."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, is_open
from domain.duties import by, open_year, rung
from domain.permissions import SEATS, ActPlace, Permission, may
from domain.rulebook.schema import Duty, Rulebook
from models import DutyRow, Organisation, PostRow
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed
from services.core.ports import ROUTINE, Message
from services.duties.views import DutyLine
from services.messages.queue import enqueue
from services.people.scope import name_of
from services.people.views import Actor

DUTY = "duty"


@dataclass
class Duties:
    """Yearly duties: what is open, ticking, reminders."""

    database: Database
    procedure: Procedure

    async def line(self, actor: Actor, duty_id: str, organisation_id: str, today: date) -> DutyLine:
        """Return a duty of the year that is open. Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            duty, year = self._open(actor, duty_id, organisation_id, today)
            return await line_of(session, duty, organisation_id, year)

    async def tick(self, act: Act, actor: Actor, duty_id: str, organisation_id: str) -> DutyLine:
        """Note that a duty of the open year is done. Raises NotAllowed, also where none is open."""
        async with self.database.act(act, actor) as work:
            session, today = work.session, day_of(act.at)
            duty, year = self._open(actor, duty_id, organisation_id, today)
            if not work.repeated:
                # Two people of one place may tick the same duty: the first day stands.
                if await _done(session, duty, organisation_id, year) is None:
                    session.add(
                        DutyRow(
                            organisation_id=organisation_id,
                            duty=duty.id,
                            year=year,
                            done_on=today,
                            done_by=actor.person_id,
                        )
                    )
                    await session.flush()
                await work.done("tick_duty", [duty.id, organisation_id, year])
            return await line_of(session, duty, organisation_id, year)

    async def remind(self, now: datetime) -> int:
        """Remind of what isn't ticked, once a rung; return how many are told."""
        if not is_open(now, self.procedure.calendar):
            return 0
        today, told = day_of(now), 0
        async with self.database.write() as session:
            for duty in self.procedure.current.duties:
                year = open_year(duty, today)
                reached = rung(duty, year, today)
                if reached is None or not holds(self.procedure.current, duty, year):
                    continue
                for organisation_id, people in (await _holders(session, duty)).items():
                    if await _done(session, duty, organisation_id, year) is None:
                        payload = {"duty": duty.id, "organisation": organisation_id}
                        # With the rung as its slot: told once, however often this runs.
                        matter = f"duty:{duty.id}:{year}:{organisation_id}"
                        message = Message(matter, DUTY, str(reached), payload, now, ROUTINE)
                        told += await enqueue(session, people, message)
        return told

    def _open(
        self, actor: Actor, duty_id: str, organisation_id: str, today: date
    ) -> tuple[Duty, int]:
        book = self.procedure.current
        duty = next((item for item in book.duties if item.id == duty_id), None)
        # At the organisation itself: whoever is above it has a report of their own.
        place = ActPlace(organisation_id, (organisation_id,))
        if duty is None or not may(Permission.TICK_DUTY, actor.posts, place, duty.actors):
            raise NotAllowed(duty_id)
        year = open_year(duty, today)
        if not holds(book, duty, year):
            raise NotAllowed(duty_id)
        return duty, year


def holds(book: Rulebook, duty: Duty, year: int) -> bool:
    """Whether the text was in force by then: nobody reports of a year before it."""
    return by(duty, year) >= book.in_force


async def open_for(
    session: AsyncSession, actor: Actor, book: Rulebook, today: date
) -> tuple[DutyLine, ...]:
    """Return what the actor's organisations haven't ticked yet."""
    found = []
    for duty in book.duties:
        year = open_year(duty, today)
        if not holds(book, duty, year):
            continue
        for place in dict.fromkeys(p.organisation_id for p in actor.posts if p.role in duty.actors):
            item = await line_of(session, duty, place, year)
            if item.done_on is None:
                found.append(item)
    return tuple(found)


async def line_of(session: AsyncSession, duty: Duty, organisation_id: str, year: int) -> DutyLine:
    """Return a duty of a year at an organisation; `done_on` is None until it was ticked there."""
    row = await _done(session, duty, organisation_id, year)
    return DutyLine(
        duty_id=duty.id,
        organisation_id=organisation_id,
        organisation=await name_of(session, organisation_id),
        year=year,
        title=duty.title,
        text=duty.text,
        source=duty.source,
        day_source=duty.day_source,
        due_on=by(duty, year),
        done_on=row.done_on if row else None,
    )


async def _done(
    session: AsyncSession, duty: Duty, organisation_id: str, year: int
) -> DutyRow | None:
    statement = select(DutyRow).where(
        DutyRow.organisation_id == organisation_id, DutyRow.duty == duty.id, DutyRow.year == year
    )
    return (await session.exec(statement)).first()


async def _holders(session: AsyncSession, duty: Duty) -> dict[str, list[str]]:
    """Return who ticks it, by organisation: posts at the level that gives them their rights."""
    levels = {SEATS[role] for role in duty.actors}
    statement = (
        select(PostRow)
        .join(Organisation, col(Organisation.id) == PostRow.organisation_id)
        .where(
            col(PostRow.role).in_([role.value for role in duty.actors]),
            col(Organisation.level).in_(levels),
            col(PostRow.until).is_(None),
        )
    )
    found: dict[str, list[str]] = {}
    for post in await session.exec(statement):
        found.setdefault(post.organisation_id, []).append(post.person_id)
    return found
