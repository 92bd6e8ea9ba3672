"""分管组织员: which organiser looks after which committee, and checks its names first (G三)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.facts import Problem
from domain.case.problem_codes import ProblemCode
from domain.permissions import Permission, Place, may
from domain.rulebook.schema import Role
from models import CaseFile, Organisation, Person, PostRow, ResponsibleRow
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound, StepNotOpen
from services.people.scope import committee_over, organisation, path_of
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
            statement = select(Organisation).where(Organisation.level == "committee")
            committees = (await session.exec(statement)).all()
            known = await responsible_for(session, [row.id for row in committees])
            people = {choice.person_id: choice for choice in await _organisers(session)}
        found = [Charge(row.id, row.name, people.get(known.get(row.id, ""))) for row in committees]
        return tuple(sorted(found, key=lambda charge: charge.committee))

    async def organisers(self, actor: Actor) -> tuple[PersonChoice, ...]:
        """Return the organisers to whom a committee can be given. Raises NotAllowed."""
        async with self.database.read() as session:
            await _require(session, actor)
            return await _organisers(session)

    async def give(
        self, act: Act, actor: Actor, organisation_id: str, organiser_id: str
    ) -> tuple[Charge, ...]:
        """Give a committee to an organiser from now on. Raises NotAllowed, NotFound."""
        async with self.database.act(act, actor.person_id) as work:
            await _require(work.session, actor)
            if not work.repeated:
                place = await organisation(work.session, organisation_id)
                known = {choice.person_id for choice in await _organisers(work.session)}
                if place is None or place.level != "committee" or organiser_id not in known:
                    raise NotFound(organisation_id)
                row = await work.session.get(ResponsibleRow, organisation_id) or ResponsibleRow(
                    organisation_id=organisation_id, person_id="", since=day_of(act.at)
                )
                row.person_id, row.since = organiser_id, day_of(act.at)
                work.session.add(row)
                await work.done("give_committee", [organisation_id, organiser_id])
        return await self.charges(actor)


async def responsible_for(session: AsyncSession, places: Iterable[str]) -> dict[str, str]:
    """Return the responsible organiser by organisation id: the one named for the committee there or
    above; where the department has one organiser only, that one. No key where there is none."""
    # Cached in the session: lists ask it for every name.
    if "responsible" not in session.info:
        session.info["responsible"] = await _named(session)
    named, sole = session.info["responsible"]
    found = {}
    for place in dict.fromkeys(places):
        path = await path_of(session, place)
        if who := next((named[above] for above in path if above in named), sole):
            found[place] = who
    return found


async def _named(session: AsyncSession) -> tuple[dict[str, str], str | None]:
    """Return who was named, by committee, and the only organiser there is, if there is one only."""
    serving = {choice.person_id for choice in await _organisers(session)}
    rows = await session.exec(select(ResponsibleRow))
    # Whoever was named and has lost the post since is responsible for nothing.
    named = {row.organisation_id: row.person_id for row in rows if row.person_id in serving}
    return named, next(iter(serving)) if len(serving) == 1 else None


async def require_responsible(session: AsyncSession, actor: Actor, case: CaseFile) -> None:
    """Raises StepNotOpen for an organiser who doesn't look after the committee, naming who does."""
    place = case.organisation_id
    who = (await responsible_for(session, [place])).get(place)
    if who == actor.person_id:
        return
    person = await session.get(Person, who) if who else None
    above = await committee_over(session, place)
    values = {"committee": above.name if above else "", "organiser": person.name if person else ""}
    raise StepNotOpen(case.id, (Problem(ProblemCode.NOT_RESPONSIBLE, values=values),))


async def _organisers(session: AsyncSession) -> tuple[PersonChoice, ...]:
    statement = select(Person, PostRow).where(
        Person.id == PostRow.person_id,
        PostRow.role == Role.ORGANISER.value,
        col(PostRow.until).is_(None),
    )
    found = await session.exec(statement)
    people = {row.id: PersonChoice(row.id, row.name) for row, _ in found}
    return tuple(sorted(people.values(), key=lambda choice: choice.name))


async def _require(session: AsyncSession, actor: Actor) -> None:
    for post in actor.posts:
        place = Place(post.organisation_id, await path_of(session, post.organisation_id))
        if may(Permission.GIVE_COMMITTEE, (post,), place):
            return
    raise NotAllowed(Permission.GIVE_COMMITTEE)
