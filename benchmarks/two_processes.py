"""What an update costs where two processes share one PostgreSQL, beside one process that has it to
itself: real `yinlu staff` behind a webhook, each update brought to the next process in turn: a chat
changes process with every answer. People think before each.

What a process does while nobody writes isn't the cost of an update: it is measured first, and taken
off. Both figures are told.
"""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.engine import make_url

from benchmarks.cells import spent
from benchmarks.killing.balancer import Balancer, free_port
from benchmarks.killing.conversations import Conversation
from benchmarks.killing.house import MORNING, Branch, Building, make_cast
from benchmarks.killing.run import SECRET, hooked, opened_house
from benchmarks.killing.talker import Talker
from benchmarks.killing.victims import Victim, command
from benchmarks.postgres import on_server, postgres_server
from benchmarks.rows import Row, row
from bot.app.engines import engine_for
from bot.app.settings import Settings
from messenger.core.settings import MessengerSettings
from messenger.core.state import Person, State
from messenger.server import running
from sandbox.people import people
from sandbox.run import environment

CHATS, EACH, WARM, TURNS = 8, 2, 1, 5
"""Of each chat the conversations it holds in a turn, a visit and a ballot; the turns before those
that count, in which every process does what it does once."""
THINKS = (0.3, 1.0)
IDLE = 20.0
MOST = 1.1
ONE, TWO = "one process", "two processes that share the work"


@dataclass
class Thinker(Talker):
    """Thinks before each thing said or pressed."""

    async def says(self, text: str) -> None:
        await asyncio.sleep(random.uniform(*THINKS))
        await super().says(text)

    async def presses(self, label: str) -> None:
        await asyncio.sleep(random.uniform(*THINKS))
        await super().presses(label)


@dataclass
class House:
    """A city at work. `held`: of each talker the conversations still to be held."""

    url: str
    victims: Sequence[Victim]
    talkers: Sequence[Thinker]
    held: Sequence[list[Conversation]]

    @property
    def spent(self) -> float:
        return sum(spent(one.process.pid) for one in self.victims if one.process is not None)

    @property
    def updates(self) -> int:
        return sum(talker.updates for talker in self.talkers)

    async def settled(self) -> None:
        """Wait until nothing is left to be handled or sent."""
        asked = text(
            "SELECT (SELECT count(*) FROM update_inbox)"
            " + (SELECT count(*) FROM outgoing_message WHERE state IN ('new', 'sending'))"
        )
        engine = engine_for(self.url, 1)
        async with asyncio.timeout(60), engine.connect() as connection:
            while (await connection.execute(asked)).scalar_one():
                await connection.rollback()
                await asyncio.sleep(0.1)
        await engine.dispose()


@dataclass(frozen=True)
class Taken:
    """Milliseconds of the processor an update, of all processes; `rest` without what they take
    while nobody writes."""

    whole: float
    rest: float


async def rows() -> Sequence[Row]:
    with postgres_server() as server, TemporaryDirectory() as folder:
        url = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        async with houses(Path(folder), url) as found:
            idle, taken = await measured(found)
    shares = [two.rest / one.rest for one, two in zip(taken[ONE], taken[TWO], strict=True)]
    return [
        *(row(f"PostgreSQL, {name}: idle, all", [idle[name] * 100], "%") for name in found),
        *(row(f"  {name}: processor an update", _rest(taken[name]), "ms") for name in found),
        *(row(f"  {name}: idle in it", [one.whole for one in taken[name]], "ms") for name in found),
        row("  two / one, without idle", shares, "x", f"<= {MOST}", median(shares) <= MOST),
    ]


def _rest(taken: Sequence[Taken]) -> list[float]:
    return [one.rest for one in taken]


async def measured(found: dict[str, House]) -> tuple[dict[str, float], dict[str, list[Taken]]]:
    """The part of a core that each house takes while nobody writes, and what its turns took; who
    goes first changes."""
    for _ in range(WARM):
        for house in found.values():
            await _turn(house)
    before = {name: house.spent for name, house in found.items()}
    await asyncio.sleep(IDLE)
    idle = {name: (house.spent - before[name]) / IDLE for name, house in found.items()}
    taken: dict[str, list[Taken]] = {name: [] for name in found}
    for turn in range(TURNS):
        for name in (ONE, TWO)[:: 1 if turn % 2 else -1]:
            taken[name].append(await _taken(found[name], idle[name]))
    return idle, taken


async def _taken(house: House, idle: float) -> Taken:
    loop = asyncio.get_running_loop()
    updates, begun, before = house.updates, loop.time(), house.spent
    await _turn(house)
    used, seconds = house.spent - before, loop.time() - begun
    each = 1000 / (house.updates - updates)
    return Taken(used * each, (used - idle * seconds) * each)


async def _turn(house: House) -> None:
    async def one(talker: Thinker, held: list[Conversation]) -> None:
        for _ in range(EACH):
            await held.pop(0).hold(talker)

    async with asyncio.TaskGroup() as group:
        for talker, held in zip(house.talkers, house.held, strict=True):
            group.create_task(one(talker, held))
    await house.settled()


@asynccontextmanager
async def houses(folder: Path, server: str) -> AsyncIterator[dict[str, House]]:
    """The same city twice, one process over the one and two over the other."""
    async with AsyncExitStack() as stack:
        pattern = await stack.enter_async_context(on_server(server))
        branches, whom = await _pattern(folder / "pattern", pattern)
        found = {}
        for number, name in enumerate((ONE, TWO), 1):
            url = await stack.enter_async_context(
                on_server(server, make_url(pattern).database or "")
            )
            shutil.copytree(folder / "pattern", folder / str(number))
            opened = _house(folder / str(number), url, number, branches, whom)
            found[name] = await stack.enter_async_context(opened)
        yield found


async def _pattern(folder: Path, url: str) -> tuple[list[Branch], list[Person]]:
    """Build the city, and return its branches and everybody in it, in order."""
    here = MessengerSettings(port=0, people=people(), clock=MORNING, started=True)
    async with running(here) as server, opened_house(folder, server.url, url) as (_, house):
        building = Building(house, server.state, make_cast(house))
        await building.cast.gather()
        branches = await building.branches(CHATS, (WARM + TURNS) * EACH)
        return branches, [*server.state.people.values()]


@asynccontextmanager
async def _house(
    folder: Path, url: str, processes: int, branches: Sequence[Branch], whom: Sequence[Person]
) -> AsyncIterator[House]:
    here = MessengerSettings(port=0, people=people(), clock=MORNING, started=True)
    async with running(here) as server:
        given = {"data": folder, "api": server.url, "DATABASE_URL": url, "log_level": "ERROR"}
        balancer = Balancer([free_port() for _ in range(processes)])
        surrounding = environment(Settings.model_validate(given), server.url, free_port())
        surrounding |= {"DATABASE_URL": url, "YINLU_WEBHOOK_SECRET": SECRET}
        surrounding |= {"YINLU_WEBHOOK_URL": await balancer.start()}
        spawn = command("-m", "bot", "staff")
        victims = [hooked(folder, surrounding, port, spawn) for port in balancer.ports]
        try:
            for victim in victims:
                await victim.start()
            held = [[replace(one, typed={}) for one in each.conversations] for each in branches]
            yield House(url, victims, _talkers(server.state, branches, whom), held)
        finally:
            for victim in victims:
                await victim.end()
            await balancer.stop()


def _talkers(state: State, branches: Sequence[Branch], whom: Sequence[Person]) -> list[Thinker]:
    """Those who were added after the cast get the same numbers here."""
    for one in whom[len(state.people) :]:
        person = state.add_person(one.id, one.first_name, one.language_code, one.bots)
        person.chat("staff").started = True
    bot = state.bots["staff"]
    return [Thinker(state, bot, state.people[one.talker.id], 300.0) for one in branches]
