"""Databases for stories: migrated once a session and copied, since migrating costs more than most
stories do."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.engine.interfaces import CompiledCacheType, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.postgres import named, on_server, run
from bot.app.engines import MOST, direct_for, engine_for, sqlite_url
from models.migrate import INTAKE, STAFF, head, revisions, upgrade
from tests.threadless import stays_in_this_thread

TEMPLATE = "template_story"
HERE = {tree: revisions(tree)[-1] for tree in (STAFF, INTAKE)}
"""Of this version, also where a story has a later one: what is copied is made in any of them."""


_compiled: CompiledCacheType = {}
_dialects: dict[str, Dialect] = {}
_threadless: set[str] = set()
ANY = ""
"""In `_threadless`: every database."""


def engine_here(url: str, most: int = MOST) -> AsyncEngine:
    """As the program makes it, but without a thread where a story needs none."""
    engine = engine_for(url, most)
    if engine.dialect.name == "sqlite" and (ANY in _threadless or url in _threadless):
        event.listen(engine.sync_engine, "do_connect", stays_in_this_thread)
    return engine


def learned_engine(url: str, most: int = MOST) -> AsyncEngine:
    """An engine that on SQLite knows every statement that another one of this session has compiled:
    each story has a file of its own, thus an engine, and compiled some thirty anew. They are
    remembered by dialect, of which all share the first."""
    engine = engine_here(url, most)
    if engine.dialect.name != "sqlite":
        return engine
    _learn(engine.sync_engine)
    return engine


def learned_direct(engine: AsyncEngine) -> Engine | None:
    """As `learned_engine`, of what is asked without an event loop: every act, and what stores and
    ends an update."""
    direct = direct_for(engine)
    if direct is not None:
        _learn(direct)
    return direct


def _learn(engine: Engine) -> None:
    # Only now: what listens to connections being opened stays with the dialect it came with.
    known = _dialects.get(engine.driver)
    # One that never opened a connection doesn't know which SQLite it speaks to.
    if known is None or known.server_version_info is None:
        _dialects[engine.driver] = engine.dialect
    else:
        engine.dialect = known
    engine.update_execution_options(compiled_cache=_compiled)


_migrated: dict[tuple[str, str], sqlite3.Connection] = {}


async def upgraded(engine: AsyncEngine, revision: str = "head", tree: str = STAFF) -> None:
    """As `models.migrate.upgrade`, but for an empty SQLite, which gets the tables that another one
    got in this session: Alembic takes a quarter of a second to make them."""
    file, wanted = engine.url.database, head(tree) if revision == "head" else revision
    if engine.dialect.name != "sqlite" or not file or not await _is_empty(engine):
        await upgrade(engine, revision, tree)
        return
    if (tree, wanted) not in _migrated:
        await upgrade(engine, revision, tree)
        _migrated[tree, wanted] = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(file)) as here:
            here.backup(_migrated[tree, wanted])
        return
    with closing(sqlite3.connect(file)) as here:
        _migrated[tree, wanted].backup(here)
    await engine.dispose()


async def _is_empty(engine: AsyncEngine) -> bool:
    """Makes the file as the program does."""
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT count(*) FROM sqlite_schema")) == 0


@contextmanager
def without_threads() -> Iterator[None]:
    """Every SQLite that is opened meanwhile is asked in this thread (`tests/threadless.py`)."""
    _threadless.add(ANY)
    yield
    _threadless.discard(ANY)


@asynccontextmanager
async def fresh_database(
    request: pytest.FixtureRequest, folder: Path, *, threads: bool = True
) -> AsyncIterator[str]:
    """All tables and no row. SQLite, where the fixture isn't asked for anything else. `threads`:
    whether it is asked as by the program, where several updates are handled at the same moment."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = folder / "staff.sqlite3"
        shutil.copyfile(await _template_file(request, STAFF), path)
        url = sqlite_url(path)
        if not threads:
            _threadless.add(url)
        yield url
        _threadless.discard(url)
        return
    server: str = request.getfixturevalue("postgres_url")
    await _template_on(server)
    async with on_server(server, TEMPLATE) as url:
        yield url


@asynccontextmanager
async def empty_database(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[str]:
    """Without tables, for what is about making them."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield sqlite_url(folder / "staff.sqlite3")
        return
    async with on_server(request.getfixturevalue("postgres_url")) as url:
        yield url


async def fresh_intake(request: pytest.FixtureRequest, folder: Path) -> str:
    """The public side's, with all tables and no row, on SQLite."""
    path = folder / "intake.sqlite3"
    shutil.copyfile(await _template_file(request, INTAKE), path)
    return sqlite_url(path)


async def _template_file(request: pytest.FixtureRequest, tree: str) -> Path:
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    path = factory.getbasetemp() / f"{tree}.sqlite3"
    if not path.exists():
        beside = path.with_suffix(".part")
        await _migrate(sqlite_url(beside), tree)
        beside.rename(path)
    return path


async def _template_on(server: str) -> None:
    engine = create_async_engine(server)
    async with engine.connect() as connection:
        found = await connection.scalar(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": TEMPLATE}
        )
    await engine.dispose()
    if not found:
        await run(server, f"CREATE DATABASE {TEMPLATE}")
        await _migrate(named(server, TEMPLATE))


async def _migrate(url: str, tree: str = STAFF) -> None:
    engine = engine_for(url)
    await upgrade(engine, HERE[tree], tree=tree)
    await engine.dispose()
