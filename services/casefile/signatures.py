"""Who signs an entry: of a post one person, of those who help in a case everybody asked by name.

Who can't be asked signs on paper, and the secretary says so here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.schema import Role, Step
from models import CaseHelper, Person, Signature
from services.core.acts import Act
from services.people.views import Actor

Signatures = tuple[Signature, ...]
Helping = tuple[tuple[CaseHelper, Person], ...]


@dataclass(frozen=True)
class Task:
    """`role`: in which somebody is to sign. `paper`: what they are to say of others, once it stands
    on paper."""

    role: Role | None = None
    paper: Signatures = ()

    def __bool__(self) -> bool:
        return self.role is not None or bool(self.paper)


async def signatures(session: AsyncSession, ids: Iterable[str]) -> dict[str, Signatures]:
    """Given and asked for, by entry."""
    statement = select(Signature).where(col(Signature.entry_id).in_(list(ids)))
    found: dict[str, Signatures] = {}
    for row in await session.exec(statement.order_by(col(Signature.signed_at))):
        found[row.entry_id] = (*found.get(row.entry_id, ()), row)
    return found


def given(rows: Iterable[Signature]) -> tuple[str, ...]:
    """The people who have signed."""
    return tuple(row.person_id for row in rows if row.signed_at is not None)


def asked(rows: Iterable[Signature]) -> Signatures:
    """What is still asked of somebody by name."""
    return tuple(row for row in rows if row.signed_at is None)


def complete(rows: Collection[Signature]) -> frozenset[Role]:
    """The roles in which all have signed who are asked."""
    if not rows:
        return frozenset()
    waiting = {row.role for row in asked(rows)}
    return frozenset(Role(row.role) for row in rows if row.role not in waiting)


def owed(
    step: Step, rows: Collection[Signature], roles: Collection[Role], person_id: str
) -> Role | None:
    """The role in which somebody who has `roles` is to sign. Who is several things in a case signs
    once: the other signature is another person's. Where some are asked by name, nobody else is."""
    if person_id in given(rows):
        return None
    for role in step.signed_by:
        named = {row.person_id for row in asked(rows) if row.role == role.value}
        if role in roles and role not in complete(rows) and (not named or person_id in named):
            return role
    return None


def task(
    step: Step,
    rows: Collection[Signature],
    roles: Collection[Role],
    person_id: str,
    helping: Helping,
) -> Task:
    """What somebody who has `roles` is to do for the entry with these signatures."""
    paper = on_paper(rows, helping) if Role.SECRETARY in roles else ()
    return Task(owed(step, rows, roles, person_id), paper)


def on_paper(rows: Collection[Signature], helping: Helping) -> Signatures:
    """What is asked of people whom no message reaches: they sign on paper alone."""
    waiting = asked(rows)
    if not waiting:
        return ()
    unreached = {person.id for _, person in helping if not person.reachable}
    return tuple(row for row in waiting if row.person_id in unreached)


async def ask(session: AsyncSession, step: Step, entry_id: str, helping: Helping) -> Signatures:
    """Asks everybody who helps in a role of which each signs."""
    rows = tuple(
        Signature(entry_id=entry_id, person_id=person.id, role=helper.role)
        for helper, person in helping
        if Role(helper.role) in step.each_signs
    )
    session.add_all(rows)
    await session.flush()
    return rows


async def confirm(session: AsyncSession, act: Act, actor: Actor, paper: Signatures) -> None:
    """The actor says that these stand on paper."""
    for row in paper:
        row.signed_at, row.paper_by = act.at, actor.person_id
        session.add(row)
    await session.flush()


async def sign(
    session: AsyncSession, act: Act, actor: Actor, rows: Signatures, role: Role, entry_id: str
) -> Signatures:
    """The signatures of an entry after the actor's in `role`: no other is asked of them."""
    own = {row.role: row for row in asked(rows) if row.person_id == actor.person_id}
    fresh = Signature(entry_id=entry_id, person_id=actor.person_id, role=role.value)
    signed = own.pop(role.value, fresh)
    signed.signed_at = act.at
    session.add(signed)
    await _withdraw(session, own.values())
    return (*_without(rows, {signed.id, *(row.id for row in own.values())}), signed)


async def helping_still(
    session: AsyncSession, found: dict[str, Signatures], helping: Helping
) -> dict[str, Signatures]:
    """As `found`, with nothing asked of those who help in the case no longer."""
    now = {(helper.person_id, helper.role) for helper, _ in helping}
    waiting = [row for rows in found.values() for row in asked(rows)]
    gone = [row for row in waiting if (row.person_id, row.role) not in now]
    if not gone:
        return found
    await _withdraw(session, gone)
    ids = {row.id for row in gone}
    return {key: _without(rows, ids) for key, rows in found.items()}


def _without(rows: Signatures, ids: Collection[str]) -> Signatures:
    return tuple(row for row in rows if row.id not in ids)


async def _withdraw(session: AsyncSession, rows: Iterable[Signature]) -> None:
    for row in rows:
        await session.delete(row)
    await session.flush()
