"""分管组织员: which organiser looks after which committee, and checks its names first (G三)."""

from dataclasses import dataclass

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.organisations import COMMITTEE
from domain.permissions import Permission
from models import Organisation, ResponsibleRow
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound
from services.people.permitted import posts_with
from services.people.responsible_for import responsible_for, serving_organisers
from services.people.scope import organisation
from services.people.views import Actor, PersonChoice


@dataclass(frozen=True)
class Charge:
    """A committee and the organiser who looks after it; None while nobody was named."""

    committee_id: str
    committee: str
    organiser: PersonChoice | None


@dataclass
class Responsible:
    database: Database

    async def charges(self, actor: Actor) -> tuple[Charge, ...]:
        """Return every committee with its organiser, by name. Raises NotAllowed."""
        async with self.database.read() as session:
            await _require(session, actor)
            statement = select(Organisation).where(Organisation.level == COMMITTEE)
            committees = (await session.exec(statement)).all()
            known = await responsible_for(session, [row.id for row in committees])
            people = {choice.person_id: choice for choice in await serving_organisers(session)}
        found = [Charge(row.id, row.name, people.get(known.get(row.id, ""))) for row in committees]
        return tuple(sorted(found, key=lambda charge: charge.committee))

    async def organisers(self, actor: Actor) -> tuple[PersonChoice, ...]:
        """Return the organisers to whom a committee can be given. Raises NotAllowed."""
        async with self.database.read() as session:
            await _require(session, actor)
            return await serving_organisers(session)

    async def give(
        self, act: Act, actor: Actor, organisation_id: str, organiser_id: str
    ) -> tuple[Charge, ...]:
        """Give a committee to an organiser from now on. Raises NotAllowed, NotFound."""
        async with self.database.act(act, actor) as work:
            await _require(work.session, actor)
            if not work.repeated:
                place = await organisation(work.session, organisation_id)
                known = {choice.person_id for choice in await serving_organisers(work.session)}
                if place is None or place.level != COMMITTEE or organiser_id not in known:
                    raise NotFound(organisation_id)
                row = await work.session.get(ResponsibleRow, organisation_id) or ResponsibleRow(
                    organisation_id=organisation_id, person_id="", since=day_of(act.at)
                )
                row.person_id, row.since = organiser_id, day_of(act.at)
                work.session.add(row)
                await work.done("give_committee", [organisation_id, organiser_id])
        return await self.charges(actor)


async def _require(session: AsyncSession, actor: Actor) -> None:
    if not await posts_with(session, actor, Permission.GIVE_COMMITTEE):
        raise NotAllowed(Permission.GIVE_COMMITTEE)
