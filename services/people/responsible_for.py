"""Who is the 分管组织员 of a committee (G三), as other services ask it in their own session."""

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Problem, ProblemCode
from domain.rulebook.schema import Role
from models import CaseFile, Person, PostRow, ResponsibleRow
from services.core.errors import StepNotOpen
from services.people.scope import committee_over, paths_of
from services.people.views import Actor, PersonChoice


async def responsible_for(session: AsyncSession, places: Iterable[str]) -> dict[str, str]:
    """Return the responsible organiser by organisation id: the one named for the committee there or
    above; where the department has one organiser only, that one. No key where there is none."""
    # Cached in the session: lists ask it for every name.
    if "responsible" not in session.info:
        session.info["responsible"] = await _named(session)
    named, sole = session.info["responsible"]
    found, wanted = {}, tuple(dict.fromkeys(places))
    paths = await paths_of(session, wanted)
    for place in wanted:
        if who := next((named[above] for above in paths[place] if above in named), sole):
            found[place] = who
    return found


async def _named(session: AsyncSession) -> tuple[dict[str, str], str | None]:
    """Return who was named, by committee, and the only organiser there is, if there is one only."""
    serving = {choice.person_id for choice in await serving_organisers(session)}
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


async def serving_organisers(session: AsyncSession) -> tuple[PersonChoice, ...]:
    """Return the organisers who hold their post now, by name."""
    statement = select(Person, PostRow).where(
        Person.id == PostRow.person_id,
        PostRow.role == Role.ORGANISER.value,
        col(PostRow.until).is_(None),
    )
    found = await session.exec(statement)
    people = {row.id: PersonChoice(row.id, row.name) for row, _ in found}
    return tuple(sorted(people.values(), key=lambda choice: choice.name))
