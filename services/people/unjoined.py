"""Members whom a branch has named as introducers or contacts and who haven't joined yet."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.schema import Role
from domain.states import Status
from models import CaseFile, CaseHelper, Invitation, Person, PostRow
from models.among import among

NAMED_AS = (Role.INTRODUCER, Role.CONTACT)
RUNNING = (Status.RUNNING, Status.PUT_OFF)


async def unjoined(session: AsyncSession, organisation_id: str, at: datetime) -> Sequence[Person]:
    """Return, by name, those named in a running case of a branch whom no message reaches, since
    they never joined, and for whom no link is open."""
    named = {row.person_id for row in await _named(session, organisation_id)}
    statement = select(Person).where(among(col(Person.id), named), col(Person.chat_index).is_(None))
    people = (await session.exec(statement)).all()
    ids = {person.id for person in people}
    posts = select(PostRow).where(among(col(PostRow.person_id), ids), col(PostRow.until).is_(None))
    links = select(Invitation).where(
        among(col(Invitation.person_id), ids),
        col(Invitation.used_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        Invitation.expires_at >= at,
    )
    # Whoever holds a post has joined before, and lost a telephone since: that is another link.
    ids -= {row.person_id for row in await session.exec(posts)}
    ids -= {row.person_id for row in await session.exec(links)}
    found = [person for person in people if person.id in ids]
    return sorted(found, key=lambda person: (str(person.name), person.id))


async def _named(session: AsyncSession, organisation_id: str) -> Sequence[CaseHelper]:
    statement = (
        select(CaseHelper)
        .join(CaseFile, col(CaseFile.id) == col(CaseHelper.case_id))
        .where(
            CaseFile.organisation_id == organisation_id,
            col(CaseFile.status).in_([status.value for status in RUNNING]),
            col(CaseHelper.until).is_(None),
            col(CaseHelper.role).in_([role.value for role in NAMED_AS]),
        )
    )
    return (await session.exec(statement)).all()
