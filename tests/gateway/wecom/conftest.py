"""A gateway to the stand-in for WeCom."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from gateway.wecom.client import Sleep, WeComPlatform, WeComSettings
from tests.gateway.house import House
from tests.gateway.wecom.server import BOT, SECRET, Colleague, WeComServer, wecom


@dataclass
class Office(House):
    server: WeComServer
    sleep: Sleep = field(default=asyncio.sleep, kw_only=True)

    def build(self) -> WeComPlatform:
        return WeComPlatform(WeComSettings(BOT, SECRET, self.server.url), self.sleep)


@pytest.fixture
async def server() -> AsyncIterator[WeComServer]:
    async with wecom() as made:
        yield made


@pytest.fixture
def house(file: str, server: WeComServer) -> Office:
    return Office(file, server)


@pytest.fixture
def wang(server: WeComServer) -> Colleague:
    return Colleague(server)
