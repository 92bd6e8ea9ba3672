"""What every story stands on: a database of each kind, and a second connection to look with."""

import fcntl
import gc
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from benchmarks.postgres import postgres_server
from bot.app import database as opening
from bot.app.database import database_for
from models.crypto import KeyRing, install
from services.core.database import Database
from services.intake import codes
from tests import chance
from tests.answered_here import answer_here
from tests.databases import (
    empty_database,
    fresh_database,
    learned_direct,
    learned_engine,
    upgraded,
    without_threads,
)
from tests.migrations import later_version
from tests.order import ordered

KEYS = KeyRing.new()
chance.register()
# Until all tests are collected, as in `bot.app.loading`: a quarter of that time went into looking
# for garbage among modules.
gc.disable()


MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
"""Where files cost no disk, and the bytes that must be free there."""

AUTHORITY = Path(__file__).with_name("authority.pem")
"""All that is trusted here: no test speaks TLS, and every HTTP client reads all the authorities of
the world before it asks for anything, which takes a thirtieth of a second."""


def pytest_configure() -> None:
    """Every story writes databases that have to reach the disk at each commit: half of the time was
    spent waiting for it. What a killed process has written stays there either way."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault("TMPDIR", str(MEMORY))
        tempfile.tempdir = None
    os.environ.setdefault("SSL_CERT_FILE", str(AUTHORITY))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="replays a kill run, as it was printed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several workers share the tests; what isn't wanted is left out by now."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = ordered(items, workers)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Running for this session only."""
    with postgres_server() as server:
        # It has to outlive our processes, not a power cut.
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database with tables, always in a file or a server, never in memory."""
    async with fresh_database(request, tmp_path) as url:
        yield url


@pytest.fixture(params=BOTH)
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    async with empty_database(request, tmp_path) as url:
        yield url


AGAIN = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])]
on_both = pytest.mark.parametrize("database_url", AGAIN, indirect=True)
"""For whole stories: `make test` tells them on SQLite only, since what they store with has tests of
its own on both."""
on_postgresql = pytest.mark.parametrize(
    "database_url",
    [pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])],
    indirect=True,
)
"""For whole stories of `make test-slow`, whose steps others beside them take on SQLite."""
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For stories that store nothing in another way than one beside them that is told on both."""


@pytest.fixture(autouse=True, scope="session")
def _compiled_once() -> Iterator[None]:
    """For stories, and for the programs that they start in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "engine_for", learned_engine)
        patch.setattr(opening, "direct_for", learned_direct)
        patch.setattr(opening, "upgrade", upgraded)
        yield


@pytest.fixture
def later_schema(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The program is of a later version than the databases."""
    with later_version(tmp_path_factory.mktemp("later"), monkeypatch):
        yield


def opened(url: str) -> Database:
    """A database that has its tables: neither they nor its keys are looked at again, which costs
    more than what is told of many."""
    install(KEYS)
    return database_for(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = opened(database_url)
    yield made
    await made.close()


@pytest.fixture
async def second(database_url: str, database: Database) -> AsyncIterator[Database]:
    """Another connection, which sees only what was committed."""
    made = opened(database_url)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _one_of_these_at_a_time(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Workers share a lock for what keeps the machine busy."""
    if request.node.get_closest_marker("alone") is None:
        yield
        return
    shared = tmp_path_factory.getbasetemp()
    folder = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    with (folder / "alone.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(autouse=True)
def _one_thing_after_another(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("one_thread") is None:
        yield
        return
    with without_threads():
        yield


@pytest.fixture(autouse=True)
def _answered_here(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("own_process"):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        answer_here(patch)
        yield


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A story that starts the program sets up its logs, over an output that ends with the story."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, sys.unraisablehook, warnings.showwarning
    yield
    sys.excepthook, sys.unraisablehook, warnings.showwarning = hooks
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def in_ci() -> bool:
    return os.environ.get("CI") == "true"


@contextmanager
def cheap_codes() -> Iterator[None]:
    """A return code derived at the least cost there is: at the real one, by which guessing is slow,
    most stories of a report would do nothing else for most of their time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codes, "OPERATIONS", 1)
        patch.setattr(codes, "MEMORY", 8192)
        yield
