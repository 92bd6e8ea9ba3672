"""Messages on their way out: written with the act that causes them.

The database forbids a second message for the same matter, kind, slot and person.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import OutgoingRow

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
    """Adds a message to a transaction; False where it is there already."""
    statement = select(OutgoingRow.id).where(
        OutgoingRow.matter == matter,
        OutgoingRow.kind == kind,
        OutgoingRow.slot == slot,
        OutgoingRow.person_id == person_id,
    )
    if (await session.exec(statement)).first():
        return False
    row = OutgoingRow(
        person_id=person_id,
        matter=matter,
        kind=kind,
        slot=slot,
        not_before=at,
        priority=priority,
    )
    row.payload = dict(payload)
    session.add(row)
    await session.flush()
    return True
