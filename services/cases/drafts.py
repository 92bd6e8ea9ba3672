"""Answers kept until they are entered or dropped.

What one update brings is stored with its end: the draft, where the conversation then stands, and
that the update is done, are one commit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Answers
from models import Draft
from models.columns import new_id, seal_json
from services.core.database import Database
from services.people.views import Actor

Key = tuple[str, str, str]
"""Person, case, step."""


@dataclass(frozen=True)
class Kept:
    """Answers as they are to be kept. `row`: the id of the draft that is there."""

    key: Key
    answers: Answers
    at: datetime
    row: str | None


_KNOWN = select(Draft.id).where(
    Draft.person_id == bindparam("who"),
    Draft.case_id == bindparam("of"),
    Draft.step == bindparam("in"),
)
_CHANGE = update(Draft).where(col(Draft.id) == bindparam("kept"))
_BEGIN = insert(Draft)

_LATER: ContextVar[list[Kept] | None] = ContextVar("later", default=None)


@contextmanager
def with_the_update() -> Iterator[list[Kept]]:
    """Inside, what is to be kept is collected here, for whoever stores the end of the update."""
    later: list[Kept] = []
    token = _LATER.set(later)
    try:
        yield later
    finally:
        _LATER.reset(token)


def later() -> list[Kept] | None:
    """Where to leave what is to be kept; None where no update is in hand."""
    return _LATER.get()


async def store(session: AsyncSession, kept: Sequence[Kept]) -> None:
    """Writes drafts, the last one of each."""
    newest = {item.key: item for item in kept}.values()
    connection = await session.connection()
    if known := [{"kept": item.row, **_values(item.row, item)} for item in newest if item.row]:
        await connection.execute(_CHANGE, known)
    if begun := [_row(item) for item in newest if item.row is None]:
        await connection.execute(_BEGIN, begun)


async def id_of(session: AsyncSession, key: Key) -> str | None:
    """Of the draft that is there."""
    connection = await session.connection()
    person, case, step = key
    found = await connection.execute(_KNOWN, {"who": person, "of": case, "in": step})
    return found.scalar()


def key_of(actor: Actor, case_id: str, step_id: str) -> Key:
    return actor.person_id, case_id, step_id


async def draft_of(session: AsyncSession, actor: Actor, case_id: str, step_id: str) -> Draft | None:
    statement = select(Draft).where(
        Draft.person_id == actor.person_id, Draft.case_id == case_id, Draft.step == step_id
    )
    return (await session.exec(statement)).first()


async def drop(
    database: Database, session: AsyncSession, actor: Actor, case_id: str, step_id: str
) -> None:
    """Also what the update in hand would keep."""
    key = key_of(actor, case_id, step_id)
    database.drafts.pop(key, None)
    if waiting := later():
        waiting[:] = [item for item in waiting if item.key != key]
    if draft := await draft_of(session, actor, case_id, step_id):
        await session.delete(draft)


def _row(item: Kept) -> dict[str, object]:
    row = new_id()
    person, case, step = item.key
    return {"id": row, "person_id": person, "case_id": case, "step": step, **_values(row, item)}


def _values(row: str, item: Kept) -> dict[str, object]:
    sealed = seal_json(dict(item.answers), "draft", "answers_sealed", row)
    return {"kept_at": item.at, "answers_sealed": sealed}
