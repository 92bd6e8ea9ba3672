"""How long somebody in a quiet cell waits while another cell of the same process is flooded, with
`bot.pipeline.turns` and without: the way of an update in the real process, no messenger behind."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import delete

from benchmarks import city as cities
from benchmarks.flood import ASKED, Entrance, Listening, answered, written
from benchmarks.rows import Row, row
from bot.pipeline.turns import Turn, Turns
from models import InboxRow
from models.crypto import KeyRing
from sandbox.people import FILE, read

ASKING, EVERY, QUESTIONS = 6, 0.4, 20
"""People of the quiet cell who ask in turn, seconds between two questions, and how many."""
FLOODING, PER_SECOND = 40, 3
MOST_COMING = 2_400
"""Messages of a flood: more than come until the last question is answered."""
ROUNDS, WARM, SETTLES = 5, 6, 1.5
MOST_TIMES, MOST_TAKEN = 1.2, 0.2
"""Of a quiet cell's wait beside a flood, as often as alone; what steps of the flooded one take."""
ALONE, WITHOUT, WITH = "alone", "beside a flood, without turns", "beside a flood, with turns"


class Watched(Turns):
    """Knows when each step was made, by whom."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[Turn, float, float]] = []

    def used(self, turn: Turn, seconds: float, now: float) -> None:
        super().used(turn, seconds, now)
        self.steps.append((turn, now - seconds, now))

    def taken_from(self, turn: Turn, begin: float, end: float) -> float:
        """Seconds between `begin` and `end` in which others made their steps."""
        others = ((b, e) for one, b, e in self.steps if one is not turn and b < end and e > begin)
        return sum(min(e, end) - max(b, begin) for b, e in others)


@dataclass(frozen=True)
class Wait:
    """Seconds that a question waited, and of these the steps of another cell."""

    seconds: float
    others: float


Heard = Mapping[str, Sequence[Sequence[Wait]]]
"""By way, a list of each round."""


async def rows() -> Sequence[Row]:
    texts, keys = read(FILE)["texts"], KeyRing.new()
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        quiet = await cities.build(Path(first), ASKING, 1, texts, keys)
        flooded = await cities.build(Path(second), FLOODING, 1, texts, keys)
        try:
            return _told(await _measured(quiet, flooded))
        finally:
            await quiet.close()
            await flooded.close()


def _told(heard: Heard) -> Sequence[Row]:
    waits = {what: [[one.seconds for one in of] for of in found] for what, found in heard.items()}
    late = {what: p95([*chain(*found)]) for what, found in waits.items()}
    lines = []
    for what, found in waits.items():
        name = f"two cells, the quiet one {what}"
        lines.append(row(f"{name}, median", [median(one) * 1000 for one in found], "ms"))
        lines.append(row(f"{name}, 95th", [late[what] * 1000], "ms"))
    times = late[WITH] / late[ALONE]
    taken = [mean(one.others for one in of) / mean(waits[ALONE][0]) for of in heard[WITH]]
    return [
        *lines,
        row("  with turns / alone, 95th", [times], "x", f"<= {MOST_TIMES}", times <= MOST_TIMES),
        row(
            "  of it steps of the flooded cell, mean / a wait alone",
            taken,
            "x",
            f"<= {MOST_TAKEN}",
            median(taken) <= MOST_TAKEN,
        ),
    ]


def p95(waited: Sequence[float]) -> float:
    return quantiles(waited, n=20)[-1]


async def _measured(quiet: cities.City, flooded: cities.City) -> Heard:
    heard: dict[str, list[list[Wait]]] = {what: [] for what in (ALONE, WITHOUT, WITH)}
    await _waits(quiet, Watched(), WARM)
    for number in range(ROUNDS):
        for what in (ALONE, WITHOUT, WITH)[:: 1 if number % 2 else -1]:
            heard[what].append(await _round(quiet, flooded, what))
    return heard


async def _round(quiet: cities.City, flooded: cities.City, what: str) -> list[Wait]:
    shared = Watched()
    if what == ALONE:
        return await _waits(quiet, shared, QUESTIONS)
    # Who has turns of their own never steps back behind anybody.
    other = shared if what == WITH else Turns()
    async with _flood(flooded, other.new()):
        return await _waits(quiet, shared, QUESTIONS)


async def _waits(city: cities.City, turns: Watched, questions: int) -> list[Wait]:
    line, turn = Listening(), turns.new()

    async def waited(entrance: Entrance, chat: int) -> Wait:
        begin = perf_counter()
        seconds = await answered(entrance, line, chat)
        return Wait(seconds, turns.taken_from(turn, begin, begin + seconds))

    async with _open(city, line, turn) as entrance:
        asking = []
        for _, chat in zip(range(questions), cycle(city.cases), strict=False):
            asking.append(asyncio.create_task(waited(entrance, chat)))
            await asyncio.sleep(EVERY)
        return await asyncio.gather(*asking)


@asynccontextmanager
async def _flood(city: cities.City, turn: Turn) -> AsyncIterator[None]:
    # Made before: to put it into words is the work of the messenger and not of the process.
    coming = [written(chat, ASKED) for chat in islice(cycle(city.cases), MOST_COMING)]

    async def writes(entrance: Entrance) -> None:
        for one in coming:
            entrance.comes(one)
            await asyncio.sleep(1 / (FLOODING * PER_SECOND))

    async with _open(city, Listening(), turn) as entrance:
        task = asyncio.create_task(writes(entrance))
        # As it is once the flood has filled what it fills.
        await asyncio.sleep(SETTLES)
        try:
            yield
        finally:
            task.cancel()


@asynccontextmanager
async def _open(city: cities.City, line: Listening, turn: Turn) -> AsyncIterator[Entrance]:
    """The way in, and nothing left that waits after it."""
    entrance = Entrance(city, line, turn)
    polling = asyncio.create_task(entrance.poll())
    try:
        yield entrance
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await entrance.worker.stop()
        turn.leave()
        async with city.database.write() as session:
            await session.exec(delete(InboxRow))
