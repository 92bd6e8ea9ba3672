"""Answers kept until they are entered or dropped.

What one update brings is stored with its end: the draft, where the conversation then stands, and
that the update is done, are one commit. Example: the secretary types a name; the handler appends a
HeldDraft to `UpdateContext.held` and asks the next question; the worker ends the update, and the
group commit calls HeldDraft.store. Killed before that commit, the process that comes next handles
the same message again: the draft is written once, with the same answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, text
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Answers
from models import Draft
from models.columns import UTCDateTime, new_id, seal_json
from models.macs import by_hand
from services.messages.conversation_changes import HeldWrite
from services.people.views import Actor

DraftKey = tuple[str, str, str]
"""Person, case, step: a person has one draft of a step."""

# Built once: it runs with every commit that ends an update. The id goes with the answers, which are
# sealed to it; nothing else refers to it.
_KEEP = text(
    "INSERT INTO draft (id, person_id, case_id, step, kept_at, answers_sealed) "
    "VALUES (:id, :person_id, :case_id, :step, :kept_at, :answers_sealed) "
    "ON CONFLICT (person_id, case_id, step) DO UPDATE SET "
    "id = excluded.id, kept_at = excluded.kept_at, answers_sealed = excluded.answers_sealed"
).bindparams(bindparam("kept_at", type_=UTCDateTime))
_DRAFTS = SQLModel.metadata.tables[str(Draft.__tablename__)]
_DRAFT = select(Draft).where(
    col(Draft.person_id) == bindparam("of_person"),
    col(Draft.case_id) == bindparam("of_case"),
    col(Draft.step) == bindparam("of_step"),
)
# Of the table: a session would look for it among its objects, and there is none.
_DROP: Any = delete(_DRAFTS).where(
    _DRAFTS.c.person_id == bindparam("of_person"),
    _DRAFTS.c.case_id == bindparam("of_case"),
    _DRAFTS.c.step == bindparam("of_step"),
)


@dataclass(frozen=True)
class HeldDraft(HeldWrite):
    """A draft to be written by the commit that ends the update."""

    key: DraftKey
    answers: Answers
    at: datetime

    @classmethod
    def store(cls, connection: Connection, held: Sequence["HeldDraft"]) -> None:
        """Write the last draft of each key, in place of the one before."""
        newest = {draft.key: draft for draft in held}
        connection.execute(_KEEP, [draft._row() for draft in newest.values()])

    def _row(self) -> dict[str, object]:
        row = new_id()
        person, case, step = self.key
        sealed = seal_json(dict(self.answers), "draft", "answers_sealed", row)
        key = {"id": row, "person_id": person, "case_id": case, "step": step}
        return {**key, "kept_at": self.at, "answers_sealed": sealed}


def key_of(actor: Actor, case_id: str, step_id: str) -> DraftKey:
    return actor.person_id, case_id, step_id


async def draft_of(session: AsyncSession, key: DraftKey) -> Draft | None:
    """Return a stored draft; what an update still holds back isn't in it."""
    return (await session.exec(_DRAFT, params=_named(key))).first()


async def drop(session: AsyncSession, key: DraftKey, held: list[HeldWrite] | None = None) -> None:
    """Delete a draft, and take it out of `held`."""
    release(key, held)
    await by_hand(session, _DROP, _named(key))


def release(key: DraftKey, held: list[HeldWrite] | None) -> None:
    """Take a draft out of `held`: the commit that ends the update would write it again."""
    if held:
        # Change it in place: it is the worker's own list that is written at the end.
        held[:] = [one for one in held if not (isinstance(one, HeldDraft) and one.key == key)]


def _named(key: DraftKey) -> dict[str, str]:
    person, case, step = key
    return {"of_person": person, "of_case": case, "of_step": step}
