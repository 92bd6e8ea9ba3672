"""Queue messages in the transaction of the act that causes them: no act without its messages, and
no message of an act that was rolled back.

The database forbids a second message for the same matter, kind, slot and person: what is queued
again after a crash isn't sent twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import out_of_quiet
from models import OutgoingRow
from services.messages.preferences import wishes_of_many

URGENT, ROUTINE = 0, 1
TAKE_OFF, DIGEST = "take_off", "digest"


@dataclass(frozen=True)
class Said:
    """A message to somebody. `payload`: JSON, put into words when it is sent, in the reader's
    language. `at`: when it is due at the earliest, aware."""

    matter: str
    kind: str
    slot: str
    payload: Mapping[str, Any]
    at: datetime
    priority: int = ROUTINE


async def enqueue(
    session: AsyncSession,
    *,
    person_id: str,
    matter: str,
    kind: str,
    slot: str,
    payload: Mapping[str, Any],
    at: datetime,
    priority: int = ROUTINE,
) -> bool:
    """Queue a message; return False where it was queued before. For several use `enqueue_all`,
    which takes two queries however many there are."""
    said = Said(matter, kind, slot, payload, at, priority)
    return bool(await enqueue_all(session, {person_id: said}))


async def enqueue_all(session: AsyncSession, messages: Mapping[str, Said]) -> int:
    """Queue a message for each recipient, and return how many weren't queued before. Each is due
    after the quiet time of its recipient."""
    # Asked first: a violated constraint would roll back the act that has something to say.
    statement = select(
        OutgoingRow.matter, OutgoingRow.kind, OutgoingRow.slot, OutgoingRow.person_id
    ).where(
        col(OutgoingRow.person_id).in_(messages),
        col(OutgoingRow.matter).in_({said.matter for said in messages.values()}),
        col(OutgoingRow.slot).in_({said.slot for said in messages.values()}),
    )
    known = set((await session.exec(statement)).all())
    new = {
        person_id: said
        for person_id, said in messages.items()
        if (said.matter, said.kind, said.slot, person_id) not in known
    }
    wishes = await wishes_of_many(session, new)
    for person_id, said in new.items():
        # A deletion makes no sound, and what has to leave a chat can't wait.
        quiet = said.at if said.kind == TAKE_OFF else out_of_quiet(said.at, wishes[person_id])
        row = OutgoingRow(
            person_id=person_id,
            matter=said.matter,
            kind=said.kind,
            slot=said.slot,
            not_before=quiet,
            priority=said.priority,
        )
        row.payload = dict(said.payload)
        session.add(row)
    await session.flush()
    return len(new)
