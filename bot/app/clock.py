"""The only place that reads the time: this machine's, or the one of the local messenger."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from aiohttp import ClientError, ClientSession, WSMsgType

BEGAN = time.monotonic()
"""When this program was loaded: no process before it has done anything since. A forked process has
it of the one that forked it."""
JUMP = timedelta(seconds=2)
"""A difference beyond this is a clock that was moved, not a slow answer."""
RECONNECT = 1.0
HEARTBEAT = 20.0


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware time."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FollowedClock:
    """Follows the local messenger's clock, which a person may move on. `moved` is set whenever that
    happens; who waits for it clears it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.moved = asyncio.Event()
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def start(self) -> None:
        """The time there, before anything begins. Raises ClientError."""
        async with ClientSession(self.url) as session, session.get("/api/clock") as answer:
            self._set((await answer.json())["now"])

    async def follow(self) -> None:
        """For as long as it isn't cancelled; goes on when the messenger comes back."""
        while True:
            with suppress(ClientError, OSError):
                await self._listen()
            await asyncio.sleep(RECONNECT)

    async def _listen(self) -> None:
        async with (
            ClientSession(self.url) as session,
            session.ws_connect("/api/events", heartbeat=HEARTBEAT) as socket,
        ):
            async for message in socket:
                # One that fell silent comes as a message too: a machine was put to sleep, say.
                if message.type is not WSMsgType.TEXT:
                    return
                if self._set(message.json()["now"]):
                    self.moved.set()

    def _set(self, said: str) -> bool:
        """True where the clock was moved."""
        offset = datetime.fromisoformat(said) - datetime.now(UTC)
        moved = abs(offset - self._offset) > JUMP
        if moved:
            self._offset = offset
        return moved
