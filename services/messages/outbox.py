"""The outbox: claim what is due with a lease, and store the outcome of each message.

A send has no idempotency key, so exactly once can't be promised: a process may die between the
messenger's acceptance and our commit. A lease makes that moment visible. Worked example, two
processes A and B, one reminder r:

    10:00:00  A claims r        state sending, worker A, leased until 10:00:30; committed
    10:00:01  A sends r         no transaction is open while the messenger is waited for
    10:00:02  A dies            whether r arrived, nobody knows
    10:00:10  B claims          passes over r: its lease still runs
    10:00:31  B claims r        the lease is over: repeats 1, worker B; committed, then sent
    10:00:32  B is answered     state sent with the message's id

At worst a person reads r twice, and `repeats` counts it; r is never lost. Had A's answer only been
lost (`ambiguous`), r would be sent once more and then left as `unsure`, for an operator to see.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import is_open
from models import OutgoingRow, Person, SendPause
from models.crypto import ring
from models.in_values import among
from models.messages import SendState
from services.core.acts import Act
from services.core.database import Database
from services.core.ports import URGENT, Message, Outgoing
from services.messages.preferences import in_quiet
from services.messages.queue import DIGEST, TAKE_OFF, WEEK, enqueue
from services.people.views import Actor

LEASE = timedelta(seconds=30)
LATE = timedelta(hours=1)
"""What is this late is no news any more: all of it goes out in one message."""
MOST_ATTEMPTS = 8
MOST_MERGED = 20
EVERYBODY = "all"
FORGOTTEN = timedelta(days=1)

Escalate = Callable[[AsyncSession, Person, OutgoingRow, datetime], Awaitable[None]]
"""Tells the next level up, in the same transaction, that somebody can't be reached with a message.
Handed in, because whose turn it is in a case is no matter of the outbox."""


@dataclass
class Outbox:
    """Queue of outgoing messages. Several workers may share it: each claims rows with a lease."""

    database: Database
    calendar: WorkCalendar
    escalate: Escalate

    async def claim(
        self, now: datetime, worker: str, most: int = 20, busy: Collection[str] = ()
    ) -> tuple[Outgoing, ...]:
        """Claim what is due for `worker` with a lease of 30 seconds and return it, urgent first:
        one message a person, for at most `most` people who aren't `busy`. A row whose lease ran out
        was perhaps sent: it is claimed again and `repeats` counts it. `now`: aware."""
        due = _due(now, is_open(now, self.calendar))
        async with self.database.write("claim") as session:
            people = await _next_people(session, due, most, busy)
            statement = (
                select(OutgoingRow, Person)
                .where(
                    OutgoingRow.person_id == Person.id,
                    col(OutgoingRow.person_id).in_(people),
                    due,
                )
                .order_by(col(OutgoingRow.priority), col(OutgoingRow.not_before))
                # Two processes that look at the same moment share the rows instead of waiting.
                .with_for_update(skip_locked=True, of=OutgoingRow)
            )
            found: dict[str, tuple[Person, list[OutgoingRow]]] = {}
            for row, person in (await session.exec(statement)).all():
                found.setdefault(person.id, (person, []))[1].append(row)
            claimed = [
                await self._take(session, person, rows, now, worker)
                for person, rows in found.values()
            ]
            return tuple(message for message in claimed if message is not None)

    async def _take(
        self,
        session: AsyncSession,
        person: Person,
        rows: list[OutgoingRow],
        now: datetime,
        worker: str,
    ) -> Outgoing | None:
        if person.chat is None or person.blocked_at is not None:
            await self._not_reached(session, person, rows, now)
            return None
        taken = _together(_messages(rows), now)
        for message in taken:
            for row in message:
                # Still "sending" means that its lease ran out: it may have arrived already.
                row.repeats += row.state is SendState.SENDING
                row.merged = len(taken) > 1 or row.matter != message[0].matter
                row.state, row.worker, row.leased_until = SendState.SENDING, worker, now + LEASE
        first, *others = [_outgoing(message, person) for message in taken]
        # A message that stands for several can't take the place of one matter's message.
        edits = None if others else await _live_message(session, taken[0][0])
        return Outgoing(**{**vars(first), "edits": edits, "others": tuple(others)})

    async def take_off(self, act: Act, actor: Actor, message_id: int, at: datetime) -> None:
        """Queue the deletion of a message at a time, as a row, so that it outlives the process."""
        # A slot holds 40 characters; the end of a key, update and act, is what differs.
        slot, payload = act.key[-40:], {"message": message_id}
        message = Message(f"message:{message_id}", TAKE_OFF, slot, payload, at, URGENT)
        async with self.database.write() as session:
            await enqueue(session, (actor.person_id,), message)

    async def sent(self, ids: Sequence[str], message_id: int, now: datetime) -> None:
        """Note that messages were accepted, all of them as the one message `message_id`."""
        await self._change(ids, "sent", state=SendState.SENT, message_id=message_id, sent_at=now)

    async def later(self, ids: Sequence[str], not_before: datetime) -> None:
        """Put messages back in the queue, due at `not_before`. No attempt is counted: nothing was
        sent, and nothing is wrong with them."""
        await self._change(ids, state=SendState.NEW, not_before=not_before)

    async def moot(self, ids: Sequence[str]) -> None:
        """Drop messages whose matter was settled before they went out."""
        await self._change(ids, state=SendState.MOOT)

    async def failed(self, ids: Sequence[str], not_before: datetime) -> None:
        """Count an attempt of messages that were refused, due again at `not_before`; after
        MOST_ATTEMPTS they are left for an operator, so that no loop sends what can't be sent."""
        async with self.database.write() as session:
            for row in await _rows(session, ids):
                row.attempts += 1
                row.state = SendState.FAILED if row.attempts >= MOST_ATTEMPTS else SendState.NEW
                row.not_before = not_before

    async def ambiguous(self, ids: Sequence[str], not_before: datetime) -> None:
        """Note that an answer got lost: send once more at `not_before`, the second time give up as
        `unsure`: what arrives may arrive twice, never without end."""
        async with self.database.write() as session:
            for row in await _rows(session, ids):
                row.state = SendState.UNSURE if row.ambiguous else SendState.NEW
                row.repeats += not row.ambiguous
                row.ambiguous, row.not_before = True, not_before

    async def unreachable(self, ids: Sequence[str], now: datetime) -> None:
        """Note that a person has blocked the bot, and tell the next level up."""
        async with self.database.write() as session:
            rows = await _rows(session, ids)
            person = await session.get_one(Person, rows[0].person_id)
            person.blocked_at = now
            # In the same commit: a crash in between would leave a matter that nobody hears of.
            await self._not_reached(session, person, rows, now)

    async def _not_reached(
        self, session: AsyncSession, person: Person, rows: Sequence[OutgoingRow], now: datetime
    ) -> None:
        for row in rows:
            row.state = SendState.UNREACHABLE
            await self.escalate(session, person, row, now)

    async def _change(self, ids: Sequence[str], what: str = "write", **values: Any) -> None:
        async with self.database.write(what) as session:
            for row in await _rows(session, ids):
                for name, value in values.items():
                    setattr(row, name, value)

    async def pause(self, chat_id: int | None, until: datetime) -> None:
        """Store a flood wait for a chat, or (None) for all, so that a restart and other processes
        obey it; delete those that are long over. `until`: aware."""
        key = EVERYBODY if chat_id is None else ring().blind(str(chat_id), "pause")
        async with self.database.write() as session:
            past = col(SendPause.until) <= until - FORGOTTEN
            await session.exec(delete(SendPause).where(past, col(SendPause.id) != key))
            row = await session.get(SendPause, key) or SendPause(id=key, until=until)
            row.until = until
            row.chat = None if chat_id is None else str(chat_id)
            session.add(row)

    async def pauses(self, now: datetime) -> tuple[tuple[int | None, datetime], ...]:
        """Return (chat or None for all, end) of every flood wait that isn't over, whichever process
        was told of it."""
        async with self.database.read() as session:
            rows = await session.exec(select(SendPause).where(col(SendPause.until) > now))
            return tuple((int(row.chat) if row.chat else None, row.until) for row in rows)


def _due(now: datetime, opened: bool) -> Any:
    """Condition of what may go out now. Outside the hours (`opened` is False), and in a person's
    quiet time, only deletions go out: they disturb nobody, and what they delete mustn't stay."""
    due = (col(OutgoingRow.not_before) <= now) & or_(
        col(OutgoingRow.state) == SendState.NEW,
        (col(OutgoingRow.state) == SendState.SENDING) & (col(OutgoingRow.leased_until) < now),
    )
    leaves = col(OutgoingRow.kind) == TAKE_OFF
    return due & (leaves | col(OutgoingRow.person_id).not_in(in_quiet(now)) if opened else leaves)


async def _next_people(
    session: AsyncSession, due: Any, most: int, busy: Collection[str]
) -> list[str]:
    """Return the ids of at most `most` people who have a message due, the most urgent first."""
    # Rows are limited, not people: a backlog of one person may fill them, but only once, since that
    # person is `busy` at the next claim.
    statement = (
        select(OutgoingRow.person_id)
        .where(due, col(OutgoingRow.person_id).not_in(busy))
        .order_by(col(OutgoingRow.priority), col(OutgoingRow.not_before))
        .limit(most * 4)
    )
    return list(dict.fromkeys((await session.exec(statement)).all()))[:most]


def _messages(rows: Sequence[OutgoingRow]) -> list[list[OutgoingRow]]:
    """Return the rows of each message, in the order of the rows. A long digest stands in several
    (`services.reminders.digests`), and goes into that of the week where one is due."""
    week = max((row.id for row in rows if row.kind == WEEK), default="")
    found: dict[str, list[OutgoingRow]] = {}
    for row in rows:
        found.setdefault(DIGEST if row.kind == DIGEST or row.id == week else row.id, []).append(row)
    return [sorted(message, key=lambda row: row.kind != WEEK) for message in found.values()]


def _together(messages: list[list[OutgoingRow]], now: datetime) -> list[list[OutgoingRow]]:
    """Return the first message, and the late ones that go out merged with it after an outage: a
    person should read one message then, not twenty."""
    first = messages[0][0]
    # Send a deletion alone: it has no words that could stand in a message with others.
    if first.kind == TAKE_OFF or first.not_before > now - LATE:
        return messages[:1]
    late = [one for one in messages if one[0].kind != TAKE_OFF and one[0].not_before <= now - LATE]
    return late[:MOST_MERGED]


def _outgoing(rows: Sequence[OutgoingRow], person: Person) -> Outgoing:
    first, *parts = rows
    payload = first.payload
    if parts:
        items = dict.fromkeys(tuple(item) for row in rows for item in row.payload["items"])
        payload = {**payload, "items": [list(item) for item in items]}
    return Outgoing(
        id=first.id,
        person_id=person.id,
        chat_id=int(person.chat),
        language=person.language,
        matter=first.matter,
        kind=first.kind,
        payload=payload,
        parts=tuple(row.id for row in parts),
    )


async def _rows(session: AsyncSession, ids: Sequence[str]) -> list[OutgoingRow]:
    # Locked: after a lease has run out another worker may be claiming the same rows.
    statement = select(OutgoingRow).where(among(col(OutgoingRow.id), ids)).with_for_update()
    return list((await session.exec(statement)).all())


async def _live_message(session: AsyncSession, row: OutgoingRow) -> int | None:
    """Return the id of the message that this one replaces: the last one sent of the same matter to
    the same person. A merged one isn't replaced: its other matters would be lost."""
    statement = (
        select(OutgoingRow.message_id)
        .where(
            OutgoingRow.matter == row.matter,
            OutgoingRow.person_id == row.person_id,
            OutgoingRow.state == SendState.SENT,
            col(OutgoingRow.merged).is_(False),
        )
        .order_by(col(OutgoingRow.sent_at).desc())
        .limit(1)
    )
    return (await session.exec(statement)).first()
