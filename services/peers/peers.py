"""Which peers there are, and this installation's own keys and card."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import OwnPeerRow, PeerRow
from models.columns import new_id
from models.peers import OWN, Relation
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import Refusal
from services.peers.cards import Card, PeerKeys

CONSOLE = "console"
"""Who acts at the command line."""


class UnknownPeer(Refusal):
    """There is no such peer, or nothing is exchanged with it any more."""


class OwnCard(Refusal):
    """The card is this installation's own."""


class PeerThere(Refusal):
    """There is a peer of this name or address already."""


@dataclass(frozen=True)
class Peer:
    """Another installation, as services see it."""

    id: str
    name: str
    relation: Relation
    address: str


def as_peer(row: PeerRow) -> Peer:
    return Peer(row.id, row.name, row.relation, row.address)


async def rows_of(session: AsyncSession, relation: Relation | None = None) -> tuple[PeerRow, ...]:
    statement = select(PeerRow).where(col(PeerRow.left_at).is_(None)).order_by(PeerRow.id)
    rows = await session.exec(statement)
    return tuple(row for row in rows if relation in (None, row.relation))


async def peers_of(session: AsyncSession, relation: Relation | None = None) -> tuple[Peer, ...]:
    """Return the peers of one relation, or (None) of all, by name."""
    return tuple(sorted(map(as_peer, await rows_of(session, relation)), key=lambda one: one.name))


async def peer_row(session: AsyncSession, peer_id: str, removed: bool = False) -> PeerRow:
    """`removed`: one that was removed will do. Raises UnknownPeer."""
    row = await session.get(PeerRow, peer_id)
    if row is None or (row.left_at is not None and not removed):
        raise UnknownPeer(peer_id)
    return row


async def own_keys(session: AsyncSession) -> PeerKeys | None:
    """Return this installation's keys; None before it has any."""
    row = await session.get(OwnPeerRow, OWN)
    return PeerKeys.read(row.keys) if row else None


@dataclass
class Peers:
    """What the operator does at the command line. Each act takes the time it is done at, aware."""

    database: Database

    async def keys(self, now: datetime) -> PeerKeys:
        """Return our own keys, made when they are first asked for."""
        async with self.database.act(Act("peer:keys", now), CONSOLE) as work:
            keys = await own_keys(work.session)
            if keys is None:
                keys = PeerKeys.new()
                row = OwnPeerRow(id=OWN, made_at=now)
                row.keys = keys.write()
                work.session.add(row)
            if not work.repeated:
                await work.done("peer_keys")
            return keys

    async def listed(self) -> tuple[tuple[Peer, Card], ...]:
        """Return every peer with its card, by name."""
        async with self.database.read() as session:
            found = [(as_peer(row), card_of(row)) for row in await rows_of(session)]
        return tuple(sorted(found, key=lambda one: one[0].name))

    async def add(self, card: Card, relation: Relation, now: datetime) -> Peer:
        """Add a peer, or change the relation of one whose card it is. One that has a new address
        or new keys is removed first: what waits for it goes on to the new card of its name.
        Raises PeerThere, OwnCard."""
        async with self.database.act(_at("add", now), CONSOLE) as work:
            session = work.session
            own = await own_keys(session)
            if own is not None and own.mark == card.mark:
                raise OwnCard(card.name)
            for other in await rows_of(session):
                same = other.name == card.name or other.address == card.address
                if other.mark != card.mark and same:
                    raise PeerThere(other.name)
            known = select(PeerRow).where(PeerRow.mark == card.mark)
            row = (await session.exec(known)).first() or await _of_name(session, card.name)
            said: dict[str, Any] = {
                "mark": card.mark,
                "relation": relation,
                "address": card.address,
                "verify_key": card.verify,
                "box_key": card.box,
                "added_at": now,
                "left_at": None,
            }
            row = row or PeerRow(**said)
            for name, value in said.items():
                setattr(row, name, value)
            row.name = card.name
            session.add(row)
            await session.flush()
            await work.done("peer_add", row.id)
            return as_peer(row)

    async def remove(self, name: str, now: datetime) -> Peer:
        """Exchange nothing with a peer any more. Raises UnknownPeer."""
        async with self.database.act(_at("remove", now), CONSOLE) as work:
            found = [row for row in await rows_of(work.session) if name in (row.name, row.id)]
            if len(found) != 1:
                raise UnknownPeer(name)
            found[0].left_at = now
            work.session.add(found[0])
            await work.done("peer_remove", found[0].id)
            return as_peer(found[0])


def card_of(row: PeerRow) -> Card:
    return Card(row.name, row.address, row.verify_key, row.box_key)


def _at(what: str, now: datetime) -> Act:
    # Random: at the command line each act is meant by whoever types it.
    return Act(f"peer:{what}:{new_id()}", now)


async def _of_name(session: AsyncSession, name: str) -> PeerRow | None:
    """Return a peer of this name that was removed, so that what waits for it still goes out."""
    rows = await session.exec(select(PeerRow).where(col(PeerRow.left_at).is_not(None)))
    return next((row for row in rows if row.name == name), None)
