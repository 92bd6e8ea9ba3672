"""Messages on their way out: written with the act that causes them.

The database forbids a second message for the same matter, kind, slot and person.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.hours import out_of_quiet
from models import OutgoingRow
from services.wishes import wishes_of

URGENT, ROUTINE = 0, 1
TAKE_OFF, DIGEST = "take_off", "digest"


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
    time of its recipient is over."""
    statement = select(OutgoingRow.id).where(
        OutgoingRow.matter == matter,
        OutgoingRow.kind == kind,
        OutgoingRow.slot == slot,
        OutgoingRow.person_id == person_id,
    )
    if (await session.exec(statement)).first():
        return False
    wishes = await wishes_of(session, person_id)
    row = OutgoingRow(
        person_id=person_id,
        matter=matter,
        kind=kind,
        slot=slot,
        not_before=at if kind == TAKE_OFF else out_of_quiet(at, wishes),
        priority=priority,
    )
    row.payload = dict(payload)
    session.add(row)
    await session.flush()
    return True
