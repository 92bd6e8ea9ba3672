"""Messages on their way out: written with the act that causes them.

The database forbids a second message for the same matter, kind, slot and person.
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
    """A message to somebody. `at`: not before."""

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
    """Adds a message to a transaction; False where it is there already. It waits until the quiet
    time of its recipient is over. Several at once: `enqueue_all`."""
    said = Said(matter, kind, slot, payload, at, priority)
    return bool(await enqueue_all(session, {person_id: said}))


async def enqueue_all(session: AsyncSession, messages: Mapping[str, Said]) -> int:
    """Adds messages to a transaction, by recipient; gives how many weren't there already. Each
    waits until the quiet time of its recipient is over."""
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
