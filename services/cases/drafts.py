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

from sqlalchemy import bindparam, delete, insert, tuple_
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Answers
from models import Draft
from models.columns import new_id, seal_json
from services.messages.held_back import HeldWrite
from services.people.views import Actor

DraftKey = tuple[str, str, str]
"""Person, case, step: a person has one draft of a step."""

# Built once: they run with every commit that ends an update.
_KEY = tuple_(col(Draft.person_id), col(Draft.case_id), col(Draft.step))
_FIND = select(Draft.person_id, Draft.case_id, Draft.step, Draft.id).where(
    _KEY.in_(bindparam("keys", expanding=True))
)
_CHANGE = update(Draft).where(col(Draft.id) == bindparam("row"))
_INSERT = insert(Draft)
_OF = (
    col(Draft.person_id) == bindparam("of_person"),
    col(Draft.case_id) == bindparam("of_case"),
    col(Draft.step) == bindparam("of_step"),
)
_DRAFT = select(Draft).where(*_OF)
_DROP = delete(Draft).where(*_OF).execution_options(synchronize_session=False)


@dataclass(frozen=True)
class HeldDraft(HeldWrite):
    """A draft to be written by the commit that ends the update."""

    key: DraftKey
    answers: Answers
    at: datetime

    @classmethod
    async def store(cls, session: AsyncSession, held: Sequence["HeldDraft"]) -> None:
        """Write the last draft of each key. The id is looked up here and not before: it is part of
        what seals the answers, and between the answer and this commit the draft may be deleted."""
        newest = {draft.key: draft for draft in held}
        connection = await session.connection()
        found = await connection.execute(_FIND, {"keys": list(newest)})
        known = {(person, case, step): row for person, case, step, row in found}
        changed = [{"row": row, **newest[key]._values(row)} for key, row in known.items()]
        new = [draft._row() for key, draft in newest.items() if key not in known]
        if changed:
            await connection.execute(_CHANGE, changed)
        if new:
            await connection.execute(_INSERT, new)

    def _row(self) -> dict[str, object]:
        row = new_id()
        person, case, step = self.key
        return {"id": row, "person_id": person, "case_id": case, "step": step, **self._values(row)}

    def _values(self, row: str) -> dict[str, object]:
        sealed = seal_json(dict(self.answers), "draft", "answers_sealed", row)
        return {"kept_at": self.at, "answers_sealed": sealed}


def key_of(actor: Actor, case_id: str, step_id: str) -> DraftKey:
    return actor.person_id, case_id, step_id


async def draft_of(session: AsyncSession, key: DraftKey) -> Draft | None:
    """Return a stored draft; what an update still holds back isn't in it."""
    return (await session.exec(_DRAFT, params=_named(key))).first()


async def drop(session: AsyncSession, key: DraftKey, held: list[HeldWrite] | None = None) -> None:
    """Delete a draft, and take it out of `held`: the commit that ends the update would write it
    again."""
    if held:
        # Change it in place: it is the worker's own list that is written at the end.
        held[:] = [one for one in held if not (isinstance(one, HeldDraft) and one.key == key)]
    await session.exec(_DROP, params=_named(key))


def _named(key: DraftKey) -> dict[str, str]:
    person, case, step = key
    return {"of_person": person, "of_case": case, "of_step": step}
