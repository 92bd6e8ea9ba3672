"""Messages from peers: each is handled once, in the transaction that makes its receipt true.

Whoever isn't answered with a receipt gets one answer, whatever the reason, and learns nothing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import PeerRow
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import Refusal
from services.peers.cards import PeerKeys
from services.peers.envelopes import Letter, Unreadable, opened
from services.peers.peers import Peer, as_peer, own_keys

CLOCKS = timedelta(minutes=15)
"""By so much the clocks of two offices may differ: what was sealed longer ago, or later than now,
may be an old message that somebody has kept."""
PEER = "peer"
"""Who acts, in the audit line."""


class Unacceptable(Refusal):
    """A handler can't take this message: not from this peer, or not now."""


class Refused(Exception):
    """No receipt. Names the reason, for our own figures."""


@dataclass(frozen=True)
class Received:
    """A message as its handler sees it. `queued_at`: when the act was that sent it, by the peer's
    clock."""

    peer: Peer
    message_id: str
    kind: str
    queued_at: datetime
    body: Mapping[str, Any]


Handler = Callable[[Work, Received], Awaitable[None]]
"""Handles a message in the transaction of its receipt. Raises Unacceptable; the audit line of the
house is written by whoever calls it."""


@dataclass
class PeerInbox:
    """`handlers`: by kind. `refused`: messages without a receipt since the process began, by
    reason."""

    database: Database
    handlers: Mapping[str, Handler]
    refused: Counter[str] = field(default_factory=Counter)

    async def take(self, blob: bytes, now: datetime) -> bytes:
        """Handle a message, once, and return the receipt. Raises Refused."""
        try:
            return await self._take(blob, now)
        except Refused as reason:
            self.refused[str(reason)] += 1
            raise

    async def _take(self, blob: bytes, now: datetime) -> bytes:
        async with self.database.read() as session:
            # Without keys of its own an installation exchanges nothing with anybody.
            keys = await own_keys(session)
            if keys is None:
                raise Refused("no_keys")
            letter, peer = await _from_a_peer(session, blob, keys, now)
        handler = self.handlers.get(letter.kind)
        if handler is None:
            raise Refused("unknown_kind")
        received = Received(as_peer(peer), letter.id, letter.kind, letter.queued_at, letter.body)
        digest = letter.digest.hex()
        try:
            async with self.database.act(Act(f"peer:{peer.id}:{letter.id}", now), PEER) as work:
                # The same id with other words: nothing was lost, so nobody is told that it arrived.
                if work.repeated and work.result != digest:
                    raise Refused("other_content")
                if not work.repeated:
                    await handler(work, received)
                    await work.done(f"peer_{letter.kind}", digest)
        except Refusal:
            raise Refused("unacceptable") from None
        return letter.receipt(keys)


async def _from_a_peer(
    session: AsyncSession, blob: bytes, keys: PeerKeys, now: datetime
) -> tuple[Letter, PeerRow]:
    """Raises Refused."""
    try:
        found = opened(blob, keys)
    except Unreadable:
        raise Refused("unreadable") from None
    letter = found.letter
    # Sealed to us, but meant for another: somebody has passed a message on.
    if letter.recipient != keys.mark:
        raise Refused("for_another")
    statement = select(PeerRow).where(PeerRow.mark == letter.sender, col(PeerRow.left_at).is_(None))
    peer = (await session.exec(statement)).first()
    if peer is None:
        raise Refused("stranger")
    if not found.signed_by(peer.verify_key):
        raise Refused("wrong_signature")
    if abs(now - letter.sealed_at) > CLOCKS:
        raise Refused("clock")
    return letter, peer
