"""What an update costs while the number of cases grows from a thousand to a million, and how fast
the few deadlines that are due are found among all."""

import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import col, select, update

from benchmarks import city as cities
from benchmarks.rows import Row, row
from benchmarks.visit import durable
from bot.cast import FILE, read
from domain.hours import day_of
from models import DeadlineRow

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CHATS, VISITS, RUNS = 8, 2, 3
DUE = 100


async def rows(sizes: Sequence[int] = SIZES) -> Sequence[Row]:
    texts = read(FILE)["texts"]
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), CHATS, VISITS * RUNS * len(sizes), texts)
        found, here = [], 0
        for size in sizes:
            await cities.surround(city, size - here)
            here = size
            costs = [1000 / await durable(_some(city)) for _ in range(RUNS)]
            found.append(row(f"an update with {size:,} cases", costs, "ms"))
        found.append(_flat(found))
        found += await due(city, here)
        await city.close()
        return found


def _some(city: cities.City) -> cities.City:
    """The next few cases of every chat, which then are taken."""
    cases = {chat: [mine.pop() for _ in range(VISITS)] for chat, mine in city.cases.items()}
    return cities.City(city.database, city.services, cases)


def _flat(found: Sequence[Row]) -> Row:
    costs = [item.value or 0.0 for item in found]
    growth = (max(costs) / costs[0] - 1) * 100
    return row("  dearer than with the fewest by", [growth], "%", "<= 10", growth <= 10)


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
        later = select(DeadlineRow.id).where(col(DeadlineRow.step) == "6a").limit(DUE)
        ids = (await session.exec(later)).all()
        await session.exec(
            update(DeadlineRow)
            .where(col(DeadlineRow.id).in_(ids))
            .values(next_look=today, due_on=today + timedelta(days=7))
        )
