"""The gateway over a real Matrix server: what kills lose, how long an answer takes, its memory."""

import asyncio
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from benchmarks.kill import new_seed
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
    """From somebody's writing to the bot's answer as they see it, one after the other."""
    spent = []
    with TemporaryDirectory() as environment, TemporaryDirectory() as folder:
        program = await installed(Path(environment))
        async with town(Path(folder)) as here:
            process = await here.production(program)
            # Not counted: until it has begun.
            await here.writer.writes("begun")
            await here.writer.hears("begun")
            for number in range(TRIPS):
                begun = time.perf_counter()
                await here.writer.writes(str(number))
                await here.writer.hears(str(number))
                spent.append(1000 * (time.perf_counter() - begun))
            memory = await asyncio.to_thread(_resident, process.pid)
            process.kill()
            await process.wait()
    late = quantiles(spent, n=20)[-1]
    return [
        row("Matrix: written to answered, median", spent, "ms"),
        row("Matrix: written to answered, 95 of 100", [late], "ms", "<= 150", late <= 150),
        row("memory of the gateway with Matrix", [memory], "MB", "<= 90", memory <= 90),
    ]


def _resident(pid: int) -> float:
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return next(int(parts[1]) for parts in lines if parts[0] == "VmRSS:") / 1024
