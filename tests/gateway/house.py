"""A gateway over a platform, which can be ended and begun again, and the bot's side of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import aiogram

from bot.app.engines import direct_for
from gateway.bodies import GatewayBot
from gateway.platform import Platform
from gateway.server import Gateway, Tokens, listening
from gateway.store import Store
from gateway.tables import Transactions
from models.crypto import KeyRing
from tests.databases import engine_here
from tests.gateway.fake import Reader, Somebody
from tests.messenger.libraries import aiogram_bot

TOKEN, PUBLIC = "700001:local-staff", "700002:local-public"
BOT = GatewayBot(700001, "yinlu_staff_bot", "引路")
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RING = KeyRing.new()
BETWEEN = 4.0
"""Seconds that somebody takes to read and answer."""


def transactions_here(url: str) -> Transactions:
    engine = engine_here(url)
    return Transactions(engine, direct_for(engine))


@dataclass
class House:
    """A gateway over one file. `now`: the wall clock, moved by hand."""

    url: str
    now: datetime = field(default=MORNING, kw_only=True)
    refuse: bool = field(default=True, kw_only=True)

    def build(self) -> Platform:
        """The platform, as a process that begins makes it."""
        raise NotImplementedError

    def passes(self, **more: float) -> None:
        self.now += timedelta(**more)

    def store(self, platform: Platform | None = None) -> Store:
        here = platform or self.build()
        return Store(transactions_here(self.url), RING, lambda: self.now, here.name, here.tenant)

    @asynccontextmanager
    async def running(self, port: int = 0, waits: bool = True) -> AsyncIterator["Bot"]:
        platform = self.build()
        gateway = Gateway(self.store(platform), platform, BOT, Tokens(TOKEN, PUBLIC), self.refuse)
        async with listening(gateway, "127.0.0.1", port):
            task = asyncio.create_task(gateway.run())
            bot = aiogram_bot(gateway.url, TOKEN)
            try:
                if waits:
                    await platform.reached()
                yield Bot(bot, gateway, task=task)
            finally:
                await bot.session.close()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await gateway.store.transactions.close()


@dataclass
class Bot:
    """The bot's side, as aiogram speaks it. `task`: the running gateway."""

    api: aiogram.Bot
    gateway: Gateway
    offset: int = 0
    task: "asyncio.Task[None] | None" = None

    def is_unhurried(self) -> None:
        """A messenger's limits aren't reached: seconds pass between any two messages."""
        passed = count()
        self.gateway.outwards.limits.clock = lambda: next(passed) * BETWEEN

    async def updates(self, waits: int = 0) -> list[dict[str, Any]]:
        """What has come since it asked last, confirmed by asking. `waits`: seconds at most."""
        found = await self.api.get_updates(offset=self.offset, timeout=waits)
        if found:
            self.offset = found[-1].update_id + 1
        return [update.model_dump(mode="json", exclude_none=True) for update in found]

    async def next(self) -> dict[str, Any]:
        """The one update that comes: what somebody does may go by a connection."""
        (found,) = await self.updates(20)
        return found

    async def begun(self, somebody: Reader) -> int:
        """The chat of somebody who has just written for the first time."""
        await somebody.writes("你好")
        told = await self.next()
        assert told["message"]["text"] == "/start"
        return int(told["message"]["chat"]["id"])

    async def chat(self, somebody: Somebody) -> int:
        return (await self.gateway.store.account_of(somebody.account)).chat

    async def ended(self) -> BaseException:
        """What the gateway ended with."""
        assert self.task is not None
        problem = (await asyncio.gather(self.task, return_exceptions=True))[0]
        assert isinstance(problem, ExceptionGroup)
        return problem.exceptions[0]
