"""Whose turn it is when several processes share a database: advisory locks of PostgreSQL.

A process holds all of its locks over one connection. When it dies, or the connection does, they are
free at once. SQLite is used by one process, which needs no locks.
"""

import asyncio
from hashlib import blake2b

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.core.database import Database


def number_of(name: str) -> int:
    """The 64 bits by which PostgreSQL knows a lock."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


class Turns:
    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.shared = database.shared
        self._connection: AsyncConnection | None = None
        self._one_at_a_time = asyncio.Lock()

    async def take(self, name: str) -> bool:
        """False where another process has it. To be given back by `leave`."""
        return not self.shared or bool(await self._ask("pg_try_advisory_lock", name))

    async def leave(self, name: str) -> None:
        if self.shared:
            await self._ask("pg_advisory_unlock", name)

    async def check(self) -> None:
        """Raises whatever ended the connection, and with it all turns."""
        if self.shared:
            async with self._one_at_a_time:
                if self._connection is None:
                    raise ConnectionError("the connection that held the turns has ended")
                await self._execute("SELECT 1", {})

    async def close(self) -> None:
        async with self._one_at_a_time:
            await self._drop()

    async def _ask(self, function: str, name: str) -> object:
        async with self._one_at_a_time:
            if self._connection is None:
                connection = await self.engine.connect()
                self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            return await self._execute(f"SELECT {function}(:name)", {"name": number_of(name)})

    async def _execute(self, statement: str, values: dict[str, int]) -> object:
        assert self._connection is not None
        try:
            return (await self._connection.execute(text(statement), values)).scalar_one()
        except BaseException:
            # Also when cancelled: what the connection was about to hold isn't known any more.
            await self._drop()
            raise

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
