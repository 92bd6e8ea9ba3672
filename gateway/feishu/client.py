"""A robot of Feishu as a platform: one app, its private chats.

Everything but files is a card: cards can be changed for fourteen days. A press is answered on the
connection it came by, once its update is stored. What is sent carries a key that holds for an hour.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from random import SystemRandom
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientSession, ClientTimeout

from gateway.feishu import cards, events, files
from gateway.feishu.answers import Locked, Recalled, not_of_time
from gateway.feishu.api import Api, FeishuSettings
from gateway.feishu.connection import Connection, Hints, Taken, opened, place_of
from gateway.network import until_first
from gateway.platform import (
    Abilities,
    Account,
    Content,
    NotSent,
    Part,
    Rate,
    Receive,
    TooLate,
    TooOften,
    Unreachable,
    short,
)

NAME = "feishu"
ABILITIES = Abilities(
    buttons=40,
    label=40,
    text_bytes=4_000,
    file_bytes=files.LARGEST,
    edit_hours=14 * 24.0,
    delete_hours=24.0,
    press_once=True,
    keys_hold=3600.0,
    dates=True,
    chat=(Rate(5, 1),),
    overall=(Rate(50, 1), Rate(1000, 60)),
)
"""A card may have 30 kB and 200 elements: three for each button of a row. Labels: what is longer
than twenty Chinese characters may be cut on a narrow screen."""
LINKS = {"open.feishu.cn": "applink.feishu.cn", "open.larksuite.com": "applink.larksuite.com"}
"""Where links begin that open the robot's chat; a private installation has none that is known."""
CONNECT_IN = 20.0
LEAST_PAUSE = 1.0
"""Seconds: a line that ends as soon as it is there isn't asked for without a pause."""
LOCKED_FOR = (0.3, 1.0, 2.0)
"""Seconds: a card can't be changed until its press is answered, three at most."""

Sleep = Callable[[float], Awaitable[None]]

log = structlog.get_logger()


class FeishuPlatform:
    """As gateway.platform.Platform asks for it."""

    name = NAME

    def __init__(
        self,
        settings: FeishuSettings,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self._sleep, self._clock = settings, sleep, clock
        self.tenant = settings.app[:64]
        self.abilities = ABILITIES
        self.link = _link(settings)
        self.connected = False
        self._reached = asyncio.Event()
        self._came: asyncio.Queue[Taken] = asyncio.Queue()
        self._hints = Hints()
        self._notes: dict[str, str] = {}
        self._api: Api | None = None

    async def reached(self) -> None:
        await self._reached.wait()

    # Coming in

    async def run(self, receive: Receive) -> None:
        waits = ClientTimeout(total=None, sock_connect=CONNECT_IN)
        async with ClientSession(timeout=waits) as session:
            self._api = Api(self.settings, session, self._clock)
            try:
                await until_first(self._stay_connected(session), self._take_in(receive))
            finally:
                self.connected, self._api = False, None

    async def _stay_connected(self, session: ClientSession) -> None:
        while True:
            try:
                await self._connect(session)
            except (Unreachable, TooOften) as problem:
                log.warning("feishu_unreachable", error=type(problem).__name__)
            was, self.connected = self.connected, False
            # Not all at once, who were connected to what has just ended.
            pause = self._hints.interval
            if was:
                pause = max(self._hints.jitter * SystemRandom().random(), LEAST_PAUSE)
            await self._sleep(pause)

    async def _connect(self, session: ClientSession) -> None:
        """Until the connection is closed. Raises Refused where the platform doesn't know the app or
        its secret, Unreachable, TooOften."""
        place = await place_of(session, self.settings, self._hints)
        self._hints = place.hints
        async with opened(session, place.url) as socket:
            connection = Connection(socket, place, self._came.put_nowait)
            self.connected = True
            self._reached.set()
            try:
                await until_first(connection.read(), connection.beat())
            finally:
                self._hints = connection.hints

    async def _take_in(self, receive: Receive) -> None:
        """Beside the reading, so that a connection that ends is seen meanwhile."""
        while True:
            taken = await self._came.get()
            note = ""
            for event in events.read(taken.payload):
                await receive(event)
                note = self._notes.pop(event.id, "")
            told = {"toast": {"type": "info", "content": note}} if note else None
            # Not heard, it comes again, and is known then.
            with suppress(Unreachable):
                await taken.acknowledge(told)

    # Going out

    @property
    def api(self) -> Api:
        if self._api is None:
            raise NotSent
        return self._api

    async def send(self, account: Account, part: Part, key: str) -> str:
        content = part.content
        if content is None:
            kind, told = "interactive", cards.as_text(cards.card(part))
        else:
            kind, told = cards.media(await self._own(account, content))
        body = {"receive_id": account.address, "msg_type": kind, "content": told}
        told_once = {**body, "uuid": short(key)}
        with not_of_time():
            sent = await self.api.call(
                "POST", "/im/v1/messages", told_once, receive_id_type="open_id"
            )
        number = sent.get("message_id")
        if not isinstance(number, str) or not number:
            raise Unreachable
        return number

    async def _own(self, account: Account, content: Content) -> Content:
        """Somebody's own file, sent on, has to be brought up first."""
        if "message" not in content.ref:
            return content
        fetched = await self.fetch(content)
        return await self.store(account, content.kind, content.name, content.content_type, fetched)

    async def change(self, account: Account, message: str, part: Part, key: str) -> None:
        if part.content is not None:
            raise TooLate
        told = {"content": cards.as_text(cards.card(part))}
        for pause in (*LOCKED_FOR, None):
            try:
                await self.api.call("PATCH", f"/im/v1/messages/{message}", told)
                return
            except Locked:
                if pause is None:
                    raise TooOften(1) from None
                await self._sleep(pause)

    async def remove(self, account: Account, message: str) -> None:
        try:
            await self.api.call("DELETE", f"/im/v1/messages/{message}")
        except Recalled:
            return
        except Locked:
            raise TooOften(1) from None

    async def answer(self, account: Account, token: Mapping[str, Any], text: str) -> None:
        """A press is answered with what `drawn` is told."""

    async def drawn(
        self, account: Account, token: Mapping[str, Any], note: str, part: Part | None
    ) -> None:
        self._notes[token["press"]] = note

    async def store(
        self, account: Account, kind: str, name: str, content_type: str, content: bytes
    ) -> Content:
        return await files.bring_up(self.api, kind, name, content_type, content)

    async def fetch(self, content: Content) -> bytes:
        return await files.fetch(self.api, content)


def _link(settings: FeishuSettings) -> str:
    host = LINKS.get(urlsplit(settings.url).hostname or "")
    return f"https://{host}/client/bot/open?appId={settings.app}" if host else ""


async def sign_in(settings: FeishuSettings) -> None:
    """Ask where to connect, as this app, and don't. Raises Refused, Unreachable, TooOften."""
    async with ClientSession(timeout=ClientTimeout(sock_connect=CONNECT_IN)) as session:
        await place_of(session, settings, Hints())
