"""How long an invited person waits for an answer while forty uninvited chats write ten messages a
second each (docs/promises.md Q12): the way of an update in the real process, admission first.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import count, cycle
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from aiogram.methods import SendMessage, TelegramMethod

from benchmarks import city as cities
from benchmarks.quiet import Quiet, kept, said
from benchmarks.rows import Row, row
from benchmarks.talk import NUMBERS
from bot.pipeline.admission import Admission, Admissions
from bot.pipeline.turns import Turn
from sandbox.people import FILE, read
from services.messages.group_commit import as_it_comes
from services.messages.inbox import Inbox, Incoming

INVITED, STRANGERS, PER_SECOND = 16, 40, 10
SECONDS, EVERY, RUNS = 15.0, 0.1, 3
"""How long the flood lasts, and how often somebody invited asks meanwhile."""
PATIENCE = 60.0
MOST_SECONDS = 2.0
ASKED = "待办"


class Listening(Quiet):
    """`waiting`: by chat, the questions that wait for an answer, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[int, deque[asyncio.Event]] = defaultdict(deque)

    def answer(self, method: TelegramMethod[Any]) -> Any:
        result = super().answer(method)
        if isinstance(method, SendMessage) and (asked := self.waiting[int(method.chat_id)]):
            asked.popleft().set()
        return result


class Entrance:
    """Updates as they come are admitted, stored and handled, a batch at a time."""

    def __init__(self, city: cities.City, line: Quiet, turn: Turn | None = None) -> None:
        self.turn = turn
        self.inbox = Inbox(city.database, as_it_comes if turn is None else turn.taken)
        self.worker = cities.worker_of(city, line, self.inbox, turn)
        self.doors = Admissions(Admission(city.services.newcomers), self.worker.wake_others)
        self.waiting: list[Incoming] = []
        self.more = asyncio.Event()

    def hears(self, chat: int, text: str) -> None:
        self.comes(written(chat, text))

    def comes(self, what: Incoming) -> None:
        self.waiting.append(what)
        self.more.set()

    async def poll(self) -> None:
        """Until cancelled."""
        while True:
            await self.more.wait()
            self.more.clear()
            batch, self.waiting = self.waiting, []
            store = self.doors.store("staff", self.inbox, batch, cities.MORNING, self.worker.wake)
            await (store if self.turn is None else self.turn.take(store))


def written(chat: int, text: str) -> Incoming:
    """What somebody writes, as the messenger gives it."""
    return kept(said(next(NUMBERS), chat, text))


async def answered(entrance: Entrance, line: Listening, chat: int) -> float:
    """Seconds until somebody who asks is answered; also what never was counts, as long as was
    waited for it."""
    came, begun = asyncio.Event(), time.perf_counter()
    line.waiting[chat].append(came)
    entrance.hears(chat, ASKED)
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await came.wait()
    return time.perf_counter() - begun


async def answered_within(city: cities.City) -> float:
    """Seconds within which 99 of a hundred answers to invited people came."""
    line = Listening()
    entrance = Entrance(city, line)

    async def flood() -> None:
        for number in count():
            for stranger in range(STRANGERS):
                entrance.hears(900_000 + stranger, f"{number}")
            await asyncio.sleep(1 / PER_SECOND)

    beside = [asyncio.create_task(entrance.poll()), asyncio.create_task(flood())]
    try:
        asking = []
        for _, chat in zip(range(int(SECONDS / EVERY)), cycle(city.cases), strict=False):
            asking.append(asyncio.create_task(answered(entrance, line, chat)))
            await asyncio.sleep(EVERY)
        waited = await asyncio.gather(*asking)
    finally:
        for task in beside:
            task.cancel()
        await entrance.worker.stop()
    return quantiles(waited, n=100)[-1]


async def rows() -> Sequence[Row]:
    found, texts = [], read(FILE)["texts"]
    for _ in range(RUNS):
        with TemporaryDirectory() as folder:
            city = await cities.build(Path(folder), INVITED, 1, texts)
            found.append(await answered_within(city))
            await city.close()
    what = f"{STRANGERS} strangers at {PER_SECOND}/s: an invited person, 99th percentile"
    return [row(what, found, "s", f"<= {MOST_SECONDS:.0f}", max(found) <= MOST_SECONDS)]
