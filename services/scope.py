"""What a person may reach: organisations above and below, and cases they help in."""

from collections.abc import Sequence

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import Act as Permission
from domain.access import Place, may
from domain.schema import Role
from models import CaseFile, CaseHelper, Organisation
from services.errors import NotAllowed
from services.views import Actor


async def path_of(session: AsyncSession, organisation_id: str) -> tuple[str, ...]:
    """The organisation and all above it, nearest first. Looked up once per transaction: several
    questions of one act need it."""
    known: dict[str, tuple[str, ...]] = session.info.setdefault("paths", {})
    if organisation_id not in known:
        known[organisation_id] = await _walk_up(session, organisation_id)
    return known[organisation_id]


async def _walk_up(session: AsyncSession, organisation_id: str) -> tuple[str, ...]:
    path: list[str] = []
    here: str | None = organisation_id
    while here is not None and here not in path:
        row = await session.get(Organisation, here)
        if row is None:
            break
        path.append(here)
        here = row.parent_id
    return tuple(path)


async def branches_below(session: AsyncSession, organisation_id: str) -> tuple[str, ...]:
    """The organisation and all below it."""
    found, level = [organisation_id], [organisation_id]
    while level:
        statement = select(Organisation.id).where(Organisation.parent_id.in_(level))  # type: ignore[union-attr]
        level = list((await session.exec(statement)).all())
        found += level
    return tuple(found)


async def place_of(session: AsyncSession, actor: Actor, case: CaseFile) -> Place:
    """Where a case lies, and what the actor is in it."""
    statement = select(CaseHelper.role).where(
        CaseHelper.case_id == case.id,
        CaseHelper.person_id == actor.person_id,
        CaseHelper.until.is_(None),  # type: ignore[union-attr]
    )
    roles = frozenset(Role(role) for role in (await session.exec(statement)).all())
    return Place(case.organisation_id, await path_of(session, case.organisation_id), roles)


async def allowed_at(
    session: AsyncSession, actor: Actor, organisation_id: str, permission: Permission
) -> bool:
    place = Place(organisation_id, await path_of(session, organisation_id))
    return may(permission, actor.posts, place)


async def case_for(
    session: AsyncSession,
    actor: Actor,
    case_id: str,
    permission: Permission,
    step_actors: Sequence[Role] | None = None,
) -> tuple[CaseFile, Place]:
    """The case, if the actor may do this to it. Raises NotAllowed, also where there is none: what
    may not be seen must look as if it weren't there."""
    case = await session.get(CaseFile, case_id)
    if case is None:
        raise NotAllowed(case_id)
    place = await place_of(session, actor, case)
    if not may(permission, actor.posts, place, step_actors):
        raise NotAllowed(case_id)
    return case, place
