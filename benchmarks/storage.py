"""What it costs alone that no update is lost: stored, handled by nothing but a conversation that
moves on, finished in one commit; beside aiogram's RedisStorage, which keeps the conversation only.

Each way is compared with MemoryStorage, which keeps nothing: what it takes more is its own cost, of
all threads of this process, and for Redis of its server too. Redis's rows need `redis-server` and
the Python package `redis`.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aiogram import Bot, Dispatcher
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message, Update

from benchmarks import city as cities
from benchmarks.left_behind import ends_with_us
from benchmarks.quiet import Quiet, kept, said
from benchmarks.rows import Row, missing, row
from benchmarks.talk import NUMBERS
from benchmarks.visit import Durable
from bot.pipeline.fsm_storage import make_dispatcher
from sandbox.people import FILE, read
from services.messages.inbox import Incoming

CHATS, UPDATES, RUNS = 32, 50, 9
MOST, MOST_SHARE = 0.5, 0.5
"""Milliseconds; of what RedisStorage takes."""
DESTINIES = ("stack", "context")
"""As aiogram-dialog keeps a conversation: under two keys, each read and written in an update."""
DRAFT = {
    f"question_{number}": "一、肯学肯干，二、走访了三户，三、都说他肯帮忙。" for number in range(12)
}
Handle = Callable[[Incoming], Awaitable[object]]


async def move_on(message: Message, state: FSMContext) -> None:
    for destiny in DESTINIES:
        key = replace(state.key, destiny=destiny)
        data = await state.storage.get_data(key)
        await state.storage.set_data(key, {**data, "draft": DRAFT, "at": message.message_id})


async def rows() -> Sequence[Row]:
    texts, found = read(FILE)["texts"], dict[str, list[float]]()
    with_redis = bool(shutil.which("redis-server") and find_spec("redis"))
    ways = ("memory", "durable", *(("redis",) if with_redis else ()))
    for turn in range(RUNS):
        for name in ways if turn % 2 == 0 else reversed(ways):
            found.setdefault(name, []).append(await _cost(name, texts))
    own = {name: _beyond(found[name], found["memory"]) for name in ways[1:]}
    what = "durable layer alone, an update: processor"
    met = median(own["durable"]) <= MOST
    ours = row(what, own["durable"], "ms", f"<= {MOST:g}", met)
    if not with_redis:
        return [ours, missing("  RedisStorage's own, with its server", "ms", "no Redis here")]
    shares = [one / other for one, other in zip(own["durable"], own["redis"], strict=True)]
    share = median(shares) <= MOST_SHARE
    return [
        ours,
        row("  RedisStorage's own, with its server", own["redis"], "ms"),
        row("  ours / RedisStorage", shares, "x", f"<= {MOST_SHARE:g}", share),
    ]


def _beyond(costs: Sequence[float], nothing: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(costs, nothing, strict=True)]


async def _cost(name: str, texts: Mapping[str, str]) -> float:
    """Milliseconds of the processor an update."""
    if name == "memory":
        return await _fed(MemoryStorage(), lambda: 0.0)
    if name == "redis":
        async with _redis() as (storage, used):
            return await _fed(storage, used)
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, 1, texts)
        dispatcher = make_dispatcher()
        dispatcher.message.register(move_on)
        way = Durable(city, Quiet(), dispatcher)
        polling = asyncio.create_task(way.poll())
        found = await _took(way.handle, lambda: 0.0)
        polling.cancel()
        await way.worker.stop()
        await way.worker.locks.close()
        await city.close()
        return found


async def _fed(storage: BaseStorage, beside: Callable[[], float]) -> float:
    bot, dispatcher = Bot("42:TEST", session=Quiet()), Dispatcher(storage=storage)
    dispatcher.message.register(move_on)

    async def handle(incoming: Incoming) -> object:
        update = Update.model_validate_json(incoming.payload, context={"bot": bot})
        return await dispatcher.feed_update(bot, update)

    return await _took(handle, beside)


async def _took(handle: Handle, beside: Callable[[], float]) -> float:
    """`beside`: seconds that another process has used up."""

    async def chat(number: int) -> None:
        for _ in range(UPDATES):
            await handle(kept(said(next(NUMBERS), cities.FIRST_CHAT + number, "走访了三户")))

    begin = time.process_time() + beside()
    async with asyncio.TaskGroup() as group:
        for number in range(CHATS):
            group.create_task(chat(number))
    return (time.process_time() + beside() - begin) * 1000 / (CHATS * UPDATES)


@asynccontextmanager
async def _redis() -> AsyncIterator[tuple[BaseStorage, Callable[[], float]]]:
    """A server of its own on a socket, which writes nothing to the disk, and what it has used."""
    from aiogram.fsm.storage.base import DefaultKeyBuilder
    from aiogram.fsm.storage.redis import RedisStorage

    with TemporaryDirectory() as folder:
        socket = Path(folder) / "redis"
        server = await asyncio.create_subprocess_exec(
            "redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "",
            "--dir", folder, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        ends_with_us(server.pid)
        try:
            assert server.stdout is not None
            async for said_of_it in server.stdout:
                if b"ready to accept" in said_of_it.lower():
                    break
            keys = DefaultKeyBuilder(with_destiny=True)
            storage = RedisStorage.from_url(f"unix://{socket}", key_builder=keys)
            yield storage, lambda: _used(server.pid)
            await storage.close()
        finally:
            server.terminate()
            await server.wait()


def _used(pid: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
