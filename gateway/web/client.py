"""The web chat as a platform: this process is the messenger itself, with its people's side on a
port of its own and its rows beside the gateway's.

What is sent is stored, so nothing is ever unreachable, and a key sent twice makes one message.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from math import inf
from secrets import token_urlsafe
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from gateway.gateway_texts import INVITATION
from gateway.network import network, read_whole
from gateway.platform import (
    Abilities,
    Account,
    Content,
    Left,
    Part,
    Receive,
    Refused,
    TooLate,
)
from gateway.store import Store
from gateway.web.api import create_app, listening
from gateway.web.hub import Hub
from gateway.web.people import People
from gateway.web.records import Records
from gateway.web.settings import WebSettings
from gateway.web.showing import body_of, told_of

NAME, TENANT = "web", "web"
"""The chats are this store's, whatever address they are opened at."""
ABILITIES = Abilities(
    buttons=100,
    text_bytes=16 * 1024,
    file_bytes=50 * 1024 * 1024,
    keys_hold=inf,
    protects=True,
)
LOOK_EVERY = 60.0
"""Seconds between looking which sessions are over, and what has stood long enough."""
CLEAN_EVERY = 3600.0

TRIAL, ANSWER_IN, MOST_ANSWERED = "/trial", 10.0, 64 * 1024


class WebPlatform:
    """As gateway.platform.Platform asks for it."""

    name = NAME
    tenant = TENANT
    abilities = ABILITIES

    def __init__(
        self,
        settings: WebSettings,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.link = f"{settings.url}/#join={{token}}"
        self.records, self.hub = Records(store), Hub()
        self.people = People(self.records, self.hub, settings.cost, clock)
        self.connected = False
        self.port = 0
        """Where it listens, once it does."""
        self._open, self._opening = False, asyncio.Lock()
        self._reached = asyncio.Event()

    async def reached(self) -> None:
        await self._reached.wait()

    async def _opened(self) -> Records:
        """The bot may ask before the people's side is there."""
        async with self._opening:
            if not self._open:
                await self.records.open()
                self._open = True
        return self.records

    # Coming in

    async def run(self, receive: Receive) -> None:
        await self._opened()
        self.people.receive = receive
        try:
            app = create_app(self.people, self.settings, self.records.store)
            async with listening(app, self.settings.host, self.settings.port) as port:
                self.port, self.connected = port, True
                self._reached.set()
                await self._look_after()
        finally:
            self.connected, self.people.receive = False, None

    async def _look_after(self) -> None:
        cleaned = -inf
        while True:
            await self.people.deliver_all()
            for account, message in await self.records.overdue():
                await self._take_off(account, message)
            self.hub.signed_out(*await self.records.ended([*self.hub.sessions()]))
            if time.monotonic() - cleaned > CLEAN_EVERY:
                await self.records.clean()
                cleaned = time.monotonic()
            await asyncio.sleep(LOOK_EVERY)

    # Going out

    async def send(self, account: Account, part: Part, key: str) -> str:
        records = await self._opened()
        known = await records.account(account.key)
        if known is None:
            raise Left
        file = part.content.ref["id"] if part.content else None
        line, new = await records.say(account.key, f"bot {key}", body_of(part), file)
        if new:
            self.hub.tell(account.key, told_of(line))
        if _asks_whether_it_is(part):
            self.people.token_was_right(account.key)
        if not known.joined and _is_a_menu(part):
            await records.take_in(account.key)
        return str(line.id)

    async def change(self, account: Account, message: str, part: Part, key: str) -> None:
        records = await self._opened()
        line = await records.line(account.key, int(message))
        if line is None:
            raise TooLate
        body = {**body_of(part), "edited": True}
        line = await records.change(line, body)
        self.hub.tell(account.key, told_of(line))

    async def remove(self, account: Account, message: str) -> None:
        await self._opened()
        await self._take_off(account.key, int(message))

    async def _take_off(self, account: str, message: int) -> None:
        if seq := await self.records.remove(account, message):
            self.hub.tell(account, {"kind": "removed", "id": message, "seq": seq})

    async def answer(self, account: Account, token: Mapping[str, Any], text: str) -> None:
        if text:
            self.hub.note(account.key, text)

    async def drawn(
        self, account: Account, token: Mapping[str, Any], note: str, part: Part | None
    ) -> None:
        """A press is answered whenever the bot answers it."""

    async def store(
        self, account: Account, kind: str, name: str, content_type: str, content: bytes
    ) -> Content:
        number = await (await self._opened()).keep(account.key, content)
        return Content(kind, name, content_type, len(content), {"id": number})

    async def fetch(self, content: Content) -> bytes:
        found = await (await self._opened()).content(content.ref["id"])
        if found is None:
            raise Refused("the file is gone")
        return found[1]


def _asks_whether_it_is(part: Part) -> bool:
    """The bot shows a button with the token, which it does for an invitation that is open."""
    pressed = [button.data for row in part.buttons for button in row]
    return any(INVITATION.fullmatch(piece) for data in pressed for piece in data.split(":"))


def _is_a_menu(part: Part) -> bool:
    """The bot gives its menu to whoever is in, and to nobody else."""
    return any(button.says for row in part.buttons for button in row)


async def is_led_here(settings: WebSettings) -> None:
    """Listen for a moment and ask at the address that people open, to see whether its proxy leads
    here. Raises Refused where it leads elsewhere, or something else listens; Unreachable."""
    word = token_urlsafe(16)

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=word)

    app = web.Application()
    app.add_routes([web.get(TRIAL, answer)])
    async with listening(app, settings.host, settings.port), network(), ClientSession() as session:
        asked = session.get(f"{settings.url}{TRIAL}", timeout=ClientTimeout(ANSWER_IN))
        async with asked as answered:
            if await read_whole(answered, MOST_ANSWERED) != word.encode():
                raise Refused(f"HTTP {answered.status}")
