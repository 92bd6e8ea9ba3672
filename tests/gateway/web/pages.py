"""Whoever has the page open, as its requests are: what a browser sends, and what it is told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from secrets import token_hex
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from tests.gateway.fake import Reader

PHRASE = "草原上的清晨有风"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
Told = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> str:
        """Of what went wrong; "" where nothing did."""
        return str(self.body.get("error", "")) if isinstance(self.body, dict) else ""


@dataclass
class Browser(Reader):
    """`address`: as the proxy says it. `changes`: asked for the page's changes so far."""

    url: str
    jar: aiohttp.CookieJar
    name: str = "王芳"
    address: str = "10.0.0.7"
    agent: str = FIREFOX
    csrf: str = ""
    lines: dict[int, Told] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    seq: int = 0

    async def asks(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        told = {"User-Agent": self.agent, "X-Forwarded-For": self.address}
        if method != "GET":
            told |= {"Origin": self.url, "X-CSRF-Token": self.csrf}
        # Whatever is left out as "" isn't sent at all.
        sent = {name: value for name, value in (told | dict(headers or {})).items() if value}
        async with (
            aiohttp.ClientSession(cookie_jar=self.jar) as session,
            session.request(method, self.url + path, headers=sent, **more) as answer,
        ):
            if answer.content_type == "application/json":
                body = await answer.json()
            else:
                body = await answer.read()
            return Answer(answer.status, body, answer.headers)

    async def gets(self, path: str) -> Any:
        answer = await self.asks("GET", path)
        assert answer.status == 200, answer
        return answer.body

    async def posts(self, path: str, told: Told) -> Any:
        answer = await self.asks("POST", path, json=told)
        assert answer.status == 200, answer
        return answer.body

    # Coming in

    async def joins(self, token: str, phrase: str = PHRASE) -> None:
        await self.posts("/api/join", {"token": token, "name": self.name, "passphrase": phrase})
        await self.opens()

    async def signs_in(self, phrase: str = PHRASE) -> None:
        await self.posts("/api/sign-in", {"name": self.name, "passphrase": phrase})
        await self.opens()

    async def opens(self) -> Told:
        me: Told = await self.gets("/api/me")
        self.csrf = me["csrf"]
        return me

    # The chat

    async def writes(self, text: str, **more: Any) -> str:
        sent = await self.posts("/api/messages", {"text": text, "key": token_hex(8), **more})
        return str(sent["ids"][0])

    async def sends_file(self, *files: tuple[str, bytes, str], text: str = "") -> list[int]:
        answer = await self.asks("POST", "/api/messages", data=form(*files, text=text))
        assert answer.status == 200, answer
        return list(answer.body["ids"])

    async def looks(self) -> None:
        await self.reads()
        await asyncio.sleep(0.02)

    async def reads(self) -> None:
        """As a page whose socket is away."""
        told = await self.gets(f"/api/messages?after={self.seq}")
        self.lines |= {line["id"]: line for line in told["messages"]}
        self.removed += told["removed"]
        for number in told["removed"]:
            self.lines.pop(number, None)
        self.notes += told["notes"]
        self.seq = told["seq"]

    def sees(self) -> list[str]:
        """What stands there, with its buttons as lines."""
        return [_shown(self.lines[number]) for number in sorted(self.lines)]

    async def taps(self, label: str) -> None:
        await self.hears(f"[{label}]")
        number, button = self.button(label)
        if says := button.get("says"):
            await self.writes(says)
        else:
            await self.presses(number, button["data"])

    def button(self, label: str) -> tuple[int, Told]:
        """The newest one with this label."""
        for number in sorted(self.lines, reverse=True):
            for row in self.lines[number]["buttons"]:
                for button in row:
                    if button["text"] == label:
                        return number, button
        raise AssertionError(f"no {label} in: {self.sees()[-2:]}")

    async def presses(self, number: int, data: str, key: str = "") -> None:
        told = {"message": number, "data": data, "key": key or token_hex(8)}
        await self.posts("/api/presses", told)

    @asynccontextmanager
    async def listens(self, **headers: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        sent = {"Origin": self.url, **headers}
        async with (
            aiohttp.ClientSession(cookie_jar=self.jar) as session,
            session.ws_connect(f"{self.url}/api/changes", headers=sent) as socket,
        ):
            yield socket


def form(
    *files: tuple[str, bytes, str], text: str = "", key: str = "", reply_to: int = 0
) -> aiohttp.FormData:
    # As browsers send names: in UTF-8, not in percent signs.
    data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    data.add_field("text", text)
    data.add_field("key", key or token_hex(8))
    if reply_to:
        data.add_field("reply_to", str(reply_to))
    for name, content, kind in files:
        data.add_field("file", BytesIO(content), filename=name, content_type=kind)
    return data


def _shown(line: Told) -> str:
    labels = [f"[{button['text']}]" for row in line["buttons"] for button in row]
    media = f"<{line['media']['name']}>" if line["media"] else ""
    return "\n".join(filter(None, [line["text"], media, *labels]))
