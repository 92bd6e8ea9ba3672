"""Files that come slowly: they take no place from others, and are given up when nothing comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex

import pytest
from aiohttp import BodyPartReader

from gateway.web import uploads
from gateway.web.uploads import next_piece
from tests.gateway.house import Bot
from tests.gateway.web.conftest import Opens, taken_in
from tests.gateway.web.pages import Answer, Browser, form

KILOBYTE = 1024
OTHER = "B1b2C3d4E5f6G7h8J9k0L1m2"
WITHIN = 20


@dataclass
class Slow:
    """An upload that has come as far as `begun` bytes of its file, and rests until it `goes_on`."""

    begun: int
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    boundary: str = field(default_factory=token_hex)

    async def body(self) -> AsyncIterator[bytes]:
        for name, value in (("text", "名单"), ("key", token_hex(8))):
            yield self._head(f'name="{name}"') + value.encode() + b"\r\n"
        yield self._head('name="file"; filename="list.bin"') + b"x" * self.begun
        await self.goes_on.wait()
        yield f"x\r\n--{self.boundary}--\r\n".encode()

    def _head(self, told: str) -> bytes:
        return f"--{self.boundary}\r\nContent-Disposition: form-data; {told}\r\n\r\n".encode()

    async def sent(self, somebody: Browser) -> Answer:
        kind = f"multipart/form-data; boundary={self.boundary}"
        return await somebody.asks(
            "POST", "/api/messages", data=self.body(), headers={"Content-Type": kind}
        )


@dataclass
class Held:
    most: int
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    read: int = 0

    async def next_piece(self, part: BodyPartReader) -> bytes:
        found = await next_piece(part)
        self.read += len(found)
        if self.read >= self.most:
            self.enough.set()
        return found


@asynccontextmanager
async def going(somebody: Browser, begun: int) -> AsyncIterator[tuple[Slow, asyncio.Task[Answer]]]:
    """Entered when the server has what has come so far, but for what may be the end of the file."""
    slow, held = Slow(begun), Held(begun - 10 * KILOBYTE)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(uploads, "next_piece", held.next_piece)
        sending = asyncio.create_task(slow.sent(somebody))
        async with asyncio.timeout(WITHIN):
            await held.enough.wait()
    try:
        yield slow, sending
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def sends(somebody: Browser, size: int) -> Answer:
    data = form(("list.bin", b"x" * size, "application/octet-stream"))
    return await somebody.asks("POST", "/api/messages", data=data)


@pytest.fixture
async def li(bot: Bot, wang: Browser, opens: Opens) -> Browser:
    """A colleague of hers, from another address."""
    await taken_in(bot, wang)
    found = opens(name="李明", address="10.0.0.8")
    await taken_in(bot, found, OTHER)
    return found


async def test_a_file_of_which_nothing_comes_is_given_up_and_she_is_told_that_it_was_slow(
    bot: Bot, wang: Browser, li: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "STALLED", 0.05)
    async with going(wang, 20 * KILOBYTE) as (_, sending):
        answer = await sending
    assert (answer.status, answer.code) == (408, "slow_upload")
    assert "没有丢" in answer.body["text"]
    assert await bot.updates() == [], "nothing of it is there"
    # What it held is free again.
    monkeypatch.setattr(uploads, "EACH_HELD", 25 * KILOBYTE)
    assert (await sends(wang, 20 * KILOBYTE)).status == 200


async def test_one_person_fills_their_own_share_and_nobody_elses(
    wang: Browser, li: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "EACH_HELD", 100 * KILOBYTE)
    async with going(wang, 80 * KILOBYTE) as (slow, sending):
        answer = await sends(wang, 60 * KILOBYTE)
        assert (answer.status, answer.code) == (503, "busy"), "the page sends it again by itself"
        assert (await sends(li, 60 * KILOBYTE)).status == 200
        slow.goes_on.set()
        assert (await sending).status == 200, "slow, and it came"
    assert (await sends(wang, 60 * KILOBYTE)).status == 200


async def test_long_files_that_come_slowly_leave_room_for_a_photo(
    wang: Browser, li: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SMALL", 10 * KILOBYTE)
    monkeypatch.setattr(uploads, "HELD_BY_LARGE", 100 * KILOBYTE)
    async with going(wang, 80 * KILOBYTE):
        answer = await sends(li, 60 * KILOBYTE)
        assert (answer.status, answer.code) == (503, "busy")
        assert (await sends(li, 9 * KILOBYTE)).status == 200
