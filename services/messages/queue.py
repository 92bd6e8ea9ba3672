"""Queue messages in the transaction of the act that causes them: no act without its messages, and
no message of an act that was rolled back.

The database forbids a second message for the same matter, kind, slot and person: what is queued
again after a crash isn't sent twice.
"""

from collections.abc import Iterable, Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import out_of_quiet
from models import OutgoingRow
from models.in_values import among
from services.core.ports import Message
from services.messages.preferences import wishes_of_many

TAKE_OFF, DIGEST, WEEK = "take_off", "digest", "week"
REMINDING = (DIGEST, WEEK)
"""Kinds that hold the day's reminders: that of a week takes in those of its first day."""


async def enqueue(session: AsyncSession, people: Iterable[str], message: Message) -> int:
    """Queue one message for several people, and return for how many it wasn't queued before."""
    return await enqueue_all(session, dict.fromkeys(people, message))


async def enqueue_all(session: AsyncSession, messages: Mapping[str, Message]) -> int:
    """Queue a message for each recipient, and return how many weren't queued before. Each is due
    after the quiet time of its recipient."""
    # Asked first: a violated constraint would roll back the act that has something to say.
    statement = select(
        OutgoingRow.matter, OutgoingRow.kind, OutgoingRow.slot, OutgoingRow.person_id
    ).where(
        among(col(OutgoingRow.person_id), messages),
        among(col(OutgoingRow.matter), {message.matter for message in messages.values()}),
        among(col(OutgoingRow.slot), {message.slot for message in messages.values()}),
    )
    known = set((await session.exec(statement)).all())
    new = {
        person_id: message
        for person_id, message in messages.items()
        if (message.matter, message.kind, message.slot, person_id) not in known
    }
    wishes = await wishes_of_many(session, new)
    for person_id, message in new.items():
        # A deletion makes no sound, and what has to leave a chat can't wait.
        at = message.at
        if message.kind != TAKE_OFF:
            at = out_of_quiet(at, wishes[person_id])
        row = OutgoingRow(
            person_id=person_id,
            matter=message.matter,
            kind=message.kind,
            slot=message.slot,
            not_before=at,
            priority=message.priority,
        )
        row.payload = dict(message.payload)
        session.add(row)
    await session.flush()
    return len(new)
