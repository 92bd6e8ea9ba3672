"""A gateway with a platform in memory, an aiogram bot asking it over HTTP, and somebody there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiogram
import pytest

from bot.app.database import engine_for
from gateway.bodies import GatewayBot
from gateway.platform import Abilities, Account
from gateway.server import Gateway, Tokens, listening
from gateway.store import Store
from models.crypto import KeyRing
from tests.gateway.fake import FakePlatform, Somebody
from tests.messenger.libraries import aiogram_bot

TOKEN, PUBLIC = "700001:local-staff", "700002:local-public"
BOT = GatewayBot(700001, "yinlu_staff_bot", "引路")
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RING = KeyRing.new()


@dataclass
class House:
    """A gateway that can be ended and begun again, over the same file. `now` moves by hand."""

    url: str
    platform: FakePlatform
    now: datetime = MORNING
    refuse: bool = True

    def passes(self, **more: float) -> None:
        self.now += timedelta(**more)

    def store(self) -> Store:
        here = self.platform
        return Store(engine_for(self.url), RING, lambda: self.now, here.name, here.tenant)

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator["Bot"]:
        store = self.store()
        gateway = Gateway(store, self.platform, BOT, Tokens(TOKEN, PUBLIC), self.refuse)
        self.platform.running.clear()
        async with listening(gateway, "127.0.0.1", port):
            task = asyncio.create_task(gateway.run())
            bot = aiogram_bot(gateway.url, TOKEN)
            try:
                await self.platform.running.wait()
                yield Bot(bot, gateway)
            finally:
                await bot.session.close()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await store.engine.dispose()


@dataclass
class Bot:
    """The bot's side, as aiogram speaks it."""

    api: aiogram.Bot
    gateway: Gateway
    offset: int = 0

    async def updates(self, waits: int = 0) -> list[dict[str, Any]]:
        """What has come since it asked last, confirmed by asking. `waits`: seconds at most."""
        found = await self.api.get_updates(offset=self.offset, timeout=waits)
        if found:
            self.offset = found[-1].update_id + 1
        return [update.model_dump(mode="json", exclude_none=True) for update in found]

    async def chat(self, somebody: Somebody) -> int:
        return (await self.gateway.store.account_of(somebody.account)).chat


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def house(tmp_path: Path, platform: FakePlatform) -> House:
    return House(f"sqlite+aiosqlite:///{tmp_path / 'gateway.db'}", platform)


@pytest.fixture
async def bot(house: House) -> AsyncIterator[Bot]:
    async with house.running() as bot:
        yield bot


@pytest.fixture
async def wang(platform: FakePlatform) -> Somebody:
    return Somebody(platform, Account("@wang:here.test", "!room1", "王芳"))


def can(**more: Any) -> Abilities:
    given: dict[str, Any] = {"buttons": 0, "text_bytes": 4000, "file_bytes": 1000, **more}
    return Abilities(**given)
