"""Messages to peers: queued in the transaction of the act that causes them, claimed with a lease,
sent until the peer has signed that it has them.

Worked example, a message m from A to B, and A is killed:

    10:00:00  an act of A queues m      in its own commit: no act without its message
    10:00:02  A claims m                leased until 10:02:02; committed
    10:00:02  A posts m                 B handles it and signs a receipt, in one commit of B
    10:00:02  A is killed               the receipt is lost
    10:02:03  A, started again, claims m and posts it once more
    10:02:03  B knows its id            nothing is done twice; it signs the same receipt
    10:02:03  A checks the receipt      m has arrived, and its body is emptied
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.writing.typed_json import dumps
from models import PeerMessage, PeerRow
from models.peers import PeerState
from services.core.database import Database
from services.core.errors import Refusal
from services.core.guard import altered
from services.peers.cards import PeerKeys
from services.peers.envelopes import MOST, Letter, sealed
from services.peers.peers import own_keys, peer_row

LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
DOUBLED = 9
"""Tries after which the longest pause is reached in any case."""
AT_ONCE = 20
"""Messages that are brought forward when their peer is heard of again."""


class TooLarge(Refusal):
    """The body has more than `MOST` bytes."""


async def send(
    session: AsyncSession,
    peer_id: str,
    kind: str,
    body: Mapping[str, Any],
    at: datetime,
    removed: bool = False,
) -> str:
    """Queue a message in the transaction of an act and return its id. `body`: what typed JSON
    keeps. `at`: aware. `removed`: for a peer that was removed it waits until its card is added
    again. Messages may overtake one another. Raises UnknownPeer, TooLarge."""
    if len(dumps(body).encode()) > MOST:
        raise TooLarge(kind)
    peer = await peer_row(session, peer_id, removed)
    row = PeerMessage(peer_id=peer.id, kind=kind, queued_at=at, not_before=at)
    row.body = body
    session.add(row)
    await session.flush()
    return row.id


async def arrived_at(session: AsyncSession, message_id: str) -> datetime | None:
    """Return when a peer has signed that it has a message; None before."""
    row = await session.get(PeerMessage, message_id)
    return row.arrived_at if row else None


@dataclass(frozen=True)
class ToPost:
    """A message under way. `blob`: what is posted to `address`."""

    message_id: str
    address: str
    blob: bytes
    letter: Letter
    verify: bytes

    def receipted(self, answer: bytes) -> bool:
        """Whether the peer's answer proves that it has the message."""
        return self.letter.receipted(answer, self.verify)


@dataclass(frozen=True)
class Waiting:
    """Messages that haven't arrived. `oldest`: since when the longest of them waits."""

    number: int
    oldest: datetime | None


async def waiting(session: AsyncSession) -> Waiting:
    """Count what waits for peers, those that were removed too."""
    statement = select(func.count(), func.min(col(PeerMessage.queued_at))).where(
        col(PeerMessage.state) == PeerState.WAITING
    )
    number, oldest = (await session.exec(statement)).one()
    return Waiting(number, oldest)


async def waiting_by_peer(session: AsyncSession) -> Mapping[str, int]:
    """Return how many messages haven't arrived, by the id of their peer."""
    statement = (
        select(PeerMessage.peer_id, func.count())
        .where(col(PeerMessage.state) == PeerState.WAITING)
        .group_by(col(PeerMessage.peer_id))
    )
    return dict((await session.exec(statement)).all())


async def removed_waiting(session: AsyncSession) -> Mapping[str, int]:
    """Return how many messages wait for peers that were removed, by their name."""
    waits = await waiting_by_peer(session)
    rows = await session.exec(select(PeerRow).where(col(PeerRow.left_at).is_not(None)))
    return {row.name: waits[row.id] for row in rows if row.id in waits}


@dataclass
class PeerOutbox:
    """Queue of messages to peers. Several workers may share it."""

    database: Database

    async def claim(self, now: datetime) -> tuple[ToPost, ...]:
        """Claim what is due with a lease, the oldest message of each peer, and seal it. `now`:
        aware."""
        due = _due(now)
        async with self.database.read() as session:
            # Most looks find nothing: those write nothing either.
            if (await session.exec(select(PeerMessage.id).where(due).limit(1))).first() is None:
                return ()
        async with self.database.write("peer_claim") as session:
            keys = await own_keys(session)
            if keys is None:
                return ()
            passed, found = set[str](), await _due_rows(session, due, frozenset())
            # One that was changed by hand is named and stays; what is behind it goes.
            while spoiled := _spoiled(session) - passed:
                passed |= spoiled
                found = await _due_rows(session, due, passed)
            return tuple([_claimed(row, peer, keys, now) for row, peer in found])

    async def arrived(self, message_id: str, now: datetime) -> None:
        """Note that the peer has signed the receipt; what else waits for it is due now."""
        async with self.database.write("peer_arrived") as session:
            row = await session.get_one(PeerMessage, message_id, with_for_update=True)
            row.state, row.arrived_at, row.leased_until = PeerState.ARRIVED, now, None
            # What it said stands at the peer now.
            row.body_sealed = b""
            # It has just answered: what waited for a pause needn't wait any longer.
            others = select(PeerMessage).where(
                PeerMessage.peer_id == row.peer_id,
                PeerMessage.state == PeerState.WAITING,
                PeerMessage.not_before > now,
            )
            for other in await session.exec(others.limit(AT_ONCE)):
                other.not_before = now

    async def failed(self, message_id: str, now: datetime) -> None:
        """Note that it isn't known to have arrived: due again after a pause that doubles."""
        async with self.database.write("peer_failed") as session:
            row = await session.get_one(PeerMessage, message_id, with_for_update=True)
            # Bounded before the power is taken: a peer may be away for a year.
            pause = min(FIRST_PAUSE * 2 ** min(row.tries, DOUBLED), LONGEST_PAUSE)
            row.tries, row.not_before, row.leased_until = row.tries + 1, now + pause, None


def _due(now: datetime) -> Any:
    return (
        (col(PeerMessage.state) == PeerState.WAITING)
        & (col(PeerMessage.not_before) <= now)
        & or_(col(PeerMessage.leased_until).is_(None), col(PeerMessage.leased_until) < now)
    )


async def _due_rows(
    session: AsyncSession, due: Any, passed: Set[str]
) -> Sequence[tuple[PeerMessage, PeerRow]]:
    """Return the oldest message of each peer, with the peer. `passed`: messages to leave out."""
    statement = (
        select(PeerMessage, PeerRow)
        .where(
            PeerMessage.peer_id == PeerRow.id,
            due,
            col(PeerRow.left_at).is_(None),
            col(PeerMessage.id).in_(await _first_of_each(session, due, passed)),
        )
        # Two processes that look at the same moment share the rows instead of waiting.
        .with_for_update(skip_locked=True, of=PeerMessage)
    )
    return (await session.exec(statement)).all()


def _spoiled(session: AsyncSession) -> set[str]:
    return {key for table, key in altered(session) if table == PeerMessage.__tablename__}


async def _first_of_each(session: AsyncSession, due: Any, passed: Set[str]) -> list[str]:
    """Return the oldest message of each peer. Without bodies: each may have megabytes."""
    columns = select(PeerMessage.id, PeerMessage.peer_id).where(due)
    first = dict[str, str]()
    in_order = columns.order_by(col(PeerMessage.queued_at), col(PeerMessage.id))
    for row_id, peer_id in await session.exec(in_order):
        if row_id not in passed:
            first.setdefault(peer_id, row_id)
    return [*first.values()]


def _claimed(row: PeerMessage, peer: PeerRow, keys: PeerKeys, now: datetime) -> ToPost:
    row.leased_until = now + LEASE
    letter = Letter(row.id, row.kind, keys.mark, peer.mark, row.queued_at, now, row.body)
    blob = sealed(letter, keys, peer.box_key)
    return ToPost(row.id, peer.address, blob, letter, peer.verify_key)
