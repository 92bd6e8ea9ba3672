"""SQLite, asked in the thread of the story. aiosqlite asks it in a thread of its own, and each
statement goes there and back four times: a quarter of what a story of one update after another
costs, which tells nothing of it. What tells of several updates at the same moment, of processes or
of the database itself keeps the driver of the program."""

import sqlite3
from asyncio import Future
from collections.abc import Callable, Generator, Iterable
from typing import Any, Self


class _Cursor:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, statement: str, values: Any = ()) -> Self:
        self._cursor.execute(statement, values)
        return self

    async def executemany(self, statement: str, values: Iterable[Any]) -> Self:
        self._cursor.executemany(statement, values)
        return self

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._cursor.fetchmany(self._cursor.arraysize if size is None else size)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class _Queue:
    """Does what it is given, where the driver hands it to its thread."""

    def put_nowait(self, wanted: tuple["Future[Any]", Callable[[], Any]]) -> None:
        future, function = wanted
        future.set_result(function())


class _Connection:
    """What SQLAlchemy asks of a connection of aiosqlite, by the names it asks for."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self._connection: sqlite3.Connection | None = sqlite3.connect(*given, **named)
        self._tx = _Queue()

    def __await__(self) -> Generator[Any, None, Self]:
        return self._opened().__await__()

    async def _opened(self) -> Self:
        return self

    @property
    def _conn(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    @property
    def isolation_level(self) -> str | None:
        return self._conn.isolation_level

    def cursor(self) -> _Cursor:
        return _Cursor(self._conn.cursor())

    async def create_function(self, *given: Any, **named: Any) -> None:
        self._conn.create_function(*given, **named)

    async def commit(self) -> None:
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def stays_in_this_thread(_dialect: object, _record: object, _given: object, named: Any) -> None:
    """What an engine is to do before it connects ("do_connect")."""
    named["async_creator_fn"] = _Connection
