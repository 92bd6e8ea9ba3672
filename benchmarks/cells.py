"""What an update takes on PostgreSQL, what a cell takes in a process that serves many, and what is
lost where two such processes are killed and moved from.

`python -m benchmarks.cells [SEED]` does the harm alone; the seed replays it.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks import city as cities
from benchmarks.kill import new_seed
from benchmarks.killing.balancer import free_port
from benchmarks.killing.cells import cells_run, states
from benchmarks.killing.run import Size
from benchmarks.killing.verdict import Verdict
from benchmarks.killing.victims import command, surroundings
from benchmarks.postgres import on_server, postgres_server
from benchmarks.rows import Row, row
from benchmarks.talk import UPDATES
from benchmarks.visit import CHATS, VISITS, durable, took
from bot.app.engines import engine_for
from bot.app.keys import make_keys
from bot.setup.files import EnvironmentFile
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import running
from sandbox.people import FILE, read

MANY = 12
"""Fewer than a PostgreSQL takes that lets in 100 connections, as it does where nothing is set."""
TURNS, CASES = 5, 20
SETTLED = 30.0
"""Seconds after the last cell began, and for which processor time is counted."""
CITIES = 5
HARM = Size(chats=6, each=6, kills=36, pause=240.0)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Taken:
    """Of a process whose cells have nothing to do: its memory (MB), its part of a core, and its
    connections to the databases of cells."""

    memory: float
    core: float
    connections: int


@dataclass(frozen=True)
class Used:
    """Milliseconds of the processor that an update takes, here and at the database; bytes that a
    case at its visit takes there, with its entries and their indexes."""

    here: float
    there: float
    case: float


async def rows() -> Sequence[Row]:
    with postgres_server() as server:
        url = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        used = [await updating(url, server.get_pid()) for _ in range(TURNS)]
        one, many = await resting(url, 1), await resting(url, MANY)
        seed = new_seed()
        verdicts = await harmed(url, seed)
    each = MANY - 1
    wrong = sum(wrong_of(one) for one in verdicts.values())
    updates = sum(one.updates for one in verdicts.values())
    name = f"{HARM.kills} kills and moves, {CITIES} cells, {updates} updates, seed {seed}"
    what = "an update on PostgreSQL, 32 chats"
    return [
        row(f"{what}: processor", [turn.here for turn in used], "ms"),
        row(f"{what}: processor of the database", [turn.there for turn in used], "ms"),
        row("a case at its visit, on PostgreSQL", [turn.case / 1024 for turn in used], "kB"),
        row("a process with one cell, idle: memory", [one.memory], "MB"),
        row("each further cell, idle: memory", [(many.memory - one.memory) / each], "MB"),
        row("each further cell, idle: of a core", [(many.core - one.core) / each * 100], "%"),
        row("each further cell, idle: connections", [many.connections / MANY], ""),
        row(f"lost or twice: {name}", [wrong], "", "0", wrong == 0),
    ]


def wrong_of(one: Verdict) -> int:
    kept = one.lost + one.other + one.twice + one.silent + one.parked
    return kept + one.messages_lost + one.messages_unmarked


async def harmed(server: str, seed: int) -> dict[str, Verdict]:
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            urls = [await stack.enter_async_context(on_server(server)) for _ in range(CITIES + 1)]
            cities = {f"city{number}": url for number, url in enumerate(urls[1:])}
            found = await cells_run(Path(folder), cities, urls[0], HARM, seed)
    for name, verdict in found.items():
        print(name, verdict.line)
    return found


async def updating(server: str, postmaster: int) -> Used:
    """A visit in 32 chats at once, as `python -m benchmarks visit` on SQLite."""
    texts = read(FILE)["texts"]
    sizes = list[int]()
    async with on_server(server) as one, on_server(server) as other:
        for url, visits in ((one, VISITS), (other, VISITS + CASES)):
            with TemporaryDirectory() as folder:
                city = await cities.build(Path(folder), CHATS, visits, texts, url=url)
            sizes.append(await _size(city))
            if url == one:
                there = spent_below(postmaster)
                here = await took(durable(city))
                spent = (spent_below(postmaster) - there) * 1000 / (CHATS * VISITS * UPDATES)
            await city.close()
    return Used(here.cost, spent, (sizes[1] - sizes[0]) / (CHATS * CASES))


async def _size(city: cities.City) -> int:
    async with city.database.read() as session:
        connection = await session.connection()
        asked = text("SELECT pg_database_size(current_database())")
        found: int = (await connection.execute(asked)).scalar_one()
        return found


def spent_below(parent: int) -> float:
    """Processor seconds of the processes of a server, those that have ended among them."""
    found = _ticks(parent, slice(13, 15))
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found += spent(int(entry.name))
    return found


async def resting(server: str, cells: int) -> Taken:
    """Several cells that nobody writes to, in a process of their own."""
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            for number in range(cells):
                await stack.enter_async_context(_town(Path(folder), server, number + 1))
            file, port = Path(folder) / "cells.toml", free_port()
            file.write_text('folder = "towns"\n')
            spawn = command("-m", "bot", "cells", str(file), "--health-port", str(port))
            process = await spawn(surroundings(), Path(folder) / "log")
            try:
                await _fine(port, cells)
                await asyncio.sleep(SETTLED)
                before = spent(process.pid)
                await asyncio.sleep(SETTLED)
                core = (spent(process.pid) - before) / SETTLED
                return Taken(_memory(process.pid), core, await _connections(server))
            finally:
                process.kill()
                await process.wait()


@asynccontextmanager
async def _town(folder: Path, server: str, number: int) -> AsyncIterator[None]:
    token = f"{number}{BOTS['staff'][0]}"
    here = MessengerSettings(port=0, bots={**BOTS, "staff": (token, *BOTS["staff"][1:])})
    async with running(here) as messenger, on_server(server) as url:
        file = EnvironmentFile(folder / "towns" / f"city{number}" / "staff.env")
        given = {"YINLU_DATA": str(file.path.parent / "data"), "DATABASE_URL": url}
        file.add_all(given | {"YINLU_API": messenger.url, "YINLU_STAFF_TOKEN": token})
        make_keys(file.settings())
        yield


async def _fine(port: int, cells: int) -> None:
    while (await states(port)).count("fine") < cells:  # noqa: ASYNC110, it is elsewhere
        await asyncio.sleep(1)


def spent(pid: int) -> float:
    """Processor seconds of a process."""
    return _ticks(pid, slice(11, 13))


def _ticks(pid: int, which: slice) -> float:
    # After the name, which stands in brackets and may hold anything.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[which])) / TICKS


def _memory(pid: int) -> float:
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return next(int(parts[1]) for parts in lines if parts[0] == "Pss:") / 1024


async def _connections(server: str) -> int:
    engine = engine_for(server)
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'story_%'")
    async with engine.connect() as connection:
        found: int = (await connection.execute(asked)).scalar_one()
    await engine.dispose()
    return found


async def alone(seed: int) -> None:
    with postgres_server() as server:
        await harmed(server.get_uri().replace("postgresql://", "postgresql+asyncpg://"), seed)


if __name__ == "__main__":
    chosen = int(sys.argv[1]) if sys.argv[1:] else new_seed()
    print(f"seed {chosen}", flush=True)
    asyncio.run(alone(chosen))
