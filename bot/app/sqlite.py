"""SQLite in a thread of its own, asked once for each statement.

SQLAlchemy takes four trips to the connection's thread for one: a cursor, the statement, its rows,
the end of the cursor. A trip costs more than most of our statements do, so here they are one, as
long as the rows are few, and a transaction begins on the way of its first statement.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

import aiosqlite

AHEAD = 256
"""Rows that are fetched together with their statement."""
CHUNK = 64


class Cursor(aiosqlite.Cursor):
    """Holds the first rows; where there are more, it goes on as any cursor does."""

    def __init__(self, connection: "Connection") -> None:
        # There is no cursor in the thread before the first statement.
        super().__init__(connection, None)  # type: ignore[arg-type]
        self._ahead: list[Any] = []
        self._more = False

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        return await self._once(_executed, sql, parameters or ())

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "Cursor":
        return await self._once(_executed_many, sql, parameters)

    async def _once(self, how: Any, sql: str, parameters: Any) -> "Cursor":
        trip = self._conn._execute(how, self._conn, sql, parameters)  # type: ignore[no-untyped-call]
        self._cursor, self._ahead = await trip
        self._more = len(self._ahead) == AHEAD
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._ahead = self._ahead, []
        return [*rows, *await super().fetchall()] if self._more else rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = size or self.arraysize
        rows, self._ahead = self._ahead[:wanted], self._ahead[wanted:]
        if self._more and len(rows) < wanted:
            rows += await super().fetchmany(wanted - len(rows))
        return rows

    async def fetchone(self) -> Any:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def close(self) -> None:
        self._ahead = []
        if self._more:
            await super().close()


def _executed(
    connection: "Connection", sql: str, parameters: Any
) -> tuple[sqlite3.Cursor, list[Any]]:
    cursor = connection.begun().execute(sql, parameters)
    return cursor, cursor.fetchmany(AHEAD)


def _executed_many(
    connection: "Connection", sql: str, parameters: Any
) -> tuple[sqlite3.Cursor, list[Any]]:
    return connection.begun().executemany(sql, parameters), []


class Connection(aiosqlite.Connection):
    """Ends a transaction only where there is one.

    `opening`: what begins the transaction that SQLAlchemy believes to be in; until the first
    statement there is none.
    """

    opening = ""

    def begun(self) -> sqlite3.Connection:
        """Called in the thread. Where it can't begin, neither does the next statement without."""
        if self.opening:
            self._conn.execute(self.opening)
            self.opening = ""
        return self._conn

    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def commit(self) -> None:
        self.opening = ""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        self.opening = ""
        if self.in_transaction:
            await super().rollback()


def connecting(path: str) -> Connection:
    """To be awaited. Its thread doesn't keep the process alive."""
    made = Connection(lambda: sqlite3.connect(path, check_same_thread=False), CHUNK)
    made._thread.daemon = True
    return made
