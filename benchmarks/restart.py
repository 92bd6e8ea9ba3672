"""Start a process with 100,000 updates in its queue; measure when it handles the next one."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert

from benchmarks import city as cities
from benchmarks.quiet import Quiet, kept, said
from benchmarks.rows import Row, row
from benchmarks.visit import Watched
from models import InboxRow
from sandbox.people import FILE, read
from services.messages.inbox import row_of

WAITING, CHATS, RUNS = 100_000, 1_000, 3


async def rows(waiting: int = WAITING) -> Sequence[Row]:
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, 1, read(FILE)["texts"])
        await _fill(city, waiting)
        spent = [await _started(city) for _ in range(RUNS)]
        await city.close()
    worst = max(spent)
    return [row(f"restart with {waiting:,} updates waiting", spent, "s", "<= 2", worst <= 2)]


async def _fill(city: cities.City, waiting: int) -> None:
    for first in range(0, waiting, cities.CHUNK):
        numbers = range(first + 1, first + min(cities.CHUNK, waiting - first) + 1)
        made = [kept(said(n, cities.FIRST_CHAT + n % CHATS, "待办")) for n in numbers]
        found = [row_of("staff", item, cities.MORNING) for item in made]
        async with city.database.write() as session:
            await session.execute(insert(InboxRow), found)


async def _started(city: cities.City) -> float:
    inbox, handled = Watched(city.database), asyncio.Event()
    inbox.left = lambda _: handled.set()
    begin = time.perf_counter()
    worker = cities.worker_of(city, Quiet(), inbox)
    working = asyncio.create_task(worker.run())
    await handled.wait()
    spent = time.perf_counter() - begin
    working.cancel()
    await worker.stop()
    return spent
