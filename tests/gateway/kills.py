"""What killing the gateway at named points does over the stand-ins for WeCom and Feishu.
`python -m benchmarks gateway` has 25 of each point."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.killing.nursery import Forked, Nursery
from benchmarks.matrix.chat import ANSWER, EchoBot
from benchmarks.matrix.kill import TEXTS, WITHIN, plan
from benchmarks.matrix.server import free_port
from benchmarks.matrix.victim import COUNT, MESSENGER, POINT, POINTS
from bot.app.settings import FEISHU, GATEWAYS, WECOM
from bot.processes.gateway import HOST
from gateway.gateway_texts import ZH
from tests.gateway.fake import Reader
from tests.gateway.feishu import server as of_feishu
from tests.gateway.house import RING, TOKEN
from tests.gateway.wecom import server as of_wecom

PASSED = tuple(point for point in POINTS if point != "place.after")
"""Without the place in a stream, which is Matrix's."""
MARKED = f"{ZH['repeated']}{ANSWER}"


@dataclass
class Verdict:
    """`texts`: written. `unheard`: the messenger gave them to a process that died before it stored
    them, and doesn't give them again. `lost`: told to the bot, and not answered in the chat.
    `marked`: answered again, and said to be a repetition. `unmarked`: answered again as if new.
    `told_twice`: told to the bot twice."""

    kills: int = 0
    unreached: int = 0
    texts: int = 0
    unheard: int = 0
    lost: int = 0
    marked: int = 0
    unmarked: int = 0
    told_twice: int = 0

    @property
    def wrong(self) -> int:
        return self.unreached + self.lost + self.unmarked + self.told_twice


@dataclass
class Place:
    """A stand-in, the bot behind its gateway, and somebody there. `there`: set while a gateway is
    connected."""

    folder: Path
    environment: dict[str, str]
    nursery: Nursery
    bot: EchoBot
    somebody: Reader
    there: asyncio.Event

    async def gateway(self, point: str = "", count: int = 1) -> Forked:
        self.there.clear()
        armed = {POINT: point, COUNT: str(count)}
        process = await self.nursery.spawn(self.environment | armed, self.folder / "gateway.log")
        async with asyncio.timeout(WITHIN):
            await self.there.wait()
        return process

    def answered(self, text: str, mark: str = ANSWER) -> int:
        lines = [line for seen in self.somebody.sees() for line in seen.split("\n")]
        return lines.count(f"{mark} {text}")

    async def writes(self, text: str, process: Forked) -> None:
        """Until it is answered, or the gateway has died."""
        await self.somebody.writes(text)
        ended = asyncio.create_task(process.ended.wait())
        try:
            while not ended.done() and not self.answered(text):
                looks = asyncio.create_task(self.somebody.looks())
                await asyncio.wait({ended, looks}, return_when=asyncio.FIRST_COMPLETED)
                looks.cancel()
        finally:
            ended.cancel()


@asynccontextmanager
async def place(folder: Path, name: str) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        somebody: Reader
        if name == WECOM:
            wecom = await stack.enter_async_context(of_wecom.wecom())
            somebody, there = of_wecom.Colleague(wecom), wecom.subscribed
            account, secret, url = of_wecom.BOT, of_wecom.SECRET, wecom.url
        else:
            feishu = await stack.enter_async_context(of_feishu.feishu())
            somebody, there = of_feishu.Colleague(feishu), feishu.connected
            account, secret, url = of_feishu.APP, of_feishu.SECRET, feishu.url
        port, known = free_port(), "BOT" if name == WECOM else "APP"
        environment = dict(os.environ) | {
            MESSENGER: name,
            "YINLU_DATA": str(folder),
            "YINLU_KEYS": RING.write(),
            "YINLU_STAFF_TOKEN": TOKEN,
            "YINLU_GATEWAY_PORT": str(port - GATEWAYS.index(name)),
            f"YINLU_{name.upper()}_{known}": account,
            f"YINLU_{name.upper()}_SECRET": secret,
            f"YINLU_{name.upper()}_URL": url,
        }
        nursery, bot = Nursery("benchmarks.matrix.victim"), EchoBot(f"http://{HOST}:{port}", TOKEN)
        await nursery.start()
        stack.push_async_callback(nursery.stop)
        await stack.enter_async_context(bot.running())
        yield Place(folder, environment, nursery, bot, somebody, there)


async def kill_run(folder: Path, name: str, each: int, seed: int) -> Verdict:
    """`each`: kills at each point."""
    assert name in (WECOM, FEISHU)
    verdict, written = Verdict(), list[str]()
    async with place(folder, name) as here:
        first = await here.gateway()
        await here.somebody.writes("你好")
        await here.somebody.hears(f"{ANSWER} /start")
        await _end(first)
        for point, count in plan(seed, each, PASSED):
            process = await here.gateway(point, count)
            for _ in range(TEXTS):
                if not process.ended.is_set():
                    written.append(f"第{len(written)}句")
                    await here.writes(written[-1], process)
            try:
                async with asyncio.timeout(WITHIN):
                    await process.wait()
                verdict.kills += 1
            except TimeoutError:
                verdict.unreached += 1
                await _end(process)
        last = await here.gateway()
        # What comes again comes before: the last process has nothing else left to do then.
        await here.somebody.writes("完")
        await here.somebody.hears(f"{ANSWER} 完")
        await _end(last)
        _judge(verdict, written, here)
    return verdict


async def _end(process: Forked) -> None:
    process.kill()
    await process.wait()


def _judge(verdict: Verdict, written: list[str], here: Place) -> None:
    verdict.texts = len(written)
    for text in written:
        told, plain = here.bot.texts[text], here.answered(text)
        marked = here.answered(text, MARKED)
        verdict.unheard += not told
        verdict.told_twice += told > 1
        verdict.lost += bool(told) and not plain + marked
        verdict.unmarked += max(0, plain - 1)
        verdict.marked += marked
