"""How much waits, was sent, was late: numbers over the rows, for whoever watches the house."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from models import InboxRow, OutgoingRow, Person
from services.base import Database
from services.doctor import SLOW

DAY = timedelta(days=1)
REFUSED = ("unreachable", "failed", "unsure")


@dataclass(frozen=True)
class Measures:
    """Updates in the inbox now; messages due now, and what became of those of the last day.
    `oldest`: seconds that the longest waiting update waits."""

    waiting: int
    parked: int
    oldest: float
    due: int
    sent: int
    late: int
    repeated: int
    refused: int
    unreachable: int


async def measure(database: Database, now: datetime) -> Measures:
    """`now`: aware. Reads an index, not the whole table."""
    since = now - DAY
    async with database.read() as session:
        by_state = select(
            InboxRow.parked, func.count(), func.min(col(InboxRow.received_at))
        ).group_by(col(InboxRow.parked))
        inbox = {parked: (number, at) for parked, number, at in await session.exec(by_state)}
        waiting, oldest = inbox.get(False, (0, None))
        due = select(func.count()).where(
            col(OutgoingRow.state).in_(("new", "sending")), col(OutgoingRow.not_before) <= now
        )
        recent = select(
            OutgoingRow.state, OutgoingRow.not_before, OutgoingRow.sent_at, OutgoingRow.repeats
        ).where(col(OutgoingRow.state).in_(("sent", *REFUSED)), col(OutgoingRow.not_before) > since)
        blocked = select(func.count()).where(col(Person.blocked_at).is_not(None))
        rows = (await session.exec(recent)).all()
        return Measures(
            waiting=waiting,
            parked=inbox.get(True, (0, None))[0],
            oldest=(now - oldest).total_seconds() if oldest else 0.0,
            due=(await session.exec(due)).one(),
            sent=sum(state == "sent" for state, *_ in rows),
            late=sum(sent is not None and sent - due_at > SLOW for _, due_at, sent, _ in rows),
            repeated=sum(repeated for *_, repeated in rows),
            refused=sum(state in REFUSED for state, *_ in rows),
            unreachable=(await session.exec(blocked)).one(),
        )
