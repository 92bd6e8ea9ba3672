"""Metrics of queue and inbox, counted over the rows: no counter that a restart could lose."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from models import InboxRow, OutgoingRow, Person
from models.messages import UNDER_WAY, SendState
from services.core.database import Database
from services.operations.doctor import late
from services.peers.sending import waiting

DAY = timedelta(days=1)
REFUSED = (SendState.UNREACHABLE, SendState.FAILED)
ENDED = (SendState.SENT, SendState.UNSURE, *REFUSED)


@dataclass(frozen=True)
class Measures:
    """Updates in the inbox now; messages due now, and what became of those of the last day.
    `oldest`: seconds that the longest waiting update of each source waits, by its name. `merged`:
    sent in one message with others; `unsure`: sent twice, and nobody knows whether it arrived.
    `to_peers`: messages to other installations that haven't arrived, and how many seconds the
    oldest of them waits."""

    waiting: int
    parked: int
    oldest: tuple[tuple[str, float], ...]
    due: int
    sent: int
    late: int
    repeated: int
    merged: int
    refused: int
    unsure: int
    unreachable: int
    to_peers: int
    to_peers_oldest: float


async def measure(database: Database, now: datetime) -> Measures:
    """Count what waits now, and what became of the messages of the last day. `now`: aware. Reads an
    index, not the whole table."""
    since = now - DAY
    async with database.read() as session:
        by_state = select(
            InboxRow.bot, InboxRow.parked, func.count(), func.min(col(InboxRow.received_at))
        ).group_by(col(InboxRow.bot), col(InboxRow.parked))
        inbox = (await session.exec(by_state)).all()
        due = select(func.count()).where(
            col(OutgoingRow.state).in_(UNDER_WAY), col(OutgoingRow.not_before) <= now
        )
        # Whole rows, since when one left late is reckoned from several columns.
        recent = select(OutgoingRow).where(
            col(OutgoingRow.state).in_(ENDED), col(OutgoingRow.not_before) > since
        )
        blocked = select(func.count()).where(col(Person.blocked_at).is_not(None))
        rows = (await session.exec(recent)).all()
        peers = await waiting(session)
        return Measures(
            waiting=sum(number for _, parked, number, _ in inbox if not parked),
            parked=sum(number for _, parked, number, _ in inbox if parked),
            oldest=tuple(
                (name, (now - at).total_seconds()) for name, parked, _, at in inbox if not parked
            ),
            due=(await session.exec(due)).one(),
            sent=sum(row.state == SendState.SENT for row in rows),
            late=sum(map(late, rows)),
            repeated=sum(row.repeats for row in rows),
            merged=sum(row.merged for row in rows),
            refused=sum(row.state in REFUSED for row in rows),
            unsure=sum(row.state == SendState.UNSURE for row in rows),
            unreachable=(await session.exec(blocked)).one(),
            to_peers=peers.number,
            to_peers_oldest=(now - peers.oldest).total_seconds() if peers.oldest else 0.0,
        )
