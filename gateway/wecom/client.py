"""A WeCom smart robot as a platform: one robot, its private chats.

Buttons stand on a card, six at most; a press is answered by redrawing the card within five seconds.
Nothing else can be changed, and nothing taken away. It knows no keys: what is sent again is seen
again. It says nothing of messages beyond its limits, so they are counted before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any

import structlog
from aiohttp import ClientSession, ClientTimeout

from gateway.network import network, until_first
from gateway.platform import (
    Abilities,
    Account,
    Content,
    Elsewhere,
    Event,
    Left,
    NotSent,
    Part,
    Rate,
    Receive,
    Refused,
    TooLate,
    TooOften,
    Unreachable,
    Written,
)
from gateway.wecom import files, wire
from gateway.wecom.answers import Frame
from gateway.wecom.connection import Connection

NAME = "wecom"
OFFICIAL = "wss://openws.work.weixin.qq.com"
ABILITIES = Abilities(
    buttons=6,
    label=20,
    links=False,
    card=(26, 112),
    press_once=True,
    text_bytes=16_000,
    file_bytes=files.LARGEST,
    edit_hours=0.0,
    delete_hours=0.0,
    chat=(Rate(30, 60), Rate(1000, 3600)),
)
"""A markdown may have 20,480 bytes, and signs are added to the text."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
PRESS_WITHIN = 5.0
NAME_WITHIN = 3.0
"""Seconds that a message waits for what its file is called."""
CONNECT_IN = 20.0

Sleep = Callable[[float], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True)
class WeComSettings:
    bot: str
    secret: str = field(repr=False)
    url: str = OFFICIAL


class WeComPlatform:
    """As gateway.platform.Platform asks for it."""

    name = NAME
    link = ""

    def __init__(self, settings: WeComSettings, sleep: Sleep = asyncio.sleep) -> None:
        self.settings, self._sleep = settings, sleep
        self.tenant = settings.bot[:64]
        self.abilities = ABILITIES
        self.connected = False
        self._reached = asyncio.Event()
        self._came: asyncio.Queue[wire.Taken] = asyncio.Queue()
        self._connection: Connection | None = None
        self._session: ClientSession | None = None

    async def reached(self) -> None:
        await self._reached.wait()

    # Coming in

    async def run(self, receive: Receive) -> None:
        waits = ClientTimeout(total=None, sock_connect=CONNECT_IN, sock_read=None)
        async with ClientSession(timeout=waits) as session:
            self._session = session
            try:
                await until_first(self._stay_connected(), self._take_in(receive))
            finally:
                self.connected, self._session = False, None

    async def _stay_connected(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._connect()
            except (Unreachable, TooOften) as problem:
                log.warning("wecom_unreachable", error=type(problem).__name__)
            except Elsewhere:
                # What was given to this process isn't given to the other one.
                await self._came.join()
                raise
            if self.connected:
                self.connected, self._connection, pause = False, None, FIRST_PAUSE
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _connect(self) -> None:
        """Until the connection is closed. Raises Refused where the platform doesn't know the robot
        or its secret, Elsewhere, Unreachable, TooOften."""
        assert self._session is not None
        async with network(), self._session.ws_connect(self.settings.url) as socket:
            connection = Connection(socket, self._came_in)
            await until_first(connection.read(), self._subscribed(connection))

    async def _subscribed(self, connection: Connection) -> None:
        await _subscribe(connection, self.settings)
        self._connection, self.connected = connection, True
        self._reached.set()
        await connection.beat()

    def _came_in(self, frame: Frame) -> None:
        self._came.put_nowait(wire.Taken(frame, time.monotonic()))

    async def _take_in(self, receive: Receive) -> None:
        """Beside the reading, which brings the answers to what is asked meanwhile."""
        while True:
            taken = await self._came.get()
            try:
                for event in wire.events_of(taken):
                    await receive(await self._with_name(event))
            finally:
                self._came.task_done()

    async def _with_name(self, event: Event) -> Event:
        if not isinstance(event, Written) or event.content is None or self._session is None:
            return event
        content = event.content
        if content.kind != "document":
            return event
        name, size = "", 0
        with suppress(Refused, Unreachable, TimeoutError):
            async with asyncio.timeout(NAME_WITHIN):
                name, size = await files.name_of(self._session, content.ref["url"])
        return replace(event, content=replace(content, name=name or content.name, size=size))

    # Going out

    async def _ask(self, cmd: str, body: Mapping[str, Any], number: str = "") -> dict[str, Any]:
        if self._connection is None:
            raise NotSent
        return await self._connection.ask(cmd, body, number)

    async def _say(self, account: Account, body: Mapping[str, Any]) -> None:
        try:
            await self._ask(wire.SEND, {"chatid": account.address, **body})
        except TooLate:
            raise Refused("errcode unknown") from None

    async def send(self, account: Account, part: Part, key: str) -> str:
        # Never a number of before: the platform wants a new one for each card.
        number = token_hex(16)
        if part.content is not None:
            body = await self._media(part.content)
        elif part.buttons:
            body = wire.card(part, number)
        else:
            body = wire.text(part)
        await self._say(account, body)
        return number

    async def _media(self, content: Content) -> dict[str, Any]:
        ref = content.ref
        if "media_id" in ref:
            return wire.media(ref["type"], ref["media_id"])
        # Somebody's own file, sent on: it has to be brought up first.
        fetched = await self.fetch(content)
        kind = files.kind_of(content.content_type, len(fetched))
        return wire.media(kind, await files.bring_up(self._ask, kind, content.name, fetched))

    async def change(self, account: Account, message: str, part: Part, key: str) -> None:
        raise TooLate

    async def remove(self, account: Account, message: str) -> None:
        raise TooLate

    async def answer(self, account: Account, token: Mapping[str, Any], text: str) -> None:
        """A press is answered by what is drawn."""

    async def drawn(
        self, account: Account, token: Mapping[str, Any], note: str, part: Part | None
    ) -> None:
        if time.monotonic() - token["at"] > PRESS_WITHIN:
            raise TooLate
        await self._ask(wire.UPDATE, wire.update(part, token["task"], note), token["req_id"])

    async def store(
        self, account: Account, kind: str, name: str, content_type: str, content: bytes
    ) -> Content:
        shown = files.kind_of(content_type, len(content)) if kind == "photo" else "file"
        media_id = await files.bring_up(self._ask, shown, name, content)
        return Content(
            kind, name, content_type, len(content), {"media_id": media_id, "type": shown}
        )

    async def fetch(self, content: Content) -> bytes:
        if self._session is None:
            raise Unreachable
        if "url" not in content.ref:
            raise Refused("the platform gives back no file that was brought to it")
        return await files.fetch(self._session, content.ref["url"], content.ref["key"])


async def sign_in(settings: WeComSettings) -> None:
    """Connect once as this robot, and go: whoever is connected as the same one is pushed out.
    Raises Refused, Unreachable, TooOften."""
    waits = ClientTimeout(total=None, sock_connect=CONNECT_IN)
    async with (
        ClientSession(timeout=waits) as session,
        network(),
        session.ws_connect(settings.url) as socket,
    ):
        connection = Connection(socket, lambda frame: None)
        reading = asyncio.create_task(connection.read())
        try:
            await _subscribe(connection, settings)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def _subscribe(connection: Connection, settings: WeComSettings) -> None:
    told = {"bot_id": settings.bot, "secret": settings.secret}
    try:
        await connection.ask(wire.SUBSCRIBE, told)
    except (Left, TooLate):
        raise Refused("errcode unknown") from None
