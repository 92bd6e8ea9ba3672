"""What an update costs while the number of cases grows from a thousand to a million, and how fast
the few deadlines that are due are found among all."""

import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlmodel import col, select

from benchmarks import city as cities
from benchmarks.rows import Row, row
from benchmarks.visit import durable
from domain.calendar.office_hours import day_of
from models import DeadlineRow
from models.crypto import KeyRing
from sandbox.people import FILE, read

FEW = 1_000
SIZES = (10_000, 100_000, 1_000_000)
CHATS, VISITS, RUNS = 8, 1, 15
DUE = 100


async def rows(few: int = FEW, sizes: Sequence[int] = SIZES) -> Sequence[Row]:
    """Each size beside the fewest cases, turn by turn: a machine that grows slower or quicker
    meanwhile favours neither."""
    texts, keys = read(FILE)["texts"], KeyRing.new()
    with TemporaryDirectory() as first, TemporaryDirectory() as other:
        visits = VISITS * RUNS * len(sizes)
        small = await cities.build(Path(first), CHATS, visits, texts, keys)
        city = await cities.build(Path(other), CHATS, visits, texts, keys)
        await cities.surround(small, few)
        found: list[Row] = []
        here = 0
        for size in sizes:
            await cities.surround(city, size - here)
            here = size
            found += await _beside(small, few, city, size)
        found += await due(city, here)
        await small.close()
        await city.close()
        return found


async def _beside(small: cities.City, few: int, city: cities.City, size: int) -> Sequence[Row]:
    costs: dict[int, list[float]] = {few: [], size: []}
    ways = {few: small, size: city}
    for turn in range(RUNS):
        # Each goes first every other turn: what the first has warmed up favours neither.
        for number in (few, size) if turn % 2 == 0 else (size, few):
            costs[number].append(1000 / await durable(_some(ways[number])))
    pairs = zip(costs[size], costs[few], strict=True)
    dearer = [(many / fewest - 1) * 100 for many, fewest in pairs]
    return [
        row(f"an update with {size:,} cases", costs[size], "ms"),
        row(f"  with {few:,}, turn by turn", costs[few], "ms"),
        row("  dearer than with the fewest by", dearer, "%", "<= 10", median(dearer) <= 10),
    ]


def _some(city: cities.City) -> cities.City:
    """The next few cases of every chat, which then are taken."""
    cases = {chat: [mine.pop() for _ in range(VISITS)] for chat, mine in city.cases.items()}
    return cities.City(city.database, city.services, cases)


async def due(city: cities.City, total: int) -> Sequence[Row]:
    """`DUE` of all deadlines come due: finding them, and telling everybody concerned."""
    reminders, today = city.services.reminders, day_of(cities.MORNING)
    await _let_come_due(city)
    spent = []
    for _ in range(5):
        async with city.database.read() as session:
            begin = time.perf_counter()
            claimed = await reminders.due(session, today)
            spent.append((time.perf_counter() - begin) * 1000)
        assert len(claimed) >= DUE / 2, len(claimed)
    begin = time.perf_counter()
    told = await reminders.look(cities.MORNING)
    whole = (time.perf_counter() - begin) * 1000
    assert told >= DUE, told
    what = f"{DUE} due among {total:,} open deadlines: to claim"
    claim = row(what, spent, "ms", "<= 10", sorted(spent)[2] <= 10)
    return [claim, row("  to re-check each case and write the messages", [whole], "ms")]


async def _let_come_due(city: cities.City) -> None:
    today = day_of(cities.MORNING)
    async with city.database.write() as session:
        later = select(DeadlineRow).where(col(DeadlineRow.step) == "6a").limit(DUE)
        for row in (await session.exec(later)).all():
            row.next_look, row.due_on = today, today + timedelta(days=7)
            session.add(row)
