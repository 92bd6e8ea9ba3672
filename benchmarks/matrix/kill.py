"""What killing the gateway at named points loses or does twice, over a real Matrix server."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.killing.nursery import Forked, Nursery
from benchmarks.left_behind import ends_with_us
from benchmarks.matrix.chat import ANSWER, EchoBot, Writer
from benchmarks.matrix.server import PASSWORD, Synapse, free_port, serving
from benchmarks.matrix.victim import COUNT, POINT, POINTS
from bot.processes.gateway import HOST
from models.crypto import KeyRing

TOKEN = "700001:only-on-this-machine"
WITHIN = 60.0
TEXTS = 3
"""Written to each process."""
ONCE = ("place.after", "confirmed.after")
"""Points that several texts may pass together."""


@dataclass
class GatewayVerdict:
    """`unreached`: processes that never came to their point. `lost`: texts without an answer in the
    chat. `twice`: texts answered again. `told_twice`: texts that the bot was told twice."""

    kills: int = 0
    unreached: int = 0
    texts: int = 0
    lost: int = 0
    twice: int = 0
    told_twice: int = 0

    @property
    def wrong(self) -> int:
        return self.unreached + self.lost + self.twice + self.told_twice


def plan(seed: int, each: int, points: Sequence[str] = POINTS) -> list[tuple[str, int]]:
    """A point and at which passing of it, `each` times for every point; the same for one seed."""
    dice = random.Random(seed)
    made = [
        (point, 1 if point in ONCE else dice.randint(1, TEXTS))
        for point in points
        for _ in range(each)
    ]
    dice.shuffle(made)
    return made


@dataclass
class Town:
    """A server, the bot behind its gateway, and somebody in a private room with it."""

    folder: Path
    port: int
    environment: dict[str, str]
    nursery: Nursery
    server: Synapse
    bot: EchoBot
    writer: Writer

    async def production(self, program: Path) -> asyncio.subprocess.Process:
        """The gateway as it is installed, and nothing of a measurement within it."""
        process = await asyncio.create_subprocess_exec(
            program, "gateway", "matrix", env=self.environment, stderr=asyncio.subprocess.DEVNULL
        )
        ends_with_us(process.pid)
        return process

    async def gateway(self, point: str = "", count: int = 1) -> Forked:
        armed = {POINT: point, COUNT: str(count)}
        return await self.nursery.spawn(self.environment | armed, self.folder / "gateway.log")


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    nursery, port = Nursery("benchmarks.matrix.victim"), free_port()
    await nursery.start()
    bot = EchoBot(f"http://{HOST}:{port}", TOKEN)
    try:
        async with serving(folder / "synapse") as server:
            account = await server.register("yinlu")
            environment = dict(os.environ) | {
                "YINLU_DATA": str(folder),
                "YINLU_KEYS": KeyRing.new().write(),
                "YINLU_STAFF_TOKEN": TOKEN,
                "YINLU_GATEWAY_PORT": str(port),
                "YINLU_MATRIX_URL": server.url,
                "YINLU_MATRIX_USER": account,
                "YINLU_MATRIX_PASSWORD": PASSWORD,
                "YINLU_MATRIX_ENCRYPTED": "0",
            }
            async with Writer.at(server, "wang") as writer, bot.running():
                made = Town(folder, port, environment, nursery, server, bot, writer)
                first = await made.gateway()
                await writer.opens(account)
                await writer.writes("你好")
                # A first message opens the chat, whatever it says.
                await writer.hears("/start")
                first.kill()
                await first.wait()
                yield made
    finally:
        await nursery.stop()


async def kill_run(folder: Path, each: int, seed: int) -> GatewayVerdict:
    """`each`: kills at each point."""
    verdict = GatewayVerdict()
    written: list[str] = []
    async with town(folder) as here:
        for point, count in plan(seed, each):
            process = await here.gateway(point, count)
            for _ in range(TEXTS):
                written.append(str(len(written)))
                await here.writer.writes(written[-1])
            try:
                async with asyncio.timeout(WITHIN):
                    await process.wait()
                verdict.kills += 1
            except TimeoutError:
                verdict.unreached += 1
                process.kill()
                await process.wait()
        last = await here.gateway()
        # What comes twice comes before: the last process has nothing else left to do then.
        await here.writer.writes("完")
        await here.writer.hears("完")
        last.kill()
        await last.wait()
        await _judge(verdict, written, here)
    return verdict


async def _judge(verdict: GatewayVerdict, written: Sequence[str], here: Town) -> None:
    stands = await here.writer.stands()
    heard = [stands[f"{ANSWER} {text}"] for text in written]
    verdict.texts = len(written)
    verdict.lost = sum(not times for times in heard)
    verdict.twice = sum(times > 1 for times in heard)
    verdict.told_twice = sum(here.bot.texts[text] > 1 for text in written)
