"""A thousand accounts over one gateway: all press and write at once, over a platform in memory."""

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession, TCPConnector

from benchmarks.rows import Row, row
from bot.app.clock import SystemClock
from bot.app.engines import sqlite_url
from bot.processes.gateway import HOST, USERNAME, gateway_ring, transactions_for
from gateway.bodies import GatewayBot
from gateway.platform import Abilities, Account, Content, Part, Rate, Receive, Refused, Written
from gateway.server import Gateway, Tokens, listening
from gateway.store import Store
from models.crypto import KeyRing

PEOPLE = 1000
TOKEN = "700001:only-on-this-machine"
FREE = Abilities(buttons=0, text_bytes=20_000, file_bytes=1000, keys_hold=inf)
FEISHU = replace(FREE, chat=(Rate(5, 1.0),), overall=(Rate(50, 1.0), Rate(1000, 60.0)))
"""A messenger that lets so many through as Feishu does."""
LETTER = re.compile(r"^([A-Z]{1,2}) 好$", re.MULTILINE)
WORKERS = 100


@dataclass
class Crowd:
    """The platform, and everybody on it. `said`: what each was sent, in order. `sent`: when."""

    abilities: Abilities
    name: str = "crowd"
    tenant: str = "here"
    link: str = ""
    connected: bool = True
    said: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sent: list[float] = field(default_factory=list)
    receive: Receive | None = None

    def __post_init__(self) -> None:
        self.numbers = count(1)
        self.running, self.spoke = asyncio.Event(), asyncio.Event()

    async def reached(self) -> None:
        await self.running.wait()

    async def run(self, receive: Receive) -> None:
        self.receive = receive
        self.running.set()
        await asyncio.Event().wait()

    async def send(self, account: Account, part: Part, key: str) -> str:
        self.sent.append(time.monotonic())
        self.said[account.key].append(part.said.plain)
        self.spoke.set()
        return f"m{next(self.numbers)}"

    async def change(self, account: Account, message: str, part: Part, key: str) -> None:
        self.said[account.key].append(part.said.plain)

    async def remove(self, account: Account, message: str) -> None:
        pass

    async def answer(self, account: Account, token: Mapping[str, Any], text: str) -> None:
        pass

    async def drawn(
        self, account: Account, token: Mapping[str, Any], note: str, part: Part | None
    ) -> None:
        pass

    async def store(
        self, account: Account, kind: str, name: str, content_type: str, content: bytes
    ) -> Content:
        raise Refused("nobody sends files here")

    async def fetch(self, content: Content) -> bytes:
        raise Refused("nobody sends files here")

    async def writes(self, who: str, text: str) -> None:
        assert self.receive is not None
        event = Written(f"e{next(self.numbers)}", Account(who, who, who), text)
        await self.receive(event)

    async def until(self, text: str) -> None:
        """Everybody was told this."""
        while sum(text in "".join(self.said[who]) for who in everybody()) < PEOPLE:
            self.spoke.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.spoke.wait()
            await asyncio.sleep(0.1)


def everybody() -> list[str]:
    return [f"p{number}" for number in range(PEOPLE)]


@dataclass
class Bot:
    """Answers each chat in order, many chats at once, and waits where it is told to."""

    url: str
    waits: int = 0
    chats: dict[int, deque[dict[str, Any]]] = field(default_factory=dict)

    async def run(self) -> None:
        async with ClientSession(connector=TCPConnector(limit=0)) as self.session:
            offset, slots = 0, asyncio.Semaphore(WORKERS)
            async with asyncio.TaskGroup() as group:
                while True:
                    for update in await self._asked("getUpdates", offset=offset, timeout=20):
                        offset = update["update_id"] + 1
                        chat = _chat(update)
                        waiting = self.chats.setdefault(chat, deque())
                        waiting.append(update)
                        if len(waiting) == 1:
                            group.create_task(self._serve(chat, slots))

    async def _serve(self, chat: int, slots: asyncio.Semaphore) -> None:
        while self.chats[chat]:
            await self._answer(chat, self.chats[chat][0], slots)
            self.chats[chat].popleft()

    async def _answer(self, chat: int, update: dict[str, Any], slots: asyncio.Semaphore) -> None:
        if press := update.get("callback_query"):
            await self._asked("answerCallbackQuery", slots, callback_query_id=press["id"])
            message = press["message"]["message_id"]
            told = {"chat_id": chat, "message_id": message, "text": "选好了"}
            await self._asked("editMessageText", slots, **told)
            return
        text = update["message"]["text"]
        told = {"chat_id": chat, "text": f"收到{text}"}
        if text == "/start":
            told["reply_markup"] = {"inline_keyboard": [[{"text": "好", "callback_data": "x"}]]}
        await self._asked("sendMessage", slots, **told)

    async def _asked(self, method: str, slots: asyncio.Semaphore | None = None, **told: Any) -> Any:
        url = f"{self.url}/bot{TOKEN}/{method}"
        while True:
            async with slots or nullcontext(), self.session.post(url, json=told) as got:
                said = await got.json()
            if said["ok"]:
                return said["result"]
            assert said["error_code"] == 429, said
            self.waits += 1
            await asyncio.sleep(said["parameters"]["retry_after"])


def _chat(update: dict[str, Any]) -> int:
    press = update.get("callback_query")
    return int((press or update)["message"]["chat"]["id"])


@dataclass
class Told:
    """`spent`: seconds until all were answered. `memory`: megabytes that this took. `mixed`: people
    whose answers came in another order than they wrote. `most`: messages within any second."""

    spent: float
    memory: float
    mixed: int
    most: int
    waits: int


async def crowded(folder: Path, abilities: Abilities) -> Told:
    crowd, ring = Crowd(abilities), gateway_ring(KeyRing.new())
    rows = transactions_for(sqlite_url(folder / "gateway.sqlite3"))
    store = Store(rows, ring, SystemClock().now, crowd.name, crowd.tenant)
    gateway = Gateway(store, crowd, GatewayBot(700001, USERNAME, "引路"), Tokens(TOKEN))
    async with listening(gateway, HOST, 0):
        bot = Bot(gateway.url)
        tasks = [asyncio.create_task(gateway.run()), asyncio.create_task(bot.run())]
        await crowd.reached()
        for who in everybody():
            await crowd.writes(who, "你好")
        await crowd.until("收到/start")
        before, begun, crowd.sent[:] = _resident(), time.monotonic(), []
        letters = {who: LETTER.findall(crowd.said[who][-1])[0] for who in everybody()}
        # One after the other, as the connection of a messenger brings them.
        for text in (None, "第二句", "第三句"):
            for who, letter in letters.items():
                await crowd.writes(who, text or letter)
        await crowd.until("收到第三句")
        spent, memory = time.monotonic() - begun, _resident() - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await rows.close()
    right = ["选好了", "收到第二句", "收到第三句"]
    mixed = sum(crowd.said[who][1:] != right for who in everybody())
    return Told(spent, memory, mixed, _most(crowd.sent), bot.waits)


def _most(sent: Sequence[float]) -> int:
    """Messages within any second."""
    found, recent = 0, deque[float]()
    for at in sent:
        recent.append(at)
        while recent[0] <= at - 1:
            recent.popleft()
        found = max(found, len(recent))
    return found


def _resident() -> float:
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return next(int(parts[1]) for parts in lines if parts[0] == "VmRSS:") / 1024


async def rows() -> Sequence[Row]:
    found = []
    for name, abilities in (("no limit", FREE), ("limits as Feishu's", FEISHU)):
        with TemporaryDirectory() as folder:
            told = await crowded(Path(folder), abilities)
        print(name, told)
        what = f"{PEOPLE} accounts, each a press and two texts at once, {name}"
        found += [
            row(f"until all are answered: {what}", [told.spent], "s"),
            row(f"memory that took: {name}", [told.memory], "MB"),
            row(f"accounts answered out of order: {name}", [told.mixed], "", "0", not told.mixed),
        ]
    within = told.most <= FEISHU.overall[0].most
    most = f"<= {FEISHU.overall[0].most}"
    return [
        *found,
        row("messages within any second, limits as Feishu's", [told.most], "", most, within),
    ]
