"""SQLite for SQLAlchemy by way of `aiosqlite`, with one trip to its thread for a statement.

SQLAlchemy has a cursor opened, executed, read and closed: four times the event loop hands over to
the thread of the connection and is woken again, which costs more than most of our statements.
`execute_fetchall` of aiosqlite does it all in one. What else SQLAlchemy asks of a cursor, the names
of the columns and the number of rows it met, comes back with the rows.

Worked example, `SELECT id FROM entry` that finds 3 rows: `Cursor.execute` has the thread execute it
and fetch the first 500; 3 came, so there are no others, and `description`, `fetchall` and `close`
need no trip. Of 1,200 rows the first 500 come with the first trip, the others when they are asked
for: what is streamed isn't held in memory whole.
"""

import sqlite3
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite
from aiosqlite import (
    DatabaseError,
    Error,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    sqlite_version,
    sqlite_version_info,
)
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

AT_ONCE = 500
"""Rows that come with the first trip."""


class _Read(sqlite3.Cursor):
    """Runs in the thread of its connection."""

    def fetchall(self) -> list[Any]:
        return _Rows(self)


class _Rows(list[Any]):
    """The first rows of a statement, and where the others are."""

    def __init__(self, of: sqlite3.Cursor) -> None:
        super().__init__(of.fetchmany(AT_ONCE))
        self.of = of


class _File(sqlite3.Connection):
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return self.cursor(_Read).execute(sql, parameters)


class Cursor:
    """What SQLAlchemy needs of an asynchronous cursor."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self._rest: aiosqlite.Cursor | None = None
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        rows: Any = await self._connection.execute_fetchall(sql, parameters)
        self._met(rows.of)
        self._rows = rows
        self._rest = aiosqlite.Cursor(self._connection, rows.of) if len(rows) == AT_ONCE else None
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "Cursor":
        self._met(await self._connection.executemany(sql, parameters))
        return self

    def _met(self, cursor: Any) -> None:
        self.description = cursor.description
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid

    async def fetchone(self) -> Any:
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        wanted = self.arraysize if size is None else size
        while self._rest is not None and len(self._rows) < wanted:
            await self._fetch_more(self._rest)
        given, self._rows = self._rows[:wanted], self._rows[wanted:]
        return given

    async def fetchall(self) -> Sequence[Any]:
        while self._rest is not None:
            await self._fetch_more(self._rest)
        given, self._rows = self._rows, []
        return given

    async def _fetch_more(self, rest: aiosqlite.Cursor) -> None:
        more = list(await rest.fetchmany(AT_ONCE))
        self._rows = [*self._rows, *more]
        if len(more) < AT_ONCE:
            self._rest = None

    async def close(self) -> None:
        """Read to its end, a statement holds nothing any more."""
        if self._rest is not None:
            await self._rest.close()
            self._rest = None


class Connection(aiosqlite.Connection):
    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)


def connect(database: str, **options: Any) -> Connection:
    """As `aiosqlite.connect`."""
    return Connection(partial(sqlite3.connect, database, factory=_File, **options), AT_ONCE)


def driver() -> AsyncAdapt_aiosqlite_dbapi:
    """This module, as SQLAlchemy's dialect for aiosqlite takes a driver."""
    return AsyncAdapt_aiosqlite_dbapi(sys.modules[__name__], sqlite3)


__all__ = [
    "Connection",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "connect",
    "driver",
    "sqlite_version",
    "sqlite_version_info",
]
