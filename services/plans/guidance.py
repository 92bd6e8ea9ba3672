"""指导意见: what the department makes public at the beginning of a year, conditions, procedure and
focus (G三). What was published stays; a later text of the same year stands before it."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, next_open
from domain.permissions import Permission
from domain.plans import GUIDANCE, LONGEST_PART, SHORTEST_PART
from domain.rulebook.schema import Role
from models import GuidanceRow
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound
from services.core.ports import Message
from services.messages.queue import enqueue
from services.people.permitted import people_in, posts_with
from services.people.scope import require_in_department
from services.people.views import Actor

GUIDANCE_TOLD = "guidance"
"""The kind of message that says that there is one."""


@dataclass(frozen=True)
class Guidance:
    """One text. `parts`: by name, in the order of domain.plans.GUIDANCE. `newest`: no later one of
    the same year."""

    year: int
    number: int
    published_on: date
    parts: dict[str, str]
    newest: bool = True


@dataclass
class Guidances:
    database: Database
    procedure: Procedure

    async def years(self, actor: Actor) -> tuple[Guidance, ...]:
        """Return all texts, the newest first. Raises NotAllowed."""
        async with self.database.read() as session:
            if not await posts_with(session, actor, Permission.SEE_PLAN):
                raise NotAllowed(Permission.SEE_PLAN)
            return await _all(session)

    async def publish(self, act: Act, actor: Actor, year: int, parts: dict[str, str]) -> Guidance:
        """Make a text public, and tell secretaries and committees. Raises NotAllowed, and NotFound
        where a part is missing, or shorter or longer than one may be."""
        async with self.database.act(act, actor) as work:
            session, today = work.session, day_of(act.at)
            await require_in_department(session, actor, Permission.PUBLISH_GUIDANCE)
            if not work.repeated:
                said = {name: parts.get(name, "").strip() for name in GUIDANCE}
                fits = all(SHORTEST_PART <= len(one) <= LONGEST_PART for one in said.values())
                if not fits or year not in (today.year, today.year + 1):
                    raise NotFound("a guidance")
                earlier = [one.number for one in await _all(session) if one.year == year]
                row = GuidanceRow(
                    year=year, number=max(earlier, default=0) + 1,
                    published_on=today, published_by=actor.person_id,
                )  # fmt: skip
                row.text = said
                session.add(row)
                await session.flush()
                at = next_open(act.at, self.procedure.calendar)
                news = Message(f"guidance:{year}", GUIDANCE_TOLD, row.id, {"year": year}, at)
                people = await people_in(session, (Role.SECRETARY, Role.COMMITTEE))
                await enqueue(session, people, news)
                await work.done("publish_guidance", row.id)
            found = await session.get_one(GuidanceRow, work.result)
            # Whatever was published meanwhile: an act that is repeated gives what it gave before.
            return _read(found, newest=True)


async def _all(session: AsyncSession) -> tuple[Guidance, ...]:
    newest_first = (col(GuidanceRow.year).desc(), col(GuidanceRow.number).desc())
    rows = (await session.exec(select(GuidanceRow).order_by(*newest_first))).all()
    seen: set[int] = set()
    found = []
    for row in rows:
        found.append(_read(row, newest=row.year not in seen))
        seen.add(row.year)
    return tuple(found)


def _read(row: GuidanceRow, newest: bool) -> Guidance:
    return Guidance(row.year, row.number, row.published_on, dict(row.text), newest)
