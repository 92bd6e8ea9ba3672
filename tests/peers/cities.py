"""Two cities: each with keys, a database, a clock and a door of its own, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.app.database import database_for
from bot.pipeline.peers import PeerDoor, PeerPoster
from models.crypto import KeyRing, install, keep_apart
from models.peers import Relation
from services.core.acts import Act
from services.core.database import Database, Work
from services.peers.cards import Card, PeerKeys
from services.peers.peers import Peer, Peers
from services.peers.receiving import PeerInbox, Received, Unacceptable
from services.peers.sending import PeerOutbox, arrived_at, send

T = TypeVar("T")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ACTS = count(1)
PARROT = "parrot"
"""The kind of message that these stories are told of."""


@dataclass
class City:
    """`heard`: what its handler took. `takes`: whether it takes anything."""

    name: str
    database: Database
    ring: KeyRing
    context: Context
    at: datetime = MONDAY
    heard: list[Received] = field(default_factory=list)
    takes: bool = True
    peers: dict[str, Peer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inbox = PeerInbox(self.database, {PARROT: self.take})
        self.outbox = PeerOutbox(self.database)
        self.door = PeerDoor(self.inbox, self.now)
        self.poster = PeerPoster(self.outbox, self.now)
        self._door: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self.port = 0

    def now(self) -> datetime:
        return self.at

    async def take(self, work: Work, received: Received) -> None:
        if not self.takes:
            raise Unacceptable
        self.heard.append(received)

    async def does(self, work: Coroutine[Any, Any, T]) -> T:
        """With the keys of this city."""
        return await asyncio.create_task(work, context=self.context)

    async def opens(self) -> None:
        """The door, always at the same address."""
        self._closing, opened = asyncio.Event(), asyncio.Event()

        async def open_door() -> None:
            async with self.door.open(self.port):
                self.port = self.door.port
                opened.set()
                await self._closing.wait()

        # In a task of its own: whoever comes in is handled with the keys of whoever opened.
        self._door = asyncio.create_task(open_door(), context=self.context)
        await opened.wait()

    async def closes(self) -> None:
        self._closing.set()
        if self._door is not None:
            await self._door

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def keys(self) -> PeerKeys:
        return await self.does(Peers(self.database).keys(self.at))

    async def card(self) -> Card:
        return (await self.keys()).card(self.name, self.address)

    async def knows(self, other: "City", relation: Relation = Relation.BESIDE) -> Peer:
        peer = await self.does(Peers(self.database).add(await other.card(), relation, self.at))
        self.peers[other.name] = peer
        return peer

    async def says(self, other: "City", body: Mapping[str, Any], kind: str = PARROT) -> str:
        """As an act does it."""

        async def act() -> str:
            async with self.database.act(Act(f"says:{next(ACTS)}", self.at), "x") as work:
                queued = await send(work.session, self.peers[other.name].id, kind, body, self.at)
                await work.done("says", queued)
                return queued

        return await self.does(act())

    async def posts(self) -> int:
        """Everything that is due."""
        arrived = 0
        while now := await self.does(self.poster.round()):
            arrived += now
        return arrived

    async def knows_that_it_arrived(self, message: str) -> bool:
        async def asked() -> bool:
            async with self.database.read() as session:
                return await arrived_at(session, message) is not None

        return await self.does(asked())

    def waits(self, for_: timedelta) -> None:
        self.at += for_


@asynccontextmanager
async def city(name: str, url: str) -> AsyncIterator[City]:
    ring = KeyRing.new()

    def apart() -> Context:
        keep_apart()
        install(ring)
        return copy_context()

    made = City(name, database_for(url), ring, copy_context().run(apart))
    await made.opens()
    try:
        await made.does(made.database.check_keys())
        yield made
    finally:
        await made.closes()
        await made.database.close()
