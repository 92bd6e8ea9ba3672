"""Signatures of an entry: one holder of a post signs, of the helpers of a case each who is asked.

Whom no message reaches signs on paper, and the secretary confirms it here; otherwise the case would
wait for a message that can't arrive (docs/decisions/0022).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.schema import Role, Step
from models import CaseHelper, EntryRow, Person, Signature
from models.columns import new_id
from models.macs import with_macs
from services.core.acts import Act
from services.core.guard import change_rows, delete_found, insert_made, insert_rows
from services.people.views import Actor

Signatures = tuple[Any, ...]
"""Plain rows with the columns of Signature."""
Helping = tuple[tuple[CaseHelper, Person], ...]


@dataclass(frozen=True)
class Task:
    """What is asked of a reader. `role`: the one in which they are to sign. `paper`: signatures of
    others that they are to confirm, once those have signed on paper."""

    role: Role | None = None
    paper: Signatures = ()

    def __bool__(self) -> bool:
        return self.role is not None or bool(self.paper)


def given(rows: Iterable[Any]) -> tuple[str, ...]:
    """Return the ids of the people who have signed."""
    return tuple(row.person_id for row in rows if row.signed_at is not None)


def confirmed(rows: Iterable[Any]) -> tuple[str, ...]:
    """Return the ids of those who have seen others' signatures on paper."""
    return tuple(row.paper_by for row in rows if row.paper_by is not None)


def asked(rows: Iterable[Any]) -> Signatures:
    """Return the signatures still asked of somebody by name."""
    return tuple(row for row in rows if row.signed_at is None)


def complete(rows: Collection[Any]) -> frozenset[Role]:
    """Return the roles in which somebody has signed and nobody is asked any more."""
    if not rows:
        return frozenset()
    waiting = {row.role for row in asked(rows)}
    return frozenset(Role(row.role) for row in rows if row.role not in waiting)


def owed(step: Step, rows: Collection[Any], roles: Collection[Role], person_id: str) -> Role | None:
    """Return the role in which a person with `roles` is to sign an entry, or None. Where some are
    asked by name, nobody else is."""
    # Once a person, whatever roles they have: two signatures mean two people.
    if person_id in given(rows):
        return None
    for role in step.signed_by:
        named = {row.person_id for row in asked(rows) if row.role == role.value}
        if role in roles and role not in complete(rows) and (not named or person_id in named):
            return role
    return None


def task(
    step: Step,
    rows: Collection[Any],
    roles: Collection[Role],
    person_id: str,
    helping: Helping,
) -> Task:
    """Return what a person with `roles` is to do for an entry with these signatures."""
    paper = on_paper(rows, helping) if Role.SECRETARY in roles else ()
    return Task(owed(step, rows, roles, person_id), paper)


def on_paper(rows: Collection[Any], helping: Helping) -> Signatures:
    """Return the signatures asked of people whom no message reaches. Only of those may somebody
    else say that they signed."""
    waiting = asked(rows)
    if not waiting:
        return ()
    unreached = {person.id for _, person in helping if not person.reachable}
    return tuple(row for row in waiting if row.person_id in unreached)


async def ask(
    session: AsyncSession,
    act: Act,
    actor: Actor,
    step: Step,
    entry: EntryRow,
    helping: Helping,
    roles: Collection[Role],
) -> Signatures:
    """Ask everybody who helps in a role of which each signs, and return the signatures of a new
    entry, as plain rows. `roles`: those of the actor in its case; entering it is the signature of
    who entered it, who isn't asked in other roles then."""
    # Stored, not worked out later: who joins the case afterwards isn't asked for what counted, and
    # who leaves doesn't hold it up (docs/decisions/0022).
    rows = [
        _new(entry, person.id, helper.role)
        for helper, person in helping
        if Role(helper.role) in step.each_signs
    ]
    role = owed(step, rows, roles, actor.person_id)
    if role is not None:
        others = [row for row in rows if row.person_id != actor.person_id]
        rows = [*others, _new(entry, actor.person_id, role.value, act.at)]
    made = with_macs(Signature, map(vars, rows))
    await insert_made(session, Signature, made)
    return tuple(SimpleNamespace(**values) for values in made)


def _new(entry: EntryRow, person_id: str, role: str, at: datetime | None = None) -> Any:
    return SimpleNamespace(
        id=new_id(),
        case_id=entry.case_id,
        entry_id=entry.id,
        person_id=person_id,
        role=role,
        signed_at=at,
        paper_by=None,
    )


async def confirm(session: AsyncSession, act: Act, actor: Actor, paper: Signatures) -> None:
    """Note that the actor has seen these signatures on paper."""
    seen = {"signed_at": act.at, "paper_by": actor.person_id}
    await change_rows(session, Signature, [(row, seen) for row in paper])


async def sign(
    session: AsyncSession, act: Act, actor: Actor, rows: Signatures, role: Role, entry: EntryRow
) -> None:
    """Sign an entry in `role` and withdraw what is asked of the actor in other roles."""
    own = {row.role: row for row in asked(rows) if row.person_id == actor.person_id}
    asked_here = own.pop(role.value, None)
    if asked_here is None:
        fresh = _new(entry, actor.person_id, role.value, act.at)
        await insert_rows(session, Signature, [vars(fresh)])
    else:
        await change_rows(session, Signature, [(asked_here, {"signed_at": act.at})])
    await delete_found(session, Signature, tuple(own.values()))


async def helping_still(
    session: AsyncSession, found: dict[str, Signatures], helping: Helping
) -> dict[str, Signatures]:
    """Withdraw what is asked of people who help in the case no longer, and return the rest of
    `found`. What they have signed stays."""
    now = {(helper.person_id, helper.role) for helper, _ in helping}
    waiting = [row for rows in found.values() for row in asked(rows)]
    gone = [row for row in waiting if (row.person_id, row.role) not in now]
    if not gone:
        return found
    await delete_found(session, Signature, gone)
    ids = {row.id for row in gone}
    return {key: tuple(row for row in rows if row.id not in ids) for key, rows in found.items()}
