"""The visit conversation, 32 chats at once: every update durable and sealed, beside what somebody
would take instead: the same dialog without it, the bare form of the library, another library."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import Update

from benchmarks import city as cities
from benchmarks.bare_dialog import on_bare_dialog
from benchmarks.pickled import pickled
from benchmarks.quiet import Quiet
from benchmarks.rows import Row, row
from benchmarks.statements import statements_of
from benchmarks.talk import UPDATES, Handle, Talks
from handlers.staff import setup
from sandbox.people import FILE, read
from services.casefile.update_context import UpdateContext
from services.cases.record import Steps
from services.core.acts import Acts
from services.messages.conversation_changes import HeldWrite
from services.messages.inbox import Conversations, Inbox, InboxUpdate, Incoming

CHATS, VISITS, RUNS = 32, 1, 9
MOST_CALLS, UPDATES_BEFORE = 1.7, 17
"""Requests an update; updates that a note took when these were set (docs/decisions/0053)."""


class Watched(Inbox):
    """Tell `left` of each update that has left the inbox."""

    left: Callable[[InboxUpdate], None]

    async def finish(
        self,
        done: InboxUpdate,
        conversations: Conversations | None,
        held: Sequence[HeldWrite] = (),
    ) -> InboxUpdate | None:
        following = await super().finish(done, conversations, held)
        self.left(done)
        return following


class Durable:
    """The way of an update in the real process: stored in batches as they come, then handled; by
    the staff bot if no `dispatcher` is given."""

    def __init__(
        self, city: cities.City, line: Quiet, dispatcher: Dispatcher | None = None
    ) -> None:
        self.inbox, self.ends = Watched(city.database), dict[int, asyncio.Future[None]]()
        self.inbox.left = lambda done: self.ends.pop(done.update_id).set_result(None)
        self.worker = cities.worker_of(city, line, self.inbox, dispatcher=dispatcher)
        self.waiting: list[Incoming] = []
        self.more = asyncio.Event()

    async def handle(self, incoming: Incoming) -> None:
        end = asyncio.get_running_loop().create_future()
        self.ends[incoming.update_id] = end
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
    async with serving(city, line) as handle:
        return await Talks(line, handle).all_of(city.cases)


@asynccontextmanager
async def serving(city: cities.City, line: Quiet) -> AsyncIterator[Handle]:
    """What hands an update to the bot, and returns once it is handled."""
    way = Durable(city, line)
    polling = asyncio.create_task(way.poll())
    try:
        yield way.handle
    finally:
        polling.cancel()
        await way.worker.stop()
        await way.worker.locks.close()


async def straight(city: cities.City, storage: BaseStorage) -> float:
    """aiogram alone: nothing is stored of an update before its handler ends."""
    line = Quiet()
    bot, dispatcher = Bot("42:TEST", session=line), Dispatcher(storage=storage)
    setup(dispatcher, city.services)

    async def handle(incoming: Incoming) -> object:
        update = Update.model_validate_json(incoming.payload, context={"bot": bot})
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


@dataclass(frozen=True)
class Took:
    """`rate`: updates per second. `cost`: milliseconds of processor time an update, of all threads
    of this process; what carries the updates costs each way the same."""

    rate: float
    cost: float


async def took(way: Awaitable[float]) -> Took:
    begin = time.process_time()
    rate = await way
    return Took(rate, (time.process_time() - begin) * 1000 / (CHATS * VISITS * UPDATES))


async def measured(texts: Mapping[str, str]) -> dict[str, list[Took]]:
    """What each way took, a fresh city a run. Who goes first changes: a machine that grows slower
    or quicker meanwhile favours nobody."""
    ways = ("ours", "memory", "dialog", "pickle")
    found: dict[str, list[Took]] = {name: [] for name in ways}
    for turn in range(RUNS):
        for name in ways if turn % 2 == 0 else reversed(ways):
            found[name].append(await _way(name, texts))
    return found


async def _way(name: str, texts: Mapping[str, str]) -> Took:
    if name == "dialog":
        return await took(on_bare_dialog(CHATS, VISITS))
    if name == "pickle":
        return await took(pickled(CHATS, VISITS))
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), CHATS, VISITS, texts)
        found = await took(durable(city) if name == "ours" else in_memory(city))
        await city.close()
    return found


class Calls(Quiet):
    """Counts the requests to the messenger."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def answer(self, method: TelegramMethod[Any]) -> Any:
        self.calls += 1
        return super().answer(method)


async def counted(texts: Mapping[str, str]) -> Sequence[Row]:
    """What the updates ask of the database and of the messenger."""
    line = Calls()
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), CHATS, VISITS, texts)
        async with serving(city, line) as handle:
            asked = statements_of(city.database)
            await Talks(line, handle).all_of(city.cases)
        await city.close()
    notes = CHATS * VISITS
    statements, calls = len(asked) / (notes * UPDATES), line.calls / (notes * UPDATES)
    most = MOST_CALLS * UPDATES_BEFORE
    return [
        row("  statements an update", [statements], "", "<= 5", statements <= 5),
        row("  requests to the messenger, an update", [calls], "", "<= 1.7", calls <= MOST_CALLS),
        row(
            "  requests to the messenger, a note",
            [line.calls / notes],
            "",
            f"<= {most:.1f}",
            line.calls / notes <= most,
        ),
    ]


async def rows() -> Sequence[Row]:
    texts = read(FILE)["texts"]
    found = await measured(texts)
    named = {
        "ours": "visit, 32 chats, every update durable and sealed",
        "memory": "  the same on MemoryStorage, nothing stored",
        "dialog": "  the same form on bare aiogram-dialog, nothing stored",
        "pickle": "  PTB conversation, PicklePersistence after each",
    }
    return [
        *(row(what, [one.rate for one in found[way]], "updates/s") for way, what in named.items()),
        *(
            row(f"{what}: processor", [one.cost for one in found[way]], "ms")
            for way, what in named.items()
        ),
        _share(found, "dialog", "bare aiogram-dialog", 8),
        _share(found, "pickle", "python-telegram-bot", 6),
        *await counted(texts),
    ]


def _share(found: Mapping[str, Sequence[Took]], name: str, shown: str, most: float) -> Row:
    """The processor time of one turn beside each other, and the median of that."""
    pairs = zip(found["ours"], found[name], strict=True)
    shares = [mine.cost / other.cost for mine, other in pairs]
    met = median(shares) <= most
    return row(f"  ours / {shown}, processor time", shares, "x", f"<= {most:g}", met)
