"""A gateway with a platform in memory, an aiogram bot asking it over HTTP, and somebody there.

The folders of other platforms have a `house` of their own; `bot` is theirs as well.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.platform import Account
from tests.conftest import AGAIN
from tests.databases import empty_database
from tests.gateway.fake import FakePlatform, Somebody
from tests.gateway.house import Bot, House

on_both_stores = pytest.mark.parametrize("file", AGAIN, indirect=True)
"""As `on_both`, for the gateway's own database."""


@dataclass
class FakeHouse(House):
    platform: FakePlatform

    def build(self) -> FakePlatform:
        self.platform.running.clear()
        return self.platform


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dead gateway was at is done again before the bot is answered, however busy the machine
    is: the bot's next try would be no test's story."""
    monkeypatch.setattr("gateway.outwards.READY_WITHIN", 120.0)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
async def file(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The gateway's own database, without tables: SQLite where nothing else is asked for."""
    folder = tmp_path / "gateway"
    folder.mkdir()
    async with empty_database(request, folder) as url:
        yield url


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
