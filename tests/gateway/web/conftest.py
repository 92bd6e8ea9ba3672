"""A gateway that is the messenger as well, and people who open its page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from gateway.platform import Platform
from gateway.store import Store
from gateway.web.client import WebPlatform
from gateway.web.passphrases import Cost
from gateway.web.settings import WebSettings
from tests.gateway.house import RING, Bot, House, transactions_here
from tests.gateway.web.pages import Browser
from tests.ports import free_port

QUICK = Cost(operations=1, memory=8192)
"""Of a passphrase: what it costs in earnest is tested once."""
TOKEN = "A1b2C3d4E5f6G7h8J9k0L1m2"


@dataclass
class Office(House):
    port: int = field(default_factory=free_port)
    seconds: float = field(default=0.0, kw_only=True)

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def build(self) -> WebPlatform:
        store = Store(transactions_here(self.url), RING, lambda: self.now, "web", "web")
        settings = WebSettings(self.page, port=self.port, cost=QUICK)
        return WebPlatform(settings, store, lambda: self.seconds)

    def store(self, platform: Platform | None = None) -> Store:
        """The platform's rows are in the gateway's own database."""
        here = platform or self.build()
        assert isinstance(here, WebPlatform)
        return here.records.store

    def passes(self, **more: float) -> None:
        before = self.now
        super().passes(**more)
        self.seconds += (self.now - before).total_seconds()


Opens = Callable[..., Browser]


@pytest.fixture
def house(file: str) -> Office:
    return Office(file)


@pytest.fixture
def opens(house: Office) -> Opens:
    """Another browser."""

    def browser(**more: Any) -> Browser:
        return Browser(house.page, aiohttp.CookieJar(unsafe=True), **more)

    return browser


@pytest.fixture
async def wang(opens: Opens) -> Browser:
    return opens()


def platform_of(bot: Bot) -> WebPlatform:
    platform = bot.gateway.platform
    assert isinstance(platform, WebPlatform)
    return platform


async def taken_in(bot: Bot, somebody: Browser, token: str = TOKEN, *, joined: bool = True) -> int:
    """Somebody whom the bot has let in; their chat."""
    await somebody.joins(token)
    if joined:
        records = platform_of(bot).records
        account = await records.account_named(somebody.name)
        assert account is not None
        await records.take_in(account.key)
    told = (await bot.next())["message"]
    assert told["text"] == f"/start {token}"
    return int(told["chat"]["id"])
