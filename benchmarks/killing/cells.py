"""Several cities at once, each a cell: two processes share them, and are killed, ended, and killed
while they end. Each city has a messenger and a PostgreSQL database of its own."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from benchmarks.killing.balancer import free_port
from benchmarks.killing.house import MORNING, Building, make_cast
from benchmarks.killing.run import (
    Scene,
    Size,
    answered,
    never_silent,
    opened_house,
    settled,
    talk,
)
from benchmarks.killing.verdict import Verdict, count_entries, count_messages
from benchmarks.killing.victims import Kill, Victim, command, plan, surroundings
from bot.app.settings import Settings
from bot.setup.files import EnvironmentFile
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import Running, running
from models.crypto import keep_apart
from sandbox.people import people

PROCESSES = 2
LONGEST_END = 10.0
CUT = 1.5
"""Seconds of its end within which a process is killed."""
ASKED_IN = ClientTimeout(total=4)


@dataclass(frozen=True)
class Stage:
    """`built`: every city is there; `over`: no more harm is done; `counted`: by each city."""

    built: asyncio.Barrier
    over: asyncio.Event
    counted: asyncio.Barrier


async def cells_run(
    folder: Path, databases: dict[str, str], control: str, size: Size, seed: int
) -> dict[str, Verdict]:
    """`databases`: of each city; `control`: of the leases. Every third process that `size.kills`
    counts is killed, every third is ended, every third is killed while it ends. Return what each
    city lost, by its name; the harm done stands in the first."""
    file = folder / "cells.toml"
    file.write_text(f'folder = "towns"\ncontrol = "{control}"\n')
    parts = len(databases) + 1
    stage = Stage(asyncio.Barrier(parts), asyncio.Event(), asyncio.Barrier(parts))
    verdicts = {name: Verdict(seed, chats=size.chats) for name in databases}
    async with asyncio.TaskGroup() as group:
        for number, (name, url) in enumerate(databases.items(), 1):
            city = _city(folder / "towns" / name, url, number, size, stage, verdicts[name])
            group.create_task(city)
        await stage.built.wait()
        victims = [_victim(file, folder, free_port()) for _ in range(PROCESSES)]
        try:
            await _harm(victims, size.kills, seed, next(iter(verdicts.values())))
            stage.over.set()
            await stage.counted.wait()
        finally:
            for victim in victims:
                await victim.end()
    return verdicts


async def _city(
    folder: Path, url: str, number: int, size: Size, stage: Stage, verdict: Verdict
) -> None:
    keep_apart()
    token = f"{number}{BOTS['staff'][0]}"
    bots = {**BOTS, "staff": (token, *BOTS["staff"][1:])}
    here = MessengerSettings(port=0, bots=bots, people=people(), clock=MORNING, started=True)
    async with (
        running(here) as server,
        opened_house(folder / "data", server.url, url) as (settings, house),
    ):
        building = Building(house, server.state, make_cast(house))
        await building.cast.gather()
        branches = await building.branches(size.chats, size.each)
        _write_settings(folder, settings, server, token)
        await stage.built.wait()
        begun = time.monotonic()
        talking = asyncio.create_task(talk(server, branches, size, verdict.seed, verdict))
        async with never_silent(server):
            await stage.over.wait()
        await talking
        await answered(Scene(server, branches, [], verdict))
        await settled(house)
        await count_entries(verdict, house, branches)
        await count_messages(verdict, house, branches, server.state.bots["staff"])
        verdict.seconds = round(time.monotonic() - begun, 1)
        await stage.counted.wait()


def _write_settings(folder: Path, settings: Settings, server: Running, token: str) -> None:
    EnvironmentFile(folder / "staff.env").add_all(
        {
            "YINLU_DATA": str(settings.data),
            "DATABASE_URL": settings.database_url,
            "YINLU_API": server.url,
            "YINLU_FOLLOW_CLOCK": "1",
            "YINLU_STAFF_TOKEN": token,
        }
    )


def _victim(file: Path, folder: Path, port: int) -> Victim:
    spawn = command("-m", "bot", "cells", str(file), "--health-port", str(port))
    return Victim(spawn, surroundings(), folder / f"cells{port}.log", _serves(port))


async def states(port: int) -> list[str]:
    """How each cell of a process is; none where it doesn't answer."""
    try:
        async with (
            ClientSession(timeout=ASKED_IN) as session,
            session.get(f"http://127.0.0.1:{port}/healthz") as answer,
        ):
            return [*(await answer.json())["cells"].values()]
    except (ClientError, OSError, TimeoutError):
        return []


def _serves(port: int) -> Callable[[], Awaitable[bool]]:
    """Ready when it serves a cell: one that holds none has nothing in hand."""

    async def ready() -> bool:
        return "fine" in await states(port)

    return ready


async def _harm(victims: list[Victim], times: int, seed: int, verdict: Verdict) -> None:
    dice = random.Random(seed)
    for victim in victims:
        await victim.start()
    kills = iter(plan(seed, -(-times // 3)))
    for number in range(times):
        victim = victims[number % len(victims)]
        if number % 3 == 0:
            await _killed(victim, next(kills), verdict)
        else:
            await asyncio.sleep(dice.uniform(0, CUT))
            await _ended(victim, dice.uniform(0, CUT) if number % 3 == 2 else LONGEST_END)
        verdict.kills += 1
        await victim.start()


async def _killed(victim: Victim, kill: Kill, verdict: Verdict) -> None:
    await _ended(victim, LONGEST_END)
    await victim.start(kill)
    verdict.at_points += await victim.die(kill)
    verdict.certain += kill.certain


async def _ended(victim: Victim, within: float) -> None:
    """Ask it to end, which moves its cells to the other, and kill it where it isn't through."""
    assert victim.process is not None
    os.kill(victim.process.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(within):
            await victim.process.wait()
    except TimeoutError:
        await victim.end()
