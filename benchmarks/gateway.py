"""The gateway over a real Matrix server: what kills lose, how long an answer takes, its memory."""

import asyncio
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from benchmarks.kill import new_seed
from benchmarks.matrix.chat import BareEcho
from benchmarks.matrix.kill import kill_run, town
from benchmarks.matrix.server import there
from benchmarks.matrix.victim import POINTS
from benchmarks.process import installed
from benchmarks.rows import Row, missing, row
from bot.app.settings import FEISHU, WECOM

EACH, TRIPS = 25, 100
MISSING = "no Synapse here: `make test-slow` makes it"


async def rows() -> Sequence[Row]:
    found = [line for name in (WECOM, FEISHU) for line in await _standin_kills(name)]
    if not there():
        return [*found, missing("the gateway over a Matrix server", "", MISSING)]
    return [*found, await _kills(), *await _trips()]


async def _standin_kills(name: str) -> Sequence[Row]:
    # The stand-ins are the tests' own, which nothing here is built on.
    kills, seed = import_module("tests.gateway.kills"), new_seed()
    with TemporaryDirectory() as folder:
        verdict = await kills.kill_run(Path(folder), name, EACH, seed)
    print(name, verdict)
    ran = f"{name}: {len(kills.PASSED)} points x {EACH} kills, {verdict.texts} texts, seed {seed}"
    return [
        row(f"lost or repeated unmarked: {ran}", [verdict.wrong], "", "0", verdict.wrong == 0),
        row(f"repeated and marked: {name}", [verdict.marked], ""),
        row(f"to be written again, killed before storing: {name}", [verdict.unheard], ""),
    ]


async def _kills() -> Row:
    seed = new_seed()
    with TemporaryDirectory() as folder:
        verdict = await kill_run(Path(folder), EACH, seed)
    print(verdict)
    name = f"Matrix: {len(POINTS)} points x {EACH} kills of the gateway, seed {seed}"
    return row(f"lost or twice: {name}", [verdict.wrong], "", "0", verdict.wrong == 0)


async def _trips() -> Sequence[Row]:
    """From somebody's writing to the bot's answer as they see it, one after the other; and in turn
    with them to the answer of the least that can answer, which is the server's own share."""
    spent: dict[str, list[float]] = {}
    with TemporaryDirectory() as environment, TemporaryDirectory() as folder:
        program = await installed(Path(environment))
        async with town(Path(folder)) as here:
            process = await here.production(program)
            # Not counted: until it has begun.
            await here.writer.writes("begun")
            await here.writer.hears("begun")
            through = here.writer.room
            async with BareEcho.at(here.server, "echo") as echo:
                await here.writer.opens(echo.client.user_id)
                bare = here.writer.room
                # Not counted: until the stream has been read up to now.
                await here.writer.trip(bare, "begun")
                for number in range(TRIPS):
                    for room in (through, bare):
                        begun = time.perf_counter()
                        await here.writer.trip(room, str(number))
                        passed = 1000 * (time.perf_counter() - begun)
                        spent.setdefault(room, []).append(passed)
            memory = await asyncio.to_thread(_resident, process.pid)
            process.kill()
            await process.wait()
    late, bare_late = _late(spent[through]), _late(spent[bare])
    return [
        row("Matrix: written to answered, median", spent[through], "ms"),
        row("Matrix: written to answered, 95 of 100", [late], "ms", "<= 150", late <= 150),
        row("of this Synapse itself, median", spent[bare], "ms"),
        row("of this Synapse itself, 95 of 100", [bare_late], "ms"),
        row("memory of the gateway with Matrix", [memory], "MB", "<= 90", memory <= 90),
    ]


def _late(spent: Sequence[float]) -> float:
    return quantiles(spent, n=20)[-1]


def _resident(pid: int) -> float:
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return next(int(parts[1]) for parts in lines if parts[0] == "VmRSS:") / 1024
