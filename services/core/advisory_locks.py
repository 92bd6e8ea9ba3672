"""Locks between processes that share a database: advisory locks of PostgreSQL.

They say which process works on a chat, and which one is the leader. A process holds all of its
locks over one connection: when it dies, or the connection does, PostgreSQL releases them at once,
so no lease has to expire. SQLite is used by one process, which needs no locks.

Released at once means that another process may go on at once, while this one hasn't noticed. Worked
example, chat c, update 17 shows question 4:

    A   acquire(c), and inside `held` the handler of 17 is about to send question 4
        the server ends A's connection; its locks are free
    B   acquire(c), handles 17 as well, sends question 4, ends 17; then 18, sends question 5
    A   without `held`: sends question 4 below question 5. Whoever reads it answers 4, and the
        answer is taken for that to 5
    A   with `held`: is cancelled when its connection ends, and sends nothing
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.core.database import Database, away
from services.core.lock_numbers import number_of

ANSWER_IN = 10.0
"""Seconds after which a server that doesn't answer is taken for gone. A server that was stopped
(SIGSTOP, a frozen machine) keeps its connections open and would be waited for without end."""

GONE = "the connection that held the locks has ended"

log = structlog.get_logger()


class AdvisoryLocks:
    """Named locks of one process, all over one connection. On SQLite every lock is free."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.shared = database.shared
        self._connection: AsyncConnection | None = None
        self._ended = False
        self._held: set[asyncio.Timeout] = set()
        # asyncpg refuses a second statement while the first one runs on the same connection.
        self._one_at_a_time = asyncio.Lock()

    async def acquire(self, name: str) -> bool:
        """Take a lock, and return False where another process holds it; never wait for it. Tasks of
        one process aren't told apart: PostgreSQL grants a lock again to the session that has it.
        Raises what the database raises."""
        # pg_try_: a lock that waits would keep the one connection, and all other locks behind it.
        return not self.shared or bool(await self._ask("pg_try_advisory_lock", name))

    async def release(self, name: str) -> None:
        """Release a lock; never fails: where the server can't be asked, the connection is dropped,
        and with it every lock. So it may stand in a `finally` without replacing the error, or the
        cancellation, that led there."""
        if self.shared and self._connection is not None:
            try:
                await self._ask("pg_advisory_unlock", name)
            except Exception as error:
                # Of a server that is away whoever asks next hears as well.
                if not away(error):
                    log.warning("locks_dropped", error=type(error).__name__)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Do only while the locks are held what others must not do at the same time: the block is
        cancelled when their connection ends. Raises ConnectionError then. To be entered right after
        `acquire`."""
        limit = asyncio.timeout(None)
        try:
            async with limit:
                if self._ended:
                    raise ConnectionError(GONE)
                self._held.add(limit)
                yield
        except TimeoutError:
            if limit.expired():
                raise ConnectionError(GONE) from None
            raise
        finally:
            self._held.discard(limit)

    async def check(self) -> None:
        """Ask the server whether the locks are still held. Raises what ended the connection, and
        with it released them all."""
        if self.shared:
            async with self._one_at_a_time:
                if self._connection is None:
                    # A new connection would answer, and hide that the old locks are gone.
                    raise ConnectionError(GONE)
                await self._execute("SELECT 1", {})

    async def close(self) -> None:
        """Release all locks."""
        async with self._one_at_a_time:
            await self._drop()

    async def _ask(self, function: str, name: str) -> object:
        async with self._one_at_a_time:
            if self._connection is None:
                self._connection = await self._connected()
            return await self._execute(f"SELECT {function}(:name)", {"name": number_of(name)})

    async def _connected(self) -> AsyncConnection:
        connection = await self.engine.connect()
        # A server may end a session that idles in a transaction, and its locks.
        made = await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver = (await made.get_raw_connection()).driver_connection
        assert driver is not None
        # asyncpg calls it at once, not only with the next statement.
        driver.add_termination_listener(lambda _: self._end(made))
        self._ended = False
        return made

    def _end(self, connection: AsyncConnection) -> None:
        """The locks of a connection are free: stop what is done under them."""
        if connection is not self._connection:
            return
        self._ended = True
        now = asyncio.get_running_loop().time()
        while self._held:
            self._held.pop().reschedule(now)

    async def _execute(self, statement: str, values: dict[str, int]) -> object:
        assert self._connection is not None
        try:
            async with asyncio.timeout(ANSWER_IN):
                return (await self._connection.execute(text(statement), values)).scalar_one()
        except BaseException:
            # Also when cancelled: which locks the connection holds isn't known any more.
            await self._drop()
            raise

    async def _drop(self) -> None:
        """Drop the connection; never fails: an error here would replace the cancellation that led
        here, and whoever waits for the task to end would wait for ever."""
        if self._connection is None:
            return
        self._end(self._connection)
        connection, self._connection = self._connection, None
        try:
            # Back in the pool, it would keep its locks and hand them to whoever connects next.
            await connection.invalidate()
            await connection.close()
        except Exception as error:
            log.warning("connection_not_closed", error=type(error).__name__)
