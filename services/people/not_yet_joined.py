"""Members whom a branch has named as introducers or contacts and who haven't joined yet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.schema import Role
from domain.states import Status
from domain.writing.names import spelling, told_apart
from models import CaseFile, CaseHelper, Invitation, Person, PostRow
from models.in_values import among
from services.people.people import members_of

NAMED_AS = (Role.INTRODUCER, Role.CONTACT)
RUNNING = (Status.RUNNING, Status.PUT_OFF)
CASES = 3
"""Of namesakes, at most so many are said whom they help."""


async def unjoined(
    session: AsyncSession, organisation_id: str, at: datetime
) -> Sequence[tuple[str, str]]:
    """Return, by name, the id and the name of those named in a running case of a branch whom no
    message reaches, since they never joined, and for whom no link is open. Where somebody there has
    the same name, it says whose case it is: a link sent to the other one lets them in as this
    one."""
    named = await _named(session, organisation_id)
    ids_named = {row.person_id for row in named}
    statement = select(Person).where(
        among(col(Person.id), ids_named), col(Person.chat_index).is_(None)
    )
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
    found.sort(key=lambda person: (str(person.name), person.id))
    names = {row.person_id: row.name for row in await members_of(session, organisation_id)}
    names |= {person.id: str(person.name) for person in found}
    alike = Counter(map(spelling, names.values()))
    same = {person.id for person in found if alike[spelling(str(person.name))] > 1}
    cases = await _cases_of(session, [row for row in named if row.person_id in same])
    labels = [_label(person, cases.get(person.id, ())) for person in found]
    return [(one.id, label) for one, label in zip(found, told_apart(labels), strict=True)]


def _label(person: Person, cases: Sequence[str]) -> str:
    said = "、".join(cases[:CASES])
    return f"{person.name}（{said}）" if said else str(person.name)


async def _cases_of(
    session: AsyncSession, named: Sequence[CaseHelper]
) -> Mapping[str, Sequence[str]]:
    """Whose cases they are, by the person who was named."""
    ids = {row.case_id for row in named}
    rows = await session.exec(select(CaseFile).where(among(col(CaseFile.id), ids)))
    names = {row.id: str(row.person) for row in rows}
    found: dict[str, set[str]] = {}
    for row in named:
        found.setdefault(row.person_id, set()).add(names[row.case_id])
    return {person: sorted(cases) for person, cases in found.items()}


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
