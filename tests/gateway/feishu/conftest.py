"""A gateway to the stand-in for Feishu."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from gateway.feishu.api import FeishuSettings
from gateway.feishu.client import FeishuPlatform, Sleep
from tests.gateway.feishu.server import APP, SECRET, Colleague, FeishuServer, feishu
from tests.gateway.house import House


async def soon(seconds: float) -> None:
    """What asks for a pause gets a short one."""
    await asyncio.sleep(min(seconds, 0.01))


@dataclass
class Office(House):
    server: FeishuServer
    sleep: Sleep = field(default=soon, kw_only=True)

    def build(self) -> FeishuPlatform:
        settings = FeishuSettings(APP, SECRET, self.server.url)
        return FeishuPlatform(settings, self.sleep, lambda: self.server.now)

    def pass_both(self, seconds: float) -> None:
        """Here and at Feishu."""
        self.passes(seconds=seconds)
        self.server.now += seconds


@pytest.fixture
async def server() -> AsyncIterator[FeishuServer]:
    async with feishu() as made:
        yield made


@pytest.fixture
def house(file: str, server: FeishuServer) -> Office:
    return Office(file, server)


@pytest.fixture
def wang(server: FeishuServer) -> Colleague:
    return Colleague(server)
