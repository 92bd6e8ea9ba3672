"""Cells behind PgBouncer in session mode, as Debian packages it."""

import asyncio
import os
import pwd
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.engine import make_url

from benchmarks.left_behind import ends_with_us
from benchmarks.postgres import on_server
from bot.app.database import database_for
from cells.control import Process
from cells.serving import Leases, controlled
from services.core.advisory_locks import AdvisoryLocks
from tests.cells.test_serving import states
from tests.cells.towns import region
from tests.ports import free_port

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer isn't installed here"),
]
NAMES = ("east", "west")


@asynccontextmanager
async def bouncer(server: str) -> AsyncIterator[int]:
    """In front of a server, under its user; the port."""
    port, host = free_port(), str(make_url(server).query["host"])
    with TemporaryDirectory(prefix="bouncer-") as folder:
        users, settings = Path(folder) / "users.txt", Path(folder) / "pgbouncer.ini"
        users.write_text('"postgres" ""\n')
        settings.write_text(
            f"[databases]\n* = host={host}\n[pgbouncer]\npool_mode = session\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = trust\nauth_file = {users}\nmax_client_conn = 200\n"
            "log_connections = 0\nlog_disconnections = 0\n"
        )
        Path(folder).chmod(0o755)
        # It doesn't run as root.
        owner = pwd.getpwuid(Path(host).stat().st_uid).pw_name
        user = ("-u", owner) if os.geteuid() == 0 else ()
        process = await asyncio.create_subprocess_exec(
            str(PGBOUNCER), *user, settings, stderr=asyncio.subprocess.PIPE
        )
        ends_with_us(process.pid)
        try:
            assert process.stderr is not None
            while b"process up" not in (said := await process.stderr.readline()):
                assert said, "it has ended"
            yield port
        finally:
            process.kill()
            await process.communicate()


def through(url: str, port: int) -> str:
    name = make_url(url).database
    return f"postgresql+asyncpg://postgres@127.0.0.1:{port}/{name}"


async def test_cells_and_leases_work_behind_it(tmp_path: Path, postgres_url: str) -> None:
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(bouncer(postgres_url))
        urls = [
            through(await stack.enter_async_context(on_server(postgres_url)), port)
            for _ in ("control", *NAMES)
        ]
        control = await stack.enter_async_context(controlled(urls[0]))
        cities = dict(zip(NAMES, urls[1:], strict=True))
        here = await stack.enter_async_context(region(tmp_path, NAMES, cities))
        clock = asyncio.get_running_loop().time
        cells = here.process(Leases(control, Process("only", "http://here"), clock))
        await cells.look()
        await asyncio.gather(*(town.joins() for town in here.towns.values()))
        assert await states(cells) == dict.fromkeys(NAMES, "fine")
        assert [one.cell for one in await control.leases()] == [*NAMES]
        await cells.end()


async def test_a_lock_is_free_once_its_holder_has_gone(postgres_url: str) -> None:
    async with bouncer(postgres_url) as port, on_server(postgres_url) as url:
        first, second = (database_for(through(url, port)) for _ in range(2))
        holder, waits = AdvisoryLocks(first), AdvisoryLocks(second)
        assert await holder.acquire("chat")
        assert not await waits.acquire("chat")
        # As a process that ends: its connection is closed, and nothing is said of locks.
        await holder.close()
        async with asyncio.timeout(60):
            while not await waits.acquire("chat"):
                continue
        await waits.close()
        await first.close()
        await second.close()
