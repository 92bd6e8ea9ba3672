"""Brings a database to the newest schema with Alembic, without a configuration file."""

from asyncio import AbstractEventLoop, Lock, get_running_loop
from collections.abc import Callable
from pathlib import Path
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

STAFF, INTAKE = "migrations", "intake_migrations"
"""The two trees of migrations, one for each database."""

MIGRATING = 20_261_123
"""The advisory lock of PostgreSQL under which a database is migrated."""

_ONE_AT_A_TIME: WeakKeyDictionary[AbstractEventLoop, Lock] = WeakKeyDictionary()
"""Alembic keeps what it migrates in globals: two databases at once in one process disturb it."""


def config(connection: Connection, tree: str = STAFF) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / tree))
    settings.attributes["connection"] = connection
    return settings


def head(tree: str = STAFF) -> str:
    """The newest revision of a tree."""
    found = ScriptDirectory(str(Path(__file__).parent / tree)).get_current_head()
    assert found is not None
    return found


async def upgrade(engine: AsyncEngine, revision: str = "head", tree: str = STAFF) -> None:
    await _run(engine, lambda plain: command.upgrade(config(plain, tree), revision))


async def downgrade(engine: AsyncEngine, revision: str = "base", tree: str = STAFF) -> None:
    await _run(engine, lambda plain: command.downgrade(config(plain, tree), revision))


async def _run(engine: AsyncEngine, migrate: Callable[[Connection], None]) -> None:
    lock = _ONE_AT_A_TIME.setdefault(get_running_loop(), Lock())
    changing = engine.execution_options(yinlu_write=True, yinlu_schema=True)
    async with lock, changing.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Several processes may start at once: the first migrates, the others find it done.
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
        await connection.run_sync(migrate)
        await connection.run_sync(_check_references)
    # What is set for a change of schema ends with its connection.
    await engine.dispose()


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError(f"a row of {broken[0]} refers to nothing after the migration")
