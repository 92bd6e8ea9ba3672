"""What single updates and reminders take on a PostgreSQL of this machine, one after the other: by
this `benchmarks.nation` is driven."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import Bot
from aiogram.methods import TelegramMethod
from sqlmodel import col, select

from benchmarks import city as cities
from benchmarks.cells import spent_below
from benchmarks.postgres import on_server, postgres_server
from benchmarks.quiet import Quiet, kept, said
from benchmarks.talk import NUMBERS, Talks
from benchmarks.visit import serving
from bot.pipeline.deliverer import Deliverer
from bot.pipeline.limiter import NEW, SHOWN
from handlers.staff.messages.notifier import Notifier
from models import DeadlineRow
from sandbox.people import FILE, read
from services.messages.inbox import Incoming

CHATS, VISITS, VISITING, LOOKS = 40, 2, 8, 80
WARM = 12
"""Updates that aren't counted: what a process does once."""
ASKED = "待办"


@dataclass(frozen=True)
class Cost:
    """Seconds of the processor, those of the database's, for which it waits, and the requests that
    count against the limit of the token, each with whether something new appears in the chat."""

    works: float
    waits: float
    requests: tuple[bool, ...]


@dataclass(frozen=True)
class Costs:
    steps: Sequence[Cost]
    looks: Sequence[Cost]
    reminder: float


class Counting(Quiet):
    """Writes down which requests would count."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[bool] = []

    def answer(self, method: TelegramMethod[Any]) -> Any:
        name = type(method).__name__
        if getattr(method, "chat_id", None) is not None and name.startswith(SHOWN):
            self.requests.append(name.startswith(NEW))
        return super().answer(method)


@dataclass
class Stopwatch:
    """Of a way that handles one update at a time."""

    line: Counting
    handle: Any
    found: list[Cost] = field(default_factory=list)

    async def __call__(self, incoming: Incoming) -> None:
        self.line.requests.clear()
        works = time.process_time()
        await self.handle(incoming)
        self.found.append(Cost(time.process_time() - works, 0.0, tuple(self.line.requests)))


async def measured() -> Costs:
    texts = read(FILE)["texts"]
    with postgres_server() as server, TemporaryDirectory() as folder:
        address = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        async with on_server(address) as url:
            city = await cities.build(Path(folder), CHATS, VISITS, texts, url=url)
            try:
                before = spent_below(server.get_pid())
                steps, looks = await _steps(city), await _looks(city)
                # What the database worked: waited was for whoever else uses the machine as well.
                count = len(steps) + len(looks) + 2 * WARM
                each = (spent_below(server.get_pid()) - before) / count
                steps, looks = _waiting(steps, each), _waiting(looks, each)
                return Costs(steps, looks, await _reminder(city))
            finally:
                await city.close()


def _waiting(found: Sequence[Cost], seconds: float) -> Sequence[Cost]:
    return [replace(cost, waits=seconds) for cost in found]


async def _steps(city: cities.City) -> Sequence[Cost]:
    """The notes of visits, by one person after the other."""
    line = Counting()
    async with serving(city, line) as handle:
        watch = Stopwatch(line, handle)
        for chat, cases in [*city.cases.items()][:VISITING]:
            await Talks(line, watch).all_of({chat: cases})
    return watch.found[WARM:]


async def _looks(city: cities.City) -> Sequence[Cost]:
    """The lists of what is to be done, each time another person's."""
    line = Counting()
    async with serving(city, line) as handle:
        watch = Stopwatch(line, handle)
        for _, chat in zip(range(WARM + LOOKS), [*city.cases] * LOOKS, strict=False):
            await watch(kept(said(next(NUMBERS), chat, ASKED)))
    return watch.found[WARM:]


async def _reminder(city: cities.City) -> float:
    """Processor seconds for each message of a morning, from what is due to its being sent."""
    chats = [*city.cases]
    await _remind(city, chats[:WARM])
    works = time.process_time()
    told = await _remind(city, chats[WARM:])
    return (time.process_time() - works) / told


async def _remind(city: cities.City, chats: Sequence[int]) -> int:
    """Let something be due in each case of these, and return how many messages it made."""
    today, services = cities.MORNING.date(), city.services
    cases = [case for chat in chats for case in city.cases[chat]]
    async with city.database.write() as session:
        found = select(DeadlineRow).where(col(DeadlineRow.case_id).in_(cases))
        for one in (await session.exec(found)).all():
            one.next_look, one.due_on = today, today + timedelta(days=1)
            session.add(one)
    told = await services.reminders.look(cities.MORNING)
    notifier = Notifier(Bot("42:TEST", session=Counting()), services, lambda: cities.MORNING)
    deliverer = Deliverer(services.outgoing, notifier, lambda: cities.MORNING, "costs")
    while await deliverer.round():
        pass
    return told
