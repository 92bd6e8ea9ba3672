"""How every service reads and writes: one transaction, one audit line, each act once; and what
was deleted, removed from the disk."""

import asyncio
import sqlite3
from asyncio import Lock
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    nullcontext,
    suppress,
)
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Select, bindparam, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlalchemy.orm import Session
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models import AuditLine, Organisation, PostRow, Setting
from models.columns import columns_of
from models.crypto import KeyProblem, ring
from models.macs import HOUSE, MESSAGES, by_hand
from services.core import audit
from services.core.acts import Act
from services.core.errors import PostEnded
from services.core.failpoints import failpoint
from services.core.guard import (
    HAND,
    BlockingSession,
    GuardedSession,
    Key,
    every_column,
    plain_rows,
    truly_refused,
)
from services.core.heads import KEPT, heads_of, settle
from services.core.lock_numbers import ACTS, number_of
from services.core.ports import Told, nobody

KEY_CHECK = "key_check"
BUSY = ("40001", "40P01", "55P03")
"""SQLSTATE of transactions that lost against others: the same one succeeds later."""
CONNECTION = "08"
"""The class of SQLSTATE of connections that were refused or broke."""
RESTARTING = ("57P01", "57P02", "57P03")
"""SQLSTATE of a server that is being stopped, has broken off, or isn't ready again."""

Found = TypeVar("Found")
On = str | Select[tuple[str]] | SelectOfScalar[str]
"""An id, or a question for one that never changes, such as the case of an entry."""
YOUNG, PATIENCE = 0.3, 0.1
"""Seconds from its beginning in which an update is let go first, and for which one commit waits for
that at most: where somebody always writes, what is long still comes to its end."""
AT_ONCE = 2
"""Threads of what writes: the beginning of one transaction may wait while another one is on its way
to the disk."""

# Built once: every act asks them.
_POSTS = every_column(PostRow).where(
    col(PostRow.person_id) == bindparam("person"), col(PostRow.until).is_(None)
)
_LINE = columns_of(AuditLine, ("id", "result_sealed")).where(
    col(AuditLine.act_key) == bindparam("key")
)
_ALONE = text(f"SELECT pg_advisory_xact_lock({ACTS})")
_BESIDE = text(f"SELECT pg_advisory_xact_lock_shared({ACTS})")
_ON = text("SELECT pg_advisory_xact_lock(:number)")
_LINES = select(AuditLine).where(col(AuditLine.act_key).in_(bindparam("keys", expanding=True)))


def away(error: BaseException) -> bool:
    """Whether the database is to blame and not the statement: unreachable, restarted, out of disk.
    Then whoever asked waits and tries again; any other error would only repeat itself."""
    if isinstance(error, OperationalError | InterfaceError | NoConnectionFree | OSError):
        return True
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", ""))
        gone = error.connection_invalidated or state.startswith(CONNECTION)
        return gone or state in BUSY + RESTARTING
    # The driver's own errors while it connects are not translated by SQLAlchemy.
    return type(error).__module__.startswith("asyncpg")


@dataclass
class Work:
    """An act under way in its transaction. `repeated`: it was done before, and `result` is what it
    returned then; nothing may be written again."""

    session: AsyncSession
    act: Act
    actor: str
    repeated: bool = False
    result: Any = None
    written: bool = False

    async def done(self, name: str, result: Any = None, chain: str = HOUSE) -> None:
        """Write the audit line, with what the act returns when it is run again (JSON)."""
        audit.append(self.session, self.act, self.actor, name, result, chain)
        self.result, self.written = result, True


@dataclass
class Works:
    """Several acts of one person under way in one transaction. `before`: what those returned that
    were done before, by key; of them nothing may be written again."""

    session: AsyncSession
    actor: str
    before: Mapping[str, Any]
    held: float = 0.0
    """Seconds for which it kept the others waiting, once it is committed."""

    async def done(self, name: str, said: Iterable[audit.Said]) -> None:
        """Write an audit line for each act that was done, with what it returns when it is run
        again. One that has none wasn't done."""
        audit.append_each(self.session, self.actor, name, said)


class HeldPost(Protocol):
    """A post, as whoever acts was read with it."""

    @property
    def role(self) -> str: ...

    @property
    def organisation_id(self) -> str: ...


class Acting(Protocol):
    """A person who acts, with the posts they were read with at the beginning of the update."""

    @property
    def person_id(self) -> str: ...

    @property
    def posts(self) -> Sequence[HeldPost]: ...


async def _require_held(session: AsyncSession, actor: Acting) -> None:
    """Raises PostEnded where the actor holds a post no more. Asked under the lock of acts, by which
    posts are ended as well: what is held here is held until the commit."""
    if not actor.posts:
        return
    posts = await plain_rows(session, PostRow, _POSTS, {"person": actor.person_id})
    held = {(row.role, row.organisation_id) for row in posts}
    if any((post.role, post.organisation_id) not in held for post in actor.posts):
        raise PostEnded


def _opens(organisation_id: str, name: bytes) -> bool:
    try:
        return bool(ring().open(name, f"organisation.name_sealed.{organisation_id}"))
    except KeyProblem:
        return False


def _session_over(engine: Engine, **options: Any) -> BlockingSession:
    return BlockingSession(**{**options, "bind": engine})


class InHand:
    """The updates that a process has in hand, each begun at some second of `clock`. What takes many
    commits lets them go first between two of its own: an update takes several steps, each of which
    would wait for one of those."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._begun, self._ended = clock, dict[Hashable, float](), asyncio.Event()

    def begin(self, what: Hashable) -> None:
        """Take an update in hand; of a chat in which one is already, the next one."""
        self._begun[what] = self._clock()

    def end(self, what: Hashable) -> None:
        self._begun.pop(what, None)
        self._ended.set()

    async def gone(self) -> None:
        """Return once those are done that were begun just now (YOUNG), PATIENCE later at most. The
        others wait for a messenger or are long themselves, as what asks this mostly is."""
        until = self._clock() + PATIENCE
        while self._begun and (left := self._left(until)) > 0:
            self._ended.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), left)

    def _left(self, until: float) -> float:
        return min(until, max(self._begun.values()) + YOUNG) - self._clock()


class Database:
    """Sessions to read and to write over one engine. `close` disposes of it.

    `blocking`: the same database without an event loop, for what is asked with every update
    (`at_once`); None where its driver has none: then it goes over `engine` as well."""

    def __init__(self, engine: AsyncEngine, blocking: Engine | None = None) -> None:
        self.engine, self.blocking = engine, blocking
        self._threads = ThreadPoolExecutor(AT_ONCE, "database")
        # BEGIN IMMEDIATE on SQLite: a read that turns into a write may fail midway.
        writing = engine.execution_options(yinlu_write=True)
        # Rows are read after the commit; expired, they would load lazily, which async forbids.
        kind: Any = {"class_": AsyncSession, "sync_session_class": GuardedSession}
        kind["info"] = {KEPT: {}}
        self._readers = async_sessionmaker(engine, expire_on_commit=False, **kind)
        self._lookers = self._readers
        if blocking is not None:
            self._blocking_looks = blocking.execution_options(yinlu_alone=True)
            kind["sync_session_class"] = partial(_session_over, blocking)
            self._lookers = async_sessionmaker(engine, expire_on_commit=False, **kind)
            self._blocking_writes = blocking.execution_options(yinlu_write=True)
            kind["sync_session_class"] = partial(_session_over, self._blocking_writes)
        self._writers = async_sessionmaker(writing, expire_on_commit=False, **kind)
        self.altered: set[Key] = set()
        """Rows that this process found not to fit their MAC."""
        self.commits = 0
        """Transactions of `write` that this process has committed."""
        self.in_hand = InHand()
        self._turn: AbstractAsyncContextManager[Any] = nullcontext() if self.shared else Lock()
        """SQLite lets one write at a time, and who finds it busy sleeps before asking again: in one
        process writers queue instead."""

    @property
    def shared(self) -> bool:
        """Whether several processes may work on it at the same time."""
        return self.engine.dialect.name != "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session to read; nothing is committed. On SQLite it blocks no writer."""
        async with self._readers() as session:
            with truly_refused(session, self.altered):
                yield session

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncSession]:
        """As `read`, for a few rows found by their keys, as every update asks for: on SQLite the
        statements run where they are asked, which takes less than the way to a thread. Nothing
        else may be waited for meanwhile."""
        if self.blocking is None:
            async with self.read() as session:
                yield session
            return
        session = self._lookers()
        try:
            with truly_refused(session, self.altered):
                yield session
        finally:
            # Nothing of it waits, so that it needs no task of its own to be brought to an end.
            await session.close()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """Open a session to read in which all queries see the same moment, for what compares tables
        while others write."""
        async with self.read() as session:
            # A read transaction of SQLite in WAL mode is a snapshot anyway.
            if self.shared:
                whole = {"isolation_level": "REPEATABLE READ"}
                await session.connection(execution_options=whole)
            yield session

    @asynccontextmanager
    async def write(self, what: str = "write") -> AsyncIterator[AsyncSession]:
        """Open one transaction, committed at the end, rolled back on any exception. `what`: names
        the failpoints before and after its commit."""
        async with self._turn, self._writers() as session:
            async with session.begin():
                await self._outside(session, Session.connection)
                with truly_refused(session, self.altered):
                    yield session
                await settle(session)
                failpoint(f"{what}.before")
                try:
                    await self._outside(session, Session.commit)
                finally:
                    # Also where nobody knows whether it arrived: what was read before is old then.
                    self.commits += 1
            failpoint(f"{what}.after")

    async def _outside(self, session: AsyncSession, step: Callable[[Session], Any]) -> None:
        """Take the step of a transaction that waits for another process or for the disk."""
        if self.blocking is None:
            await session.run_sync(step)
        else:
            await self._in_thread(partial(step, session.sync_session))

    async def at_once(self, what: str, program: Callable[[Connection], Found]) -> Found:
        """Run `program` in one transaction, as `write`, and return what it returns. For statements
        of every update, over tables without MACs: on SQLite all of them take one trip to a thread,
        where a session takes four for each."""
        if self.blocking is None:
            async with self.write(what) as session:
                return await (await session.connection()).run_sync(program)
        writing = self._blocking_writes

        def run() -> Found:
            with writing.begin() as connection:
                found = program(connection)
                failpoint(f"{what}.before")
            failpoint(f"{what}.after")
            return found

        async with self._turn:
            return await self._in_thread(run)

    async def look_at_once(self, program: Callable[[Connection], Found]) -> Found:
        """Run `program`, which asks one statement, as `look`."""
        if self.blocking is None:
            async with self.read() as session:
                return await (await session.connection()).run_sync(program)
        with self._blocking_looks.connect() as connection:
            return program(connection)

    async def _in_thread(self, run: Callable[[], Found]) -> Found:
        # A thread has no context of its own, and the keys are in that of whoever asks.
        here = copy_context().run
        work = asyncio.get_running_loop().run_in_executor(self._threads, here, run)
        try:
            return await asyncio.shield(work)
        finally:
            # Cancelled, its transaction goes on to its end: the next writer may begin only then.
            if not work.done():
                await asyncio.wait([work])

    @asynccontextmanager
    async def act(self, act: Act, actor: "Acting | str", *on: On) -> AsyncIterator[Work]:
        """Open the transaction of an act, which is done once however often it is tried. What it has
        read no other changes before it commits. `on`: what the act reads and changes alone, by id,
        such as its case: acts on others run beside it, the others wait. Without it all do. `actor`:
        a word for a job or for who isn't known yet. Raises PostEnded where a post of the actor was
        ended since it was read, RuntimeError where the block wrote no audit line."""
        async with self.write("act") as session:
            # Before the key is looked up: two tries at the same moment would both find it unused.
            await (self.alone_on(session, on) if on else self.alone(session))
            if not isinstance(actor, str):
                await _require_held(session, actor)
            first = (await by_hand(session, _LINE, {"key": act.key})).first()
            result = audit.result_of(*first) if first else None
            who = actor if isinstance(actor, str) else actor.person_id
            work = Work(session, act, who, repeated=first is not None, result=result)
            yield work
            if not work.repeated and not work.written:
                # Without a line there is no key, and the next try would do the act once more.
                raise RuntimeError(f"an act left no audit line: {act.key}")

    @asynccontextmanager
    async def acts(self, acts: Sequence[Act], actor: Acting) -> AsyncIterator[Works]:
        """As `act`, for several acts of one person in one transaction: each has a line of its own
        and is done once, while the way to the disk is gone once for all of them. No more than a
        moment's work, since everybody else's acts wait; and only once nobody's update is in hand
        that was begun just now. Raises PostEnded."""
        clock = asyncio.get_running_loop()
        await self.in_hand.gone()
        async with self.write("act") as session:
            await self.alone(session)
            began = clock.time()
            await _require_held(session, actor)
            lines = await session.exec(_LINES, params={"keys": [act.key for act in acts]})
            before = {line.act_key: line.result for line in lines}
            yield (works := Works(session, actor.person_id, before))
        works.held = clock.time() - began

    async def was_done(self, session: AsyncSession, act: Act) -> bool:
        """Whether an act is stored: then its update is handled again, since what was said of it is
        not known to have arrived, and what the act has made is no news to be asked about."""
        statement = select(AuditLine.id).where(AuditLine.act_key == act.key)
        return (await session.exec(statement)).first() is not None

    async def alone(self, session: AsyncSession) -> None:
        """Make this transaction wait for every other that called this or `alone_on`, until those
        have ended. On SQLite writing transactions exclude one another from their beginning."""
        if self.shared:
            # Freed on rollback too. Serializable isolation would fail at the commit instead, and
            # the conversation would have to be handled again (docs/decisions/0009).
            connection = await session.connection()
            await connection.execute(_ALONE)

    async def alone_on(self, session: AsyncSession, on: Iterable[On]) -> None:
        """As `alone`, but beside others that have called this for something else."""
        if not self.shared:
            return
        connection = await session.connection()
        await connection.execute(_BESIDE)
        named = [
            one if isinstance(one, str) else (await connection.execute(one)).scalar() for one in on
        ]
        # In one order, so that no two wait for each other. What isn't there is refused later.
        for number in sorted(number_of(f"act:{one}") for one in named if one):
            await connection.execute(_ON, {"number": number})

    async def check_keys(self) -> None:
        """Raises KeyProblem where this database was sealed with other keys, before anything is
        written with the wrong ones."""
        async with self.write() as session:
            await self.alone(session)
            # Single columns: with other keys no row would fit its MAC.
            value = select(Setting.value).where(Setting.key == KEY_CHECK)
            known = (await session.exec(value)).first()
            expected = ring().blind("yinlu", KEY_CHECK)
            if known is None:
                session.add(Setting(key=KEY_CHECK, value=expected))
            # Made here, one process at a time: two that write first would both insert them.
            for head in (await heads_of(session, (HOUSE, MESSAGES))).values():
                if head is not None:
                    head.changed = head.changed or not head.stored
            named = columns_of(Organisation, ("id", "name_sealed")).limit(1)
            first = (await session.exec(named, execution_options=HAND)).first()
            # The stored value proves the index key, a sealed name the rotated ones.
            if known not in (None, expected) or not (first is None or _opens(*first)):
                raise KeyProblem(
                    "this database was sealed with other keys. Bring back the key file that "
                    "belongs to it. Nothing was changed"
                )

    async def broken_chains(self, told: Told = nobody) -> tuple[str, ...]:
        """Return the audit chains in which a line was changed or removed."""
        async with self.snapshot() as session:
            return await audit.broken(session, told)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        self._threads.shutdown()
        if self.blocking is not None:
            self.blocking.dispose()


EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
"""`secure_delete` overwrites what a row leaves behind, but the write-ahead log still holds the
pages as they were, until it is emptied. On PostgreSQL the server decides when
(docs/threat-model.md)."""


async def scrub(database: Database, whole: bool = False) -> bool:
    """Remove from the disk what was deleted (docs/promises.md P7): empty the write-ahead log; with
    `whole`, rewrite the file as well, which takes seconds.
    Returns False where a reader kept the log from being emptied: then try again."""
    if database.engine.dialect.name != "sqlite":
        return True
    async with database.engine.connect() as connection:
        plain = (await connection.get_raw_connection()).driver_connection
        assert plain is not None
        # Before the log is emptied: in this mode VACUUM writes its pages to the log as well.
        if whole:
            await plain.execute("VACUUM")
        cursor = await plain.execute(EMPTY_LOG)
        [busy, _, _] = await cursor.fetchone()
        await cursor.close()
    return not busy


async def scrub_soon(database: Database) -> None:
    """Scrub after a commit, and suppress a failure: what was asked for is done. What can't be wiped
    now, on a full disk for one, is wiped the next night (`services.reports.exchange.forget`)."""
    with suppress(OperationalError, sqlite3.Error):
        await scrub(database)
