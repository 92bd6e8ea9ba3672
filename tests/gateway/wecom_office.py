"""A gateway to the stand-in for WeCom, which can be ended and begun again over the same file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.app.database import engine_for
from gateway.server import Gateway, Tokens, listening
from gateway.store import Store
from gateway.wecom.client import Sleep, WeComPlatform, WeComSettings
from tests.gateway import conftest as here
from tests.gateway.wecom_server import BOT, SECRET, Colleague, WeComServer
from tests.messenger.libraries import aiogram_bot


@dataclass
class Office:
    """`now`: the wall clock, moved by hand."""

    url: str
    server: WeComServer
    now: datetime = here.MORNING
    sleep: Sleep = asyncio.sleep

    def gateway(self) -> Gateway:
        platform = WeComPlatform(WeComSettings(BOT, SECRET, self.server.url), self.sleep)
        store = Store(engine_for(self.url), here.RING, lambda: self.now, "wecom", platform.tenant)
        return Gateway(store, platform, here.BOT, Tokens(here.TOKEN, here.PUBLIC))

    @asynccontextmanager
    async def running(self, port: int = 0, waits: bool = True) -> AsyncIterator["Desk"]:
        gateway = self.gateway()
        async with listening(gateway, "127.0.0.1", port):
            task = asyncio.create_task(gateway.run())
            bot = aiogram_bot(gateway.url, here.TOKEN)
            try:
                if waits:
                    await gateway.platform.reached()
                yield Desk(bot, gateway, task=task)
            finally:
                await bot.session.close()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await gateway.store.engine.dispose()


@dataclass
class Desk(here.Bot):
    """The bot's side, and the running gateway. Its updates are waited for: what somebody does goes
    by a connection."""

    task: "asyncio.Task[None] | None" = None

    async def next(self) -> dict[str, Any]:
        (found,) = await self.updates(20)
        return found

    async def begun(self, somebody: Colleague) -> int:
        """The chat of somebody who has just written for the first time."""
        await somebody.writes("你好")
        told = await self.next()
        assert told["message"]["text"] == "/start"
        return int(told["message"]["chat"]["id"])
