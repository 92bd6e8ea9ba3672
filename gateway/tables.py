"""What the gateway keeps, in a database of its own, and how that is asked: over an asynchronous
driver, or SQLite directly. What tells who somebody is or what was said is sealed; a person's key on
the platform is found by its blind index.

The asynchronous driver of SQLite takes each statement to a thread and back, four times, which costs
more than the statement does, and an event and the call that answers it ask two dozen. Directly,
what may wait goes to a thread alone: the beginning of a write, for another process, and the commit,
for the disk (docs/decisions/0043).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Protocol, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Executable,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Result,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.ext.asyncio import AsyncEngine

metadata = MetaData()

account = Table(
    "account",
    metadata,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("platform", String(16), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("key_blind", String(32), nullable=False),
    Column("account_sealed", LargeBinary, nullable=False),
    Column("started", Boolean, nullable=False),
    Column("blocked", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tries_since", Float, nullable=False),
    UniqueConstraint("platform", "tenant", "key_blind"),
)
"""`chat`: 52 random bits, which is all that the bot learns. `tries`: tokens sent since then, but
for right ones."""

shown = Table(
    "shown",
    metadata,
    Column("chat", BigInteger, primary_key=True),
    Column("message", BigInteger, primary_key=True),
    Column("mine", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("menu", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    Column("id_blind", String(32), nullable=False),
    Column("body_sealed", LargeBinary, nullable=True),
    Index("shown_by_id", "chat", "id_blind"),
)
"""`mine`: sent by the bot. `place`: grows down the chat; a message that was sent anew keeps its
number and gets a new place. `id_blind`: of the last part's id on the platform. The body goes when
the message is deleted; the row stays, so that no id comes twice."""

update_row = Table(
    "update_row",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat", BigInteger, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("event_blind", String(32), primary_key=True),
    Column("at", Float, nullable=False, index=True),
)

doing = Table(
    "doing",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("message", BigInteger, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("state", String(8), nullable=False),
    Column("at", Float, nullable=False),
    Column("call_sealed", LargeBinary, nullable=False),
    Index("doing_by_digest", "chat", "digest"),
)
"""A call that may have reached the platform. `state`: begun | unsure (the platform didn't answer) |
done (it did, but nobody knows whether the bot heard of it) | told (the bot did, unless the gateway
was killed at that moment)."""

press = Table(
    "press",
    metadata,
    Column("query", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("token_sealed", LargeBinary, nullable=False),
)

file = Table(
    "file",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("content_sealed", LargeBinary, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value_sealed", LargeBinary, nullable=False),
)
"""Where a platform's stream was left, and its login."""


Found = TypeVar("Found")


class Rows(Protocol):
    """What a transaction may be asked; sqlalchemy.ext.asyncio.AsyncConnection is one."""

    async def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]: ...

    async def scalar(self, statement: Executable) -> Any: ...

    async def run_sync(self, program: Callable[[Connection], Found]) -> Found: ...


class _Direct:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        found = self._connection.execute(statement, parameters)
        # All rows now, as the asynchronous one gives them: they are read after its end as well.
        return found.freeze()() if found.returns_rows else found

    async def scalar(self, statement: Executable) -> Any:
        return self._connection.scalar(statement)

    async def run_sync(self, program: Callable[[Connection], Found]) -> Found:
        return program(self._connection)


class Transactions:
    """`engine`, `direct` begin write transactions with their lock where `yinlu_write` is set on
    them. `direct`: over the same SQLite, with a driver that needs no event loop."""

    def __init__(self, engine: AsyncEngine, direct: Engine | None = None) -> None:
        self.engine, self.direct = engine, direct
        # SQLite lets one write at a time. Whoever finds it locked would sleep and try again, in no
        # order, and fail after ten seconds: where many call at once, a thousand people, some would.
        sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if sqlite else nullcontext()

    @property
    def asked(self) -> Engine:
        """The engine that statements go to."""
        return self.direct or self.engine.sync_engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Rows]:
        if self.direct is None:
            async with self.engine.connect() as rows:
                yield rows
        else:
            with self.direct.connect() as connection:
                yield _Direct(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Rows]:
        """A transaction that writes; on SQLite one after the other."""
        async with self._turn:
            if self.direct is None:
                async with self.engine.execution_options(yinlu_write=True).begin() as rows:
                    yield rows
            else:
                async with _beginning(self.direct.execution_options(yinlu_write=True)) as rows:
                    yield rows

    async def close(self) -> None:
        await self.engine.dispose()
        if self.direct is not None:
            self.direct.dispose()


@asynccontextmanager
async def _beginning(engine: Engine) -> AsyncIterator[Rows]:
    connection = engine.connect()
    try:
        await _whole(connection.begin)
        yield _Direct(connection)
        await _whole(connection.commit)
    finally:
        # Rolls back what isn't committed.
        connection.close()


async def _whole(step: Callable[[], Any]) -> None:
    """Take a step in a thread, to its end also where whoever waits for it is cancelled: it can't be
    broken off, and the connection may not be closed under it."""
    running = asyncio.ensure_future(asyncio.to_thread(step))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
