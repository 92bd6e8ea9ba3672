"""A gateway with a platform in memory, an aiogram bot asking it over HTTP, and somebody there.

The folders of other platforms have a `house` of their own; `bot` is theirs as well.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.platform import Account
from tests.gateway.fake import FakePlatform, Somebody
from tests.gateway.house import Bot, House


@dataclass
class FakeHouse(House):
    platform: FakePlatform

    def build(self) -> FakePlatform:
        self.platform.running.clear()
        return self.platform


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'gateway.db'}"


@pytest.fixture
def house(file: str, platform: FakePlatform) -> House:
    return FakeHouse(file, platform)


@pytest.fixture
async def bot(house: House) -> AsyncIterator[Bot]:
    async with house.running() as bot:
        yield bot


@pytest.fixture
async def wang(platform: FakePlatform) -> Somebody:
    return Somebody(platform, Account("@wang:here.test", "!room1", "王芳"))
