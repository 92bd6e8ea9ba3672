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
from models import InboxRow
from sandbox.people import FILE, read
from services.messages.conversation_changes import HeldWrite
from services.messages.inbox import Conversations, Inbox, InboxUpdate, row_of

WAITING, CHATS, RUNS = 100_000, 1_000, 3


class First(Inbox):
    """Report when the first update has left the inbox."""

    handled: asyncio.Event

    async def finish(
        self,
        done: InboxUpdate,
        conversations: Conversations | None,
        held: Sequence[HeldWrite] = (),
    ) -> InboxUpdate | None:
        following = await super().finish(done, conversations, held)
        self.handled.set()
        return following


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
    inbox = First(city.database)
    inbox.handled = asyncio.Event()
    begin = time.perf_counter()
    worker = cities.worker_of(city, Quiet(), inbox)
    working = asyncio.create_task(worker.run())
    await inbox.handled.wait()
    spent = time.perf_counter() - begin
    working.cancel()
    await worker.stop()
    return spent
