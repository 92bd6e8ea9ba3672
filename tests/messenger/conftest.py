"""A messenger on a free port, whoever writes there, and a bot of each library."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from messenger.client import MessengerClient, Person
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import Running, running
from tests.messenger.libraries import LIBRARIES, Library

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TOKEN = BOTS["staff"][0]


def picture(width: int = 40, height: int = 30) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height), (200, 60, 40)).save(made, "PNG")
    return made.getvalue()


@pytest.fixture(autouse=True)
def _as_the_next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of how it will show `retry_after`."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def server() -> AsyncIterator[Running]:
    here = MessengerSettings(port=0, clock=MORNING, started=True, retry=0.01)
    async with running(here) as server:
        yield server


@pytest.fixture
async def messenger(server: Running) -> AsyncIterator[MessengerClient]:
    async with MessengerClient(server.url) as messenger:
        yield messenger


@pytest.fixture
async def secretary(messenger: MessengerClient) -> Person:
    return await messenger.person("secretary", "staff")


@pytest.fixture(params=list(LIBRARIES))
async def library(request: pytest.FixtureRequest, server: Running) -> AsyncIterator[Library]:
    async with LIBRARIES[request.param](server.url, TOKEN) as library:
        yield library
