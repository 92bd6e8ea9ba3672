"""Messages on their way out: written with the act that causes them, claimed with a lease.

The database forbids a second message for the same matter, kind, slot and person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import OutgoingRow, Person
from services.base import Database
from services.ports import Outgoing
from services.views import Act, Actor

LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 8
URGENT, ROUTINE = 0, 1
TAKE_OFF = "take_off"


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


class Outbox:
    def __init__(self, database: Database) -> None:
        self.database = database

    async def claim(self, now: datetime, worker: str, most: int = 20) -> tuple[Outgoing, ...]:
        """Takes what is due for `worker`, urgent first, with a lease of 30 seconds. A row whose
        lease ran out was perhaps sent: it is taken again once and marked so."""
        async with self.database.write() as session:
            statement = (
                select(OutgoingRow, Person)
                .where(
                    OutgoingRow.person_id == Person.id,
                    col(OutgoingRow.not_before) <= now,
                    or_(
                        col(OutgoingRow.state) == "new",
                        (col(OutgoingRow.state) == "sending")
                        & (col(OutgoingRow.leased_until) < now),
                    ),
                )
                .order_by(col(OutgoingRow.priority), col(OutgoingRow.not_before))
                .limit(most)
                .with_for_update(skip_locked=True, of=OutgoingRow)
            )
            taken = []
            for row, person in (await session.exec(statement)).all():
                if claimed := await _take(session, row, person, now, worker):
                    taken.append(claimed)
            return tuple(taken)

    async def take_off(self, act: Act, actor: Actor, message_id: int, at: datetime) -> None:
        """A message that has to leave the chat at a time, also when the process ends before."""
        async with self.database.write() as session:
            await enqueue(
                session,
                person_id=actor.person_id,
                matter=f"message:{message_id}",
                kind=TAKE_OFF,
                slot=act.key[-40:],
                payload={"message": message_id},
                at=at,
                priority=URGENT,
            )

    async def sent(self, outgoing_id: str, message_id: int, now: datetime) -> None:
        async with self.database.write() as session:
            row = await session.get_one(OutgoingRow, outgoing_id)
            row.state, row.message_id, row.sent_at = "sent", message_id, now

    async def later(self, outgoing_id: str, not_before: datetime) -> None:
        """Back into the line; nothing was sent."""
        async with self.database.write() as session:
            row = await session.get_one(OutgoingRow, outgoing_id)
            row.attempts += 1
            row.state = "failed" if row.attempts >= MOST_ATTEMPTS else "new"
            row.not_before = not_before

    async def ambiguous(self, outgoing_id: str, not_before: datetime) -> None:
        """Nobody knows whether it arrived: repeated once, then left alone."""
        async with self.database.write() as session:
            row = await session.get_one(OutgoingRow, outgoing_id)
            row.state = "failed" if row.ambiguous else "new"
            row.ambiguous, row.not_before = True, not_before

    async def moot(self, outgoing_id: str) -> None:
        """Settled before it went out."""
        async with self.database.write() as session:
            row = await session.get_one(OutgoingRow, outgoing_id)
            row.state = "moot"

    async def unreachable(self, outgoing_id: str, now: datetime) -> None:
        """A blocked bot is a fact about a person, and is stored as one."""
        async with self.database.write() as session:
            row = await session.get_one(OutgoingRow, outgoing_id)
            row.state = "unreachable"
            person = await session.get_one(Person, row.person_id)
            person.blocked_at = now

    async def last_sends(self, since: datetime) -> tuple[tuple[int, datetime], ...]:
        """(chat, time) of everything sent since, so that limits hold over a restart."""
        async with self.database.read() as session:
            statement = (
                select(OutgoingRow, Person)
                .where(OutgoingRow.person_id == Person.id, col(OutgoingRow.sent_at) >= since)
                .order_by(col(OutgoingRow.sent_at))
            )
            return tuple(
                (int(person.chat), row.sent_at)
                for row, person in (await session.exec(statement)).all()
                if person.chat and row.sent_at
            )


async def _take(
    session: AsyncSession, row: OutgoingRow, person: Person, now: datetime, worker: str
) -> Outgoing | None:
    if person.chat is None or person.blocked_at is not None:
        row.state = "unreachable"
        return None
    if row.state == "sending":
        if row.ambiguous:
            row.state = "failed"
            return None
        row.ambiguous = True
    row.state, row.worker, row.leased_until = "sending", worker, now + LEASE
    return Outgoing(
        id=row.id,
        person_id=person.id,
        chat_id=int(person.chat),
        language=person.language,
        matter=row.matter,
        kind=row.kind,
        payload=row.payload,
        edits=await _live_message(session, row),
    )


async def _live_message(session: AsyncSession, row: OutgoingRow) -> int | None:
    """The message of the same matter to the same person that this one takes the place of."""
    statement = (
        select(OutgoingRow.message_id)
        .where(
            OutgoingRow.matter == row.matter,
            OutgoingRow.person_id == row.person_id,
            OutgoingRow.state == "sent",
        )
        .order_by(col(OutgoingRow.sent_at).desc())
        .limit(1)
    )
    return (await session.exec(statement)).first()
