"""Two cells in one process, of which one is flooded (`benchmarks.beside`). Then twenty cells in two
processes over one PostgreSQL as it comes, with people writing in all of them; and how long somebody
in one cell waits while another cell is flooded: one of the same process, and one of the other,
which shows what the machine alone does to it."""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aiohttp import ClientError, ClientSession
from sqlalchemy import delete, text
from sqlalchemy.engine import make_url

from benchmarks.beside import p95
from benchmarks.beside import rows as two_cells
from benchmarks.killing.balancer import free_port
from benchmarks.killing.cells import ASKED_IN
from benchmarks.killing.house import MORNING, Building, make_cast
from benchmarks.killing.run import opened_house
from benchmarks.killing.talker import GivenUp, Talker
from benchmarks.killing.victims import Ended, command, surroundings
from benchmarks.postgres import on_server, postgres_server
from benchmarks.rows import Row, row
from bot.app.engines import engine_for
from bot.setup.files import EnvironmentFile
from messenger.core.settings import BOTS, MessengerSettings
from messenger.core.state import Person, State
from messenger.server import Running, running
from models import InboxRow
from sandbox.people import people

CELLS, PROCESSES = 20, 2
WRITING, BETWEEN = 2, 6.0
"""People in each cell who write, and the seconds between two things that one of them writes."""
ASKING, EVERY = 6, 0.4
"""People of the measured cell who ask in turn, and seconds between two questions."""
FLOODING, PER_SECOND = 40, 3
TURNS, TURN, SETTLES = 6, 12.0, 3.0
PATIENCE, BEGIN_IN = 60.0, 300.0
MOST_TIMES = 1.2
ASKED = "待办"
ALONE, SAME, OTHER = "alone", "same", "other"


@dataclass
class Town:
    """`talkers`: secretaries of a branch each."""

    name: str
    url: str
    server: Running
    talkers: list[Talker]

    async def forget(self) -> None:
        """Take back what waits: the next turn begins with nothing to do."""
        self.server.state.bots["staff"].updates.clear()
        engine = engine_for(self.url, 1)
        async with engine.begin() as connection:
            await connection.execute(delete(InboxRow))
        await engine.dispose()


@dataclass
class Heard:
    """Seconds that each question waited, by what was going on, and those never answered."""

    waited: dict[str, list[list[float]]] = field(default_factory=dict)
    unanswered: int = 0
    beside: int = 0


@dataclass(frozen=True)
class Region:
    towns: Mapping[str, Town]
    held: Sequence[Sequence[str]]
    """Names of cells, by process."""
    server: str


async def rows() -> Sequence[Row]:
    first = await two_cells()
    with postgres_server() as server, TemporaryDirectory() as folder:
        url = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        async with region(Path(folder), url, CELLS) as here:
            heard = await measured(here, TURNS)
            open_now = await connections(url)
    return [
        *first,
        *(row(f"{CELLS} cells, a quiet one: {name}", found, "ms") for name, found in told(heard)),
        _times(heard, OTHER, "flooded in the other process / alone", None),
        _times(heard, SAME, "flooded in its process / alone", MOST_TIMES),
        row(f"{CELLS} cells: connections to a PostgreSQL that lets in 97", [open_now], ""),
        row(
            f"  {heard.beside} updates of all cells beside: never answered",
            [heard.unanswered],
            "",
            "0",
            heard.unanswered == 0,
        ),
    ]


def told(heard: Heard) -> list[tuple[str, list[float]]]:
    found = []
    for what, turns in heard.waited.items():
        found.append((f"{what}, median", [median(one) * 1000 for one in turns]))
        found.append((f"{what}, 95th percentile", [p95(one) * 1000 for one in turns]))
    return found


def _times(heard: Heard, what: str, shown: str, most: float | None) -> Row:
    """Of each turn the medians beside each other; the 95th percentiles of all turns."""
    pairs = zip(heard.waited[what], heard.waited[ALONE], strict=True)
    found = [median(flooded) / median(alone) for flooded, alone in pairs]
    late = p95([*chain(*heard.waited[what])]) / p95([*chain(*heard.waited[ALONE])])
    met = None if most is None else median(found) <= most and late <= most
    target = f"<= {most}" if most else ""
    return row(f"  {shown}, median (95th: {late:.2f})", found, "x", target, met)


async def measured(here: Region, turns: int) -> Heard:
    """Each turn the same person asks alone, beside a flood in the process, and in the other; who
    goes first changes."""
    first, other = here.held[0], here.held[1]
    quiet, floods = here.towns[first[0]], {SAME: here.towns[first[1]], OTHER: here.towns[other[0]]}
    heard = Heard({what: [] for what in (ALONE, SAME, OTHER)})
    busy = {quiet.name, *(town.name for town in floods.values())}
    beside = [
        asyncio.create_task(_writes(talker, heard))
        for name, town in here.towns.items()
        if name not in busy
        for talker in town.talkers[:WRITING]
    ]
    try:
        for turn in range(turns):
            for what in (ALONE, SAME, OTHER)[:: 1 if turn % 2 else -1]:
                heard.waited[what].append(await _turn(quiet, floods.get(what), heard))
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
    return heard


async def _turn(quiet: Town, flooded: Town | None, heard: Heard) -> list[float]:
    flood = asyncio.create_task(_flood(flooded)) if flooded else None
    # As it is once the flood has filled what it fills.
    await asyncio.sleep(SETTLES)
    asking = []
    for talker, _ in zip(cycle(quiet.talkers[:ASKING]), range(int(TURN / EVERY)), strict=False):
        asking.append(asyncio.create_task(_asked(talker, heard)))
        await asyncio.sleep(EVERY)
    found = await asyncio.gather(*asking)
    if flood is not None and flooded is not None:
        flood.cancel()
        await flooded.forget()
        await asyncio.sleep(SETTLES)
    return found


async def _asked(talker: Talker, heard: Heard) -> float:
    """Seconds; also what was never answered counts, as long as was waited for it."""
    begun = time.perf_counter()
    try:
        await talker.says(ASKED)
        await talker.until("")
    except GivenUp:
        heard.unanswered += 1
    return time.perf_counter() - begun


async def _writes(talker: Talker, heard: Heard) -> None:
    dice = random.Random(talker.person.user_id)
    while True:
        await asyncio.sleep(BETWEEN * dice.uniform(0.5, 1.5))
        await _asked(talker, heard)
        heard.beside += 1


async def _flood(town: Town) -> None:
    for talker in cycle(town.talkers[:FLOODING]):
        await talker.says(ASKED)
        await asyncio.sleep(1 / (FLOODING * PER_SECOND))


@asynccontextmanager
async def region(folder: Path, server: str, cells: int) -> AsyncIterator[Region]:
    """So many cells at work, alike but for their databases and messengers."""
    async with AsyncExitStack() as stack:
        pattern = await stack.enter_async_context(on_server(server))
        whom = await _pattern(folder / "pattern", pattern)
        control = await stack.enter_async_context(on_server(server))
        towns = {}
        for number in range(cells):
            name = f"city{number:02}"
            town = _town(folder, name, f"{number + 1}{BOTS['staff'][0]}", server, pattern, whom)
            towns[name] = await stack.enter_async_context(town)
        file = folder / "cells.toml"
        file.write_text(f'folder = "towns"\ncontrol = "{control}"\n')
        held = await stack.enter_async_context(_processes(file, cells))
        yield Region(towns, held, server)


async def _pattern(folder: Path, url: str) -> list[Person]:
    """Build the city that all are copies of, and return who is in it, in order."""
    here = MessengerSettings(port=0, people=people(), clock=MORNING, started=True)
    async with running(here) as server, opened_house(folder, server.url, url) as (_, house):
        building = Building(house, server.state, make_cast(house))
        await building.cast.gather()
        await building.branches(FLOODING, 1)
        return [*server.state.people.values()]


@asynccontextmanager
async def _town(
    folder: Path, name: str, token: str, server: str, pattern: str, whom: Sequence[Person]
) -> AsyncIterator[Town]:
    bots = {**BOTS, "staff": (token, *BOTS["staff"][1:])}
    here = MessengerSettings(port=0, people=people(), bots=bots, started=True)
    template = make_url(pattern).database or ""
    async with (
        running(here) as messenger,
        on_server(server, template) as url,
        on_server(server) as intake,
    ):
        data = folder / "towns" / name / "data"
        shutil.copytree(folder / "pattern", data)
        EnvironmentFile(data.parent / "staff.env").add_all(
            {
                "YINLU_DATA": str(data),
                "DATABASE_URL": url,
                "YINLU_INTAKE_URL": intake,
                "YINLU_API": messenger.url,
                "YINLU_STAFF_TOKEN": token,
                "YINLU_LOG_LEVEL": "ERROR",
            }
        )
        yield Town(name, url, messenger, _talkers(messenger.state, whom))


def _talkers(state: State, whom: Sequence[Person]) -> list[Talker]:
    """Secretaries of the branches, who were added after those of the cast."""
    talkers, bot = [], state.bots["staff"]
    for one in whom[len(state.people) :]:
        person = state.add_person(one.id, one.first_name, one.language_code, one.bots)
        person.chat("staff").started = True
        if one.id.startswith("书记"):
            talkers.append(Talker(state, bot, person, PATIENCE, pressable=False))
    return talkers


@asynccontextmanager
async def _processes(file: Path, cells: int) -> AsyncIterator[list[list[str]]]:
    """Begun, and each with its share: names of their cells."""
    ports, begun = [free_port() for _ in range(PROCESSES)], list[Ended]()
    try:
        for port in ports:
            spawn = command("-m", "bot", "cells", str(file), "--health-port", str(port))
            begun.append(await spawn(surroundings(), file.with_name(f"log{port}")))
        async with asyncio.timeout(BEGIN_IN):
            while True:
                held = [sorted(await _fine(port)) for port in ports]
                if min(map(len, held)) >= cells // PROCESSES:
                    break
                await asyncio.sleep(1)
        yield held
    finally:
        for process in begun:
            process.kill()
            await process.wait()


async def _fine(port: int) -> list[str]:
    try:
        async with (
            ClientSession(timeout=ASKED_IN) as session,
            session.get(f"http://127.0.0.1:{port}/healthz") as answer,
        ):
            cells: dict[str, str] = (await answer.json())["cells"]
            return [name for name, state in cells.items() if state == "fine"]
    except (ClientError, OSError, TimeoutError):
        return []


async def connections(server: str) -> int:
    """Open now to the databases of all cells and to the control database."""
    engine = engine_for(server, 1)
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'story_%'")
    async with engine.connect() as connection:
        found: int = (await connection.execute(asked)).scalar_one()
    await engine.dispose()
    return found
