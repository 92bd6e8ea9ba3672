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
from services.core.said import Said
from services.messages.preferences import wishes_of_many

TAKE_OFF, DIGEST = "take_off", "digest"


async def enqueue(session: AsyncSession, people: Iterable[str], said: Said) -> int:
    """Queue one message for several people, and return for how many it wasn't queued before."""
    return await enqueue_all(session, dict.fromkeys(people, said))


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
