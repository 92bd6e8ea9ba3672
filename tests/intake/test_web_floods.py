"""Strangers don't take the page from who reports (docs/promises.md Q12), asserted by order."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import structlog

from handlers.public.web import build_web, connections, serving, uploads
from handlers.public.web.security_headers import HEADERS
from handlers.public.web.uploads import GaveWay, Upload, Uploads
from services.intake.intake import Intake
from tests.intake import samples
from tests.intake.conftest import Hand, Stored
from tests.intake.forms import KIND, upload, whole
from tests.intake.visitors import token_of

MOST = 6


@dataclass
class Page:
    """The page as the public process opens it, spoken to byte by byte."""

    port: int
    stack: AsyncExitStack
    opened: list[asyncio.StreamWriter] = field(default_factory=list)

    async def opens(self, said: bytes = b"") -> "Line":
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.stack.callback(writer.close)
        writer.write(said)
        await writer.drain()
        return Line(reader, writer)

    async def get(self, path: str = "/report") -> str:
        line = await self.opens(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        return await line.rest()

    async def reports(self, *parts: bytes) -> str:
        body = whole(token_of(await self.get()), *parts)
        return await (await self.opens(head(len(body)) + body)).rest()


@dataclass
class Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def rest(self) -> str:
        """All that is said until the other side closes."""
        try:
            return (await self.reader.read()).decode()
        except ConnectionError:
            return ""

    async def says(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()


def head(length: int, kind: str = KIND) -> bytes:
    lines = ("POST /report HTTP/1.1", "Host: x", "Connection: close", f"Content-Type: {kind}",
             f"Content-Length: {length}")  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.fixture
async def page(intake: Intake, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Page]:
    monkeypatch.setattr(connections, "most_connections", lambda: MOST)
    async with (
        serving(build_web(intake, hand.now), "127.0.0.1", 0, 0.1) as server,
        AsyncExitStack() as stack,
    ):
        yield Page(server.sockets[0].getsockname()[1], stack)


async def test_of_too_many_connections_the_longest_idle_is_closed_and_it_is_said_once(
    page: Page,
) -> None:
    with structlog.testing.capture_logs() as said:
        idle = [await page.opens() for _ in range(MOST // 2)]
        begun = [await page.opens(b"GET /report HTT") for _ in range(MOST // 2)]
        for line in [*idle, *begun]:
            assert 'name="token"' in await page.get()
            assert await line.rest() == ""
            await page.opens()
    assert [line["event"] for line in said] == ["connections_full"]


async def test_a_slow_head_moves_nothing_on(page: Page) -> None:
    slow = await page.opens(b"GET /report HTTP/1.1\r\n")
    await asyncio.gather(*(page.opens() for _ in range(MOST - 1)))
    await slow.says(b"X: y\r\n")
    await page.get()
    assert await slow.rest() == ""


async def test_whoever_is_being_answered_keeps_their_connection(
    page: Page, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, asked, go_on = intake.running, asyncio.Event(), asyncio.Event()

    async def slowly(*given: object) -> object:
        asked.set()
        await go_on.wait()
        return await running(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "running", slowly)
    honest = await page.opens(b"GET /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await asked.wait()
    for _ in range(MOST * 3):
        await page.opens()
    assert "303" in await page.get("/")
    go_on.set()
    assert 'name="token"' in await honest.rest()


async def test_a_head_that_does_not_come_is_not_waited_for(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.SETTINGS, "keepalive_timeout", 0.001)
    for begun in (b"", b"GET /report HTTP/1.1\r\nHost:"):
        assert await (await page.opens(begun)).rest() == ""


def test_there_are_fewer_connections_than_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, most in (
        (1024, 512),
        (256, 128),
        (1_000_000, connections.MOST),
        (-1, connections.MOST),
    ):
        monkeypatch.setattr(connections.resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert connections.most_connections() == most


NO_HTTP = {
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "no method": b"/report\r\n\r\n",
    "a version of its own": b"GET /report HTTP/9.9\r\nHost: x\r\n\r\n",
    "a header without a colon": b"GET /report HTTP/1.1\r\nHost x\r\n\r\n",
    "a control character": b"GET /report HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    "a long address": b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long header": b"GET /report HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
    "many headers": b"GET /report HTTP/1.1\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    "a length that is none": b"POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"POST /report HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length and chunks": (
        b"POST /report HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "another transfer": b"POST /report HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n",
    "a chunk that is none": (
        b"POST /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " + KIND.encode()
        + b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n0\r\n\r\n"
    ),
    "another expectation": (
        b"POST /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: tea\r\n"
        b"Content-Length: 0\r\n\r\n"
    ),
    "another method": b"BREW /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a path that isn't": b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "packed": (
        b"POST /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " + KIND.encode()
        + b"\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_HTTP)
async def test_every_answer_keeps_to_itself(page: Page, stored: Stored, name: str) -> None:
    """Those that aiohttp gives by itself as well."""
    said = await (await page.opens(NO_HTTP[name])).rest()
    status, _, headers = said.partition("\r\n\r\n")[0].partition("\r\n")
    assert re.match(r"HTTP/1\.[01] 4\d\d ", status), said[:200]
    given = dict(line.split(": ", 1) for line in headers.split("\r\n"))
    assert given.items() >= HEADERS.items()
    assert "aiohttp" not in said.lower()
    assert "Python" not in said
    assert await stored.nothing()


PHOTO = samples.jpeg()


async def test_slow_forms_keep_nobody_from_sending_files(page: Page, stored: Stored) -> None:
    """As many as there may be but one have begun to send files, and wait."""
    slow = []
    for _ in range(MOST - 2):
        line = await page.opens(head(10 * 1024 * 1024))
        await line.says(upload("x.jpg", bytes(300 * 1024))[:-200])
        slow.append(line)
    assert 'class="code"' in await page.reports(upload("x.jpg", PHOTO))
    assert len(await stored.files()) == 1
    assert not any(line.reader.at_eof() for line in slow)


async def test_a_form_that_does_not_move_on_is_ended(
    page: Page, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PACE", 0.0)
    line = await page.opens(head(10_000))
    assert "传得太慢" in await line.rest()
    assert await stored.nothing()


async def reads(upload: Upload, *counts: int) -> str:
    """What becomes of a form that brings so many bytes, and then waits."""
    try:
        async with upload.moving():
            for count in counts:
                upload.brings(count)
            await asyncio.Event().wait()
    except (GaveWay, TimeoutError):
        return "gave way" if upload.gave_way else "too slow"
    return ""


async def test_where_files_do_not_fit_who_keeps_most_for_longest_gives_way() -> None:
    seconds = 0.0
    most = Uploads(most=10 * uploads.STEP, clock=lambda: seconds)
    with most.begun() as small, most.begun() as stalled, most.begun() as quick:
        tasks = [asyncio.create_task(reads(small, uploads.STEP))]
        tasks.append(asyncio.create_task(reads(stalled, *[uploads.STEP] * 6)))
        await asyncio.sleep(0)
        seconds = 30.0
        tasks.append(asyncio.create_task(reads(quick, *[uploads.STEP] * 8)))
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] == ["gave way"]
        assert (small.gave_way, stalled.gave_way, quick.gave_way) == (False, True, False)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_being_answered_never_gives_way() -> None:
    most = Uploads(most=2 * uploads.STEP)
    with most.begun() as whole, most.begun() as late:
        async with whole.moving():
            whole.brings(2 * uploads.STEP)
        assert await reads(late, uploads.STEP) == "gave way"
        assert not whole.gave_way
    with most.begun() as later:
        async with later.moving():
            later.brings(2 * uploads.STEP)
