"""One web socket to the platform: its address, frames, heartbeats, and what comes in pieces."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    WSMsgType,
    WSServerHandshakeError,
)

from gateway.feishu import frames
from gateway.feishu.answers import TOO_MANY_CONNECTIONS, check_login
from gateway.feishu.api import FeishuSettings, ask_openly
from gateway.feishu.frames import Frame
from gateway.network import check_address, json_of, network
from gateway.platform import Refused, Unreachable

ENDPOINT = "/callback/ws/endpoint"
STATUS, AUTH = "handshake-status", "handshake-autherrcode"
FORBIDDEN = "403"
EVENT, PING, PONG = "event", "ping", "pong"
HEARTBEAT = 30.0
"""Seconds between pings of the web socket itself, by which a line that is dead is missed."""
PIECES_WITHIN, MOST_PIECES, MOST_WAITING = 5.0, 1000, 100
OK, FAILED = 200, 500

log = structlog.get_logger()


@dataclass(frozen=True)
class Hints:
    """What the platform wishes, in seconds: `ping` between heartbeats, `jitter` at most before the
    first try after a connection is lost, `interval` between tries."""

    ping: float = 120.0
    jitter: float = 5.0
    interval: float = 30.0


def hints_of(told: object, before: Hints) -> Hints:
    """Within reason: a hint of nothing would ask without a pause, one of days would never."""
    if not isinstance(told, dict):
        return before

    def within(name: str, least: float, most: float, known: float) -> float:
        value = told.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            return known
        return float(min(max(value, least), most))

    return Hints(
        within("PingInterval", 10, 600, before.ping),
        within("ReconnectNonce", 0, 120, before.jitter),
        within("ReconnectInterval", 1, 600, before.interval),
    )


@dataclass(frozen=True)
class Place:
    """Where to connect: the address holds a ticket, and is told to nobody."""

    url: str
    service: int
    hints: Hints


async def place_of(session: ClientSession, settings: FeishuSettings, before: Hints) -> Place:
    """Raises Refused where the platform doesn't know the app or its secret, Unreachable,
    TooOften."""
    told = {"AppID": settings.app, "AppSecret": settings.secret}
    found = await ask_openly(session, f"{settings.url}{ENDPOINT}", told)
    check_login(found)
    data = found.get("data")
    url = data.get("URL") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(url, str):
        raise Unreachable
    try:
        check_address(url, "wss")
        service = parse_qs(urlsplit(url).query).get("service_id", [""])[0]
        number = int(service) if service.isascii() and service.isdecimal() else 0
    except ValueError:
        # No address, or no number: the next answer may be one.
        raise Unreachable from None
    return Place(url, number, hints_of(data.get("ClientConfig"), before))


@asynccontextmanager
async def opened(session: ClientSession, url: str) -> AsyncIterator[ClientWebSocketResponse]:
    """Raises Refused where the platform never lets this app in, Unreachable."""
    async with network():
        try:
            socket = await session.ws_connect(url, heartbeat=HEARTBEAT)
        except WSServerHandshakeError as error:
            headers: Mapping[str, str] = error.headers or {}
            if headers.get(STATUS) == FORBIDDEN:
                raise Refused(f"code {FORBIDDEN}") from None
            if headers.get(AUTH) == str(TOO_MANY_CONNECTIONS):
                log.warning("feishu_has_too_many_connections")
            raise Unreachable from None
        async with socket:
            yield socket


class Connection:
    """`came`: told of each event, in order, with the frame to answer."""

    def __init__(
        self,
        socket: ClientWebSocketResponse,
        place: Place,
        came: Callable[["Taken"], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.socket, self.service, self.hints = socket, place.service, place.hints
        self._came, self._pieces = came, Pieces(clock)

    async def read(self) -> None:
        """Until the socket is closed. Raises Unreachable."""
        async with network():
            async for message in self.socket:
                if message.type is WSMsgType.BINARY:
                    self._take(frames.read(message.data))

    def _take(self, frame: Frame | None) -> None:
        if frame is None:
            log.warning("frame_not_read")
        elif frame.method == frames.CONTROL:
            if frame.header("type") == PONG and frame.payload:
                self.hints = hints_of(json_of(frame.payload), self.hints)
        elif frame.method == frames.DATA and frame.header("type") == EVENT:
            payload = self._pieces.whole(frame)
            if payload is not None:
                self._came(Taken(self, frame, payload))

    async def beat(self) -> None:
        """For ever. Raises Unreachable."""
        while True:
            frame = Frame(self.service, frames.CONTROL, (("type", PING),))
            await self._send(frame)
            await asyncio.sleep(self.hints.ping)

    async def answer(self, frame: Frame, code: int, data: Mapping[str, Any] | None) -> None:
        """Raises Unreachable."""
        told: dict[str, Any] = {"code": code}
        if data is not None:
            told["data"] = b64encode(json.dumps(data, ensure_ascii=False).encode()).decode()
        await self._send(frames.answer_to(frame, json.dumps(told).encode()))

    async def _send(self, frame: Frame) -> None:
        async with network():
            await self.socket.send_bytes(frames.write(frame))


@dataclass(frozen=True)
class Taken:
    """An event, and where to say that it was taken."""

    connection: Connection
    frame: Frame
    payload: bytes

    async def acknowledge(self, data: Mapping[str, Any] | None) -> None:
        """Within three seconds, or it comes again. Raises Unreachable."""
        await self.connection.answer(self.frame, OK, data)


class Pieces:
    """Large events come in several frames, in any order."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._waiting: dict[str, tuple[float, dict[int, bytes]]] = {}

    def whole(self, frame: Frame) -> bytes | None:
        """The payload once its last piece is there."""
        many, place, number = frame.number("sum"), frame.number("seq"), frame.header("message_id")
        if many <= 1:
            return frame.payload
        if many > MOST_PIECES or not 0 <= place < many:
            log.warning("frame_not_read")
            return None
        self._forget()
        _, pieces = self._waiting.setdefault(number, (self.clock(), {}))
        pieces[place] = frame.payload
        if len(pieces) < many:
            return None
        del self._waiting[number]
        return b"".join(pieces[one] for one in sorted(pieces))

    def _forget(self) -> None:
        """What never became whole."""
        since = self.clock() - PIECES_WITHIN
        kept = [one for one in self._waiting.items() if one[1][0] > since]
        self._waiting = dict(kept[-MOST_WAITING:])
