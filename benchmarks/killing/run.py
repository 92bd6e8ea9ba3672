"""One run: people talk, processes die, and at the end everything is counted."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col, func, select

from benchmarks.killing.balancer import Balancer, free_port
from benchmarks.killing.house import MORNING, Branch, Building, make_cast
from benchmarks.killing.nursery import Nursery
from benchmarks.killing.talker import GivenUp, Talker
from benchmarks.killing.verdict import Verdict, count_entries, count_messages
from benchmarks.killing.victims import EndedByItself, Kill, Spawn, Victim, asks, command, plan
from bot.app.database import open_database
from bot.app.keys import make_keys, rings
from bot.app.settings import Settings
from messenger.core.settings import MessengerSettings
from messenger.server import Running, running
from models import InboxRow, OutgoingRow
from sandbox.people import people
from sandbox.run import environment
from services.container import Services, build_services, procedure_of
from services.core.advisory_locks import ANSWER_IN

PATIENCE = 300.0
SECRET = "a-secret-of-this-run-only"
ASKED, ANSWERED = "待办", "办"


@dataclass(frozen=True)
class Size:
    """`each`: conversations of a chat; `pause`: the longest that a person thinks before one, in
    seconds; `fresh`: every process loads everything anew."""

    chats: int
    each: int
    kills: int
    pause: float = 0.0
    fresh: bool = False


@dataclass(frozen=True)
class Scene:
    """Who is there while harm is done."""

    server: Running
    branches: list[Branch]
    victims: list[Victim]
    verdict: Verdict


Harm = Callable[[Scene], Awaitable[None]]


async def kill_run(folder: Path, size: Size, seed: int, database: str = "") -> Verdict:
    """With `database` (a PostgreSQL) two processes share the work behind a webhook, and either is
    ended; else one process polls, over SQLite."""

    async def kill(scene: Scene) -> None:
        await _kill(scene.victims, plan(seed, size.kills), scene.verdict)

    return await _run(folder, size, seed, database, kill, answered)


async def interrupted_run(
    folder: Path, size: Size, seed: int, database: str, interrupt: Callable[[int], Awaitable[None]]
) -> Verdict:
    """Two processes work while their PostgreSQL is interrupted `size.kills` times; one that ends is
    started again, as a service manager would, and counted. `interrupt` gets the number of the
    interruption. At the end each process has to answer everybody alone: one that lives and does
    nothing is counted as silent."""
    dice = random.Random(seed)

    async def interruptions(scene: Scene) -> None:
        for victim in scene.victims:
            await victim.start()
        minding = asyncio.create_task(_started_again(scene))
        for number in range(size.kills):
            await asyncio.sleep(dice.uniform(0.05, 0.5))
            await interrupt(number)
            scene.verdict.kills += 1
        # Whoever waits for an answer of the server gives up within that time.
        await asyncio.sleep(ANSWER_IN)
        minding.cancel()
        await asyncio.gather(minding, return_exceptions=True)

    async def each_alone(scene: Scene) -> None:
        for other in scene.victims:
            await other.end()
            await answered(scene)
            await other.start()

    return await _run(folder, size, seed, database, interruptions, each_alone)


async def _started_again(scene: Scene) -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(0.2)
        for victim in scene.victims:
            if not victim.alive:
                scene.verdict.restarted += 1
                with suppress(EndedByItself):
                    await victim.start()


async def _run(
    folder: Path, size: Size, seed: int, database: str, harm: Harm, check: Harm
) -> Verdict:
    """`harm` is done while people talk, `check` once they have ended: in their own chats it would
    interrupt them."""
    here = MessengerSettings(port=0, people=people(), clock=MORNING, started=True)
    async with (
        running(here) as server,
        opened_house(folder, server.url, database) as (settings, house),
    ):
        building = Building(house, server.state, make_cast(house))
        await building.cast.gather()
        branches = await building.branches(size.chats, size.each)
        verdict = Verdict(seed, chats=size.chats)
        begun = time.monotonic()
        async with _victims(folder, settings, server, bool(database), size.fresh) as victims:
            talking = asyncio.create_task(talk(server, branches, size, seed, verdict))
            scene = Scene(server, branches, victims, verdict)
            async with never_silent(server):
                await harm(scene)
            await talking
            await check(scene)
            await settled(house)
        await count_entries(verdict, house, branches)
        await count_messages(verdict, house, branches, server.state.bots["staff"])
        verdict.seconds = round(time.monotonic() - begun, 1)
        return verdict


@asynccontextmanager
async def opened_house(
    folder: Path, url: str, database: str
) -> AsyncIterator[tuple[Settings, Services]]:
    settings = Settings.model_validate(
        {"data": folder, "api": url, "DATABASE_URL": database, "log_level": "ERROR"}
    )
    make_keys(settings)
    opened = await open_database(settings.staff_database, rings(settings))
    try:
        yield settings, build_services(opened, procedure_of(), tells=False)
    finally:
        await opened.close()


async def talk(
    server: Running, branches: list[Branch], size: Size, seed: int, verdict: Verdict
) -> None:
    bot = server.state.bots["staff"]

    async def one(number: int, branch: Branch) -> None:
        dice = random.Random(f"{seed}:{number}")
        talker = Talker(server.state, bot, branch.talker, PATIENCE)
        for held in branch.conversations:
            await asyncio.sleep(dice.uniform(0, size.pause))
            try:
                await held.hold(talker)
            except GivenUp as problem:
                verdict.problem(str(problem))
                break
        verdict.updates += talker.updates

    await asyncio.gather(*(one(number, branch) for number, branch in enumerate(branches)))


@asynccontextmanager
async def never_silent(server: Running) -> AsyncIterator[None]:
    """Somebody asks what is to be done, again and again: conversations may be over before the
    kills are, and a named point would be passed by nobody then."""
    director = Talker(
        server.state, server.state.bots["staff"], server.state.people["director"], PATIENCE
    )

    async def ask() -> None:
        while True:
            await director.says(ASKED)
            await director.until(ANSWERED)

    asking = asyncio.create_task(ask())
    try:
        yield
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def _kill(victims: list[Victim], kills: list[Kill], verdict: Verdict) -> None:
    """One process after the other; the others go on meanwhile. All of them work at the end."""
    # All but the first: it is started with the point of its kill.
    for victim in victims[1:]:
        await victim.start()
    for number, kill in enumerate(kills):
        victim = victims[number % len(victims)]
        await victim.end()
        await victim.start(kill)
        verdict.at_points += await victim.die(kill)
        verdict.kills += 1
        verdict.certain += kill.certain
    for victim in victims:
        if not victim.alive:
            await victim.start()


async def answered(scene: Scene) -> None:
    """Check that every chat is answered after the kills."""
    state = scene.server.state
    for branch in scene.branches:
        talker = Talker(state, state.bots["staff"], branch.talker, PATIENCE)
        await talker.says(ASKED)
        try:
            await talker.until(ANSWERED)
        except GivenUp as problem:
            scene.verdict.silent += 1
            scene.verdict.problem(str(problem))


async def settled(house: Services) -> None:
    """Wait until inbox and outbox are empty and the leases of killed processes have run out."""
    out = select(func.count()).where(col(OutgoingRow.state).in_(("new", "sending")))
    into = select(func.count()).select_from(InboxRow).where(~col(InboxRow.parked))
    for _ in range(600):
        async with house.database.read() as session:
            if (await session.exec(out)).one() + (await session.exec(into)).one() == 0:
                return
        await asyncio.sleep(0.1)


@asynccontextmanager
async def _victims(
    folder: Path, settings: Settings, server: Running, two: bool, fresh: bool
) -> AsyncIterator[list[Victim]]:
    nursery, balancer = Nursery("benchmarks.killing.staff"), Balancer([free_port(), free_port()])
    spawn: Spawn = command("-m", "bot", "staff")
    if not fresh:
        await nursery.start()
        spawn = nursery.spawn
    given = environment(settings, server.url, free_port())
    if two:
        given |= {"DATABASE_URL": settings.database_url}
        given |= {"YINLU_WEBHOOK_URL": await balancer.start(), "YINLU_WEBHOOK_SECRET": SECRET}
        victims = [hooked(folder, given, port, spawn) for port in balancer.ports]
    else:
        victims = [Victim(spawn, given, folder / "staff.log", asks(server.state.bots["staff"]))]
    try:
        yield victims
    finally:
        for victim in victims:
            await victim.end()
        if two:
            await balancer.stop()
        if not fresh:
            await nursery.stop()


def hooked(folder: Path, given: Mapping[str, str], port: int, spawn: Spawn) -> Victim:
    """A process that is brought its updates at `port`."""

    async def ready() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    own = {**given, "YINLU_WEBHOOK_PORT": str(port)}
    return Victim(spawn, own, folder / f"staff{port}.log", ready)
