"""The visit conversation, 32 chats at once: every update durable, beside the same dialog on what a
user would take instead."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Update

from benchmarks import city as cities
from benchmarks.left_behind import ends_with_us
from benchmarks.pickled import pickled
from benchmarks.quiet import Quiet
from benchmarks.rows import Row, missing, row
from benchmarks.talk import Talks
from handlers.staff import setup
from sandbox.people import FILE, read
from services.casefile.update_context import UpdateContext
from services.cases.record import Steps
from services.core.acts import Acts
from services.messages.held_back import HeldWrite
from services.messages.inbox import Conversations, Inbox, InboxUpdate, Incoming

CHATS, VISITS, RUNS = 32, 1, 9
REDIS = "redis-server"


class Watched(Inbox):
    """Report when an update has left the inbox."""

    ends: dict[int, asyncio.Future[None]]

    async def finish(
        self,
        done: InboxUpdate,
        conversations: Conversations | None,
        held: Sequence[HeldWrite] = (),
    ) -> InboxUpdate | None:
        following = await super().finish(done, conversations, held)
        self.ends.pop(done.update_id).set_result(None)
        return following


class Durable:
    """The way of an update in the real process: stored in batches as they come, then handled."""

    def __init__(self, city: cities.City, line: Quiet) -> None:
        self.inbox = Watched(city.database)
        self.inbox.ends = {}
        self.worker = cities.worker_of(city, line, self.inbox)
        self.waiting: list[Incoming] = []
        self.more = asyncio.Event()

    async def handle(self, incoming: Incoming) -> None:
        end = asyncio.get_running_loop().create_future()
        self.inbox.ends[incoming.update_id] = end
        self.waiting.append(incoming)
        self.more.set()
        await end

    async def poll(self) -> None:
        while True:
            await self.more.wait()
            self.more.clear()
            batch, self.waiting = self.waiting, []
            self.worker.wake(await self.inbox.store("staff", batch, cities.MORNING))


async def durable(city: cities.City) -> float:
    line = Quiet()
    way = Durable(city, line)
    polling = asyncio.create_task(way.poll())
    try:
        return await Talks(line, way.handle).all_of(city.cases)
    finally:
        polling.cancel()
        await way.worker.stop()


async def straight(city: cities.City, storage: BaseStorage) -> float:
    """aiogram alone: nothing is stored of an update before its handler ends."""
    line = Quiet()
    bot, dispatcher = Bot("42:TEST", session=line), Dispatcher(storage=storage)
    setup(dispatcher, city.services)

    async def handle(incoming: Incoming) -> object:
        update = Update.model_validate_json(incoming.payload)
        context = UpdateContext(Acts(bot.id, update.update_id, cities.MORNING))
        return await dispatcher.feed_update(bot, update, update_context=context)

    return await Talks(line, handle).all_of(city.cases)


async def in_memory(city: cities.City) -> float:
    """Nothing is stored but the note itself, once it is confirmed."""
    keep_draft = Steps.keep_draft

    async def forget(self: Steps, *_: Any) -> None:
        return None

    # The rival stores no draft, and there is no setting for that: production always does.
    Steps.keep_draft = forget  # type: ignore[method-assign,assignment]
    try:
        return await straight(city, MemoryStorage())
    finally:
        Steps.keep_draft = keep_draft  # type: ignore[method-assign]


async def on_redis(city: cities.City, port: int) -> float:
    from aiogram.fsm.storage.redis import RedisStorage

    builder = DefaultKeyBuilder(with_destiny=True)
    storage = RedisStorage.from_url(f"redis://127.0.0.1:{port}", key_builder=builder)
    try:
        return await straight(city, storage)
    finally:
        await storage.close()


@asynccontextmanager
async def redis(folder: Path, port: int = 16399) -> AsyncIterator[int]:
    """A Redis of its own that writes every command to disk, as a durable one has to."""
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    options += ["--appendonly", "yes", "--appendfsync", "always"]
    process = await asyncio.create_subprocess_exec(REDIS, *options, stdout=asyncio.subprocess.PIPE)
    ends_with_us(process.pid)
    try:
        await _ready(process)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"Ready to accept connections" in line:
            return


async def measured(texts: Mapping[str, str]) -> dict[str, list[float]]:
    """Updates per second of each way, a fresh city a run. Who goes first changes: a machine that
    grows slower or quicker meanwhile favours nobody."""
    ways = ["ours", "memory", *(["redis"] if shutil.which(REDIS) else [])]
    found: dict[str, list[float]] = {name: [] for name in (*ways, "pickle")}
    for turn in range(RUNS):
        for name in ways if turn % 2 == 0 else reversed(ways):
            with TemporaryDirectory() as folder:
                city = await cities.build(Path(folder), CHATS, VISITS, texts)
                found[name].append(await _way(name, city, Path(folder)))
                await city.close()
        found["pickle"].append(await pickled(CHATS, VISITS))
    return found


async def _way(name: str, city: cities.City, folder: Path) -> float:
    if name == "redis":
        async with redis(folder) as port:
            return await on_redis(city, port)
    return await (durable(city) if name == "ours" else in_memory(city))


async def rows() -> Sequence[Row]:
    found = await measured(read(FILE)["texts"])
    unit = "updates/s"
    ours = row("visit, 32 chats, every update durable", found["ours"], unit)
    memory = row("  the same on MemoryStorage, nothing stored", found["memory"], unit)
    pickle = row("  PTB conversation, PicklePersistence after each", found["pickle"], unit)
    others = [_share(found, "memory", "MemoryStorage", 0.6), memory, pickle]
    if "redis" in found:
        redis_row = row("  the same on RedisStorage, a commit per step", found["redis"], unit)
        return [ours, _share(found, "redis", "RedisStorage", 1.0), redis_row, *others]
    return [ours, missing("  the same on RedisStorage", unit, "no redis-server here"), *others]


def _share(found: Mapping[str, Sequence[float]], name: str, shown: str, least: float) -> Row:
    """The runs of one turn beside each other, and the median of that."""
    shares = [mine / other for mine, other in zip(found["ours"], found[name], strict=True)]
    met = median(shares) >= least
    return row(f"  ours / {shown}", shares, "x", f">= {least}", met)
