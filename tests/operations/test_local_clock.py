"""The staff bot in step with the local messenger's clock, while the database or it is away."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.exc import OperationalError

from bot.app import clock as following
from bot.app.clock import FollowedClock
from sandbox import local_staff as module
from sandbox.local_staff import MessengerSync
from tests.operations.process import HANGS

AWAY = OperationalError("SELECT", {}, Exception("terminating connection"))


class Bot:
    """One whose looks meet these errors, and then succeed."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.looks, self.woken = list(errors), 0, asyncio.Event()
        self.clock = FollowedClock("http://127.0.0.1:9")
        self.jobs, self.deliverer = SimpleNamespace(look=self.look), SimpleNamespace(wake=self.wake)

    async def look(self) -> None:
        self.looks += 1
        if self.errors:
            raise self.errors.pop()

    def wake(self) -> None:
        self.woken.set()


async def follows(bot: Any) -> None:
    """The clock was moved on; until what is due then is sent."""
    looking = asyncio.create_task(MessengerSync(bot.clock.url).look(bot))
    bot.clock.moved.set()
    sent = asyncio.create_task(bot.woken.wait())
    async with asyncio.timeout(HANGS):
        await asyncio.wait({looking, sent}, return_when=asyncio.FIRST_COMPLETED)
    sent.cancel()
    if looking.done():
        looking.result()
    looking.cancel()


async def test_a_look_that_finds_the_database_away_is_taken_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0)
    bot = Bot(AWAY, AWAY)
    await follows(bot)
    assert bot.looks == 3


async def test_another_error_ends_the_part() -> None:
    bot = Bot(ValueError())
    with pytest.raises(ValueError):  # noqa: PT011, it is raised here
        await follows(bot)
    assert bot.looks == 1


async def test_a_messenger_that_fell_silent_is_followed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT", 0.02)
    monkeypatch.setattr(following, "RECONNECT", 0)
    asked, again = asyncio.Queue[int](), asyncio.Event()

    async def silent(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        asked.put_nowait(1)
        if asked.qsize() == 2:
            again.set()
        async for _ in socket:
            pass
        return socket

    app = web.Application()
    app.add_routes([web.get("/api/events", silent)])
    async with TestServer(app) as server:
        follows = asyncio.create_task(FollowedClock(str(server.make_url(""))).follow())
        asks = asyncio.create_task(again.wait())
        async with asyncio.timeout(HANGS):
            await asyncio.wait({follows, asks}, return_when=asyncio.FIRST_COMPLETED)
        assert not follows.done()
        follows.cancel()
