"""Brings a database to the newest schema with Alembic, without a configuration file.

Alembic is loaded where there is something to migrate only: which schema is the newest stands in the
names of its files, and which one a database has in one row.
"""

from asyncio import AbstractEventLoop, Lock, get_running_loop
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from models.errors import NewerSchema

if TYPE_CHECKING:
    from alembic.config import Config

STAFF, INTAKE = "migrations", "intake_migrations"
"""The two trees of migrations, one for each database."""
NAMES = {STAFF: "staff", INTAKE: "intake"}
FOLDER = Path(__file__).parent
VERSION_TABLE = "alembic_version"

MIGRATING = 20_261_123
"""The advisory lock of PostgreSQL under which a database is migrated."""

_ONE_AT_A_TIME: WeakKeyDictionary[AbstractEventLoop, Lock] = WeakKeyDictionary()
"""Alembic keeps what it migrates in globals: two databases at once in one process disturb it."""


def config(connection: Connection, tree: str = STAFF) -> "Config":
    """What Alembic needs for one tree of migrations over one connection."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER / tree))
    settings.attributes["connection"] = connection
    return settings


@cache
def revisions(tree: str = STAFF) -> tuple[str, ...]:
    """Every revision of a tree, the newest last: each file is called by its own."""
    files = (FOLDER / tree / "versions").glob("[0-9]*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def head(tree: str = STAFF) -> str:
    """The newest revision of a tree."""
    return revisions(tree)[-1]


def revision_of(connection: Connection) -> str | None:
    """What a database stands at; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return found


def refuse_newer(revision: str | None, tree: str = STAFF) -> None:
    """Raises NewerSchema for a revision that this program doesn't have."""
    if revision is not None and revision not in revisions(tree):
        raise NewerSchema(
            f"the {NAMES[tree]} database has schema {revision}, and this version of the program "
            f"knows those up to {head(tree)}: start the later version again. Nothing was changed"
        )


async def upgrade(engine: AsyncEngine, revision: str = "head", tree: str = STAFF) -> None:
    """Migrate to a revision; do nothing where the database is there. Raises NewerSchema."""
    async with engine.connect() as connection:
        found = await connection.run_sync(revision_of)
    refuse_newer(found, tree)
    # Returns before Alembic is loaded, which every start would pay for otherwise.
    if found == (head(tree) if revision == "head" else revision):
        return
    from alembic import command

    await _run(engine, lambda plain: command.upgrade(config(plain, tree), revision))


async def downgrade(engine: AsyncEngine, revision: str = "base", tree: str = STAFF) -> None:
    from alembic import command

    await _run(engine, lambda plain: command.downgrade(config(plain, tree), revision))


async def _run(engine: AsyncEngine, migrate: Callable[[Connection], None]) -> None:
    lock = _ONE_AT_A_TIME.setdefault(get_running_loop(), Lock())
    changing = engine.execution_options(yinlu_write=True, yinlu_schema=True)
    async with lock, changing.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Several processes may start at once: the first migrates, the others find it done.
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
        await connection.run_sync(migrate)
        # Foreign keys were off (bot.app.database): only this finds a row that lost its parent.
        await connection.run_sync(_check_references)
    # The foreign keys switched off for the change stay off for as long as the connection lives.
    await engine.dispose()


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError(f"a row of {broken[0]} refers to nothing after the migration")
