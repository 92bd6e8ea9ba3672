"""Makes engines: SQLite in one file, or PostgreSQL, with the same promises. Apart from what opens a
database of ours, so that a gateway, which has tables of its own, loads none of the house's."""

import json
import os
from functools import lru_cache, partial
from pathlib import Path
from stat import S_IMODE, S_ISGID
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

PRAGMAS = (
    # Readers go on while somebody writes.
    "journal_mode=WAL",
    # NORMAL may lose the last commits at a power cut, after "saved" was said.
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    # What was withdrawn or forgotten must not stay in free pages.
    "secure_delete=ON",
)

MOST = 20
"""Connections to one PostgreSQL database that a process opens at most, where nothing is set."""
KEPT = 10
"""Of these so many stay open once they were needed."""

_from_json = lru_cache(maxsize=256)(json.loads)
"""Read once: nearly all rows hold one of a few lists of short values, of which a column makes a
tuple of its own (`models.columns.JSONTuple`)."""


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def engine_for(url: str, most: int = MOST) -> AsyncEngine:
    """Make an engine whose write transactions take their lock at the beginning. `most`: connections
    that it opens to a PostgreSQL; whoever needs another one waits.

    Example of what that prevents on SQLite: A and B both read, A writes and commits, B wants to
    write. B's snapshot is older than A's commit, so SQLite refuses with SQLITE_BUSY_SNAPSHOT at
    once, whatever the busy timeout, and B's work is lost. With BEGIN IMMEDIATE B waits for A.
    """
    if not url.startswith("sqlite"):
        kept = min(KEPT, most)
        return create_async_engine(
            url,
            pool_size=kept,
            max_overflow=most - kept,
            pool_pre_ping=True,
            json_deserializer=_from_json,
        )
    engine = create_async_engine(url, json_deserializer=_from_json)
    listen(engine.sync_engine)
    return engine


def direct_for(engine: AsyncEngine) -> Engine | None:
    """An engine over the same SQLite with a driver that needs no event loop; None for PostgreSQL,
    and for a database in memory, of which each connection has its own."""
    if engine.dialect.name != "sqlite" or engine.url.database in (None, "", ":memory:"):
        return None
    # Never full: who waited for a connection would keep the event loop from whoever gives one back.
    url = engine.url.set(drivername="sqlite")
    direct = create_engine(url, max_overflow=-1, json_deserializer=_from_json)
    listen(direct)
    return direct


def listen(engine: Engine) -> None:
    """Prepare each connection of an SQLite."""
    path = engine.url.database or ":memory:"
    if path != ":memory:":
        event.listen(engine, "do_connect", partial(_make_private, path))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def _make_private(path: str, *_: object) -> None:
    """Make the file before SQLite does, which would leave its mode to the umask; the files beside
    it (-wal, -shm) get the mode of this one. In a folder that hands its group on (set-group-ID),
    the group may write too: there two bots under two users share the file."""
    mode = 0o660 if os.stat(Path(path).absolute().parent).st_mode & S_ISGID else 0o600
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, mode))
    # Only its owner may change a mode; the one who shares the file finds it set already. Of a link
    # the owner is who made it: root changes no file that another one's link leads to.
    found = os.lstat(path)
    if S_IMODE(found.st_mode) != mode and found.st_uid == os.geteuid():
        os.chmod(path, mode)


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions on its own, and always deferred ones: `_begin` does.
    driver: Any = connection
    driver.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("yinlu_alone"):
        # A statement by itself sees one moment anyway.
        return
    if options.get("yinlu_schema"):
        # A table is changed by making it anew: its rows are still referred to meanwhile.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    # A read that locks into a write fails when another one has written: writers lock at once.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("yinlu_write") else "BEGIN")
