"""One web socket to the platform: asks and their answers, heartbeats, what comes by itself."""

import asyncio
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any

import structlog
from aiohttp import ClientWebSocketResponse, WSMsgType

from gateway.network import network
from gateway.platform import Elsewhere, NotSent, Unreachable
from gateway.wecom import wire
from gateway.wecom.answers import Frame, checked

ANSWER_IN = 10.0
BEAT = 30.0
MOST_MISSED = 2

log = structlog.get_logger()


class Connection:
    """`came`: told of each callback, in order."""

    def __init__(self, socket: ClientWebSocketResponse, came: Callable[[Frame], None]) -> None:
        self.socket, self.came = socket, came
        self._asked: dict[str, asyncio.Future[Frame]] = {}
        self._over = False

    async def ask(
        self, cmd: str, body: Mapping[str, Any] | None = None, number: str = ""
    ) -> dict[str, Any]:
        """The body of the answer. `number`: of the callback that this answers. Raises what
        `checked` does."""
        if self._over:
            raise NotSent
        number = number or f"{cmd}_{token_hex(8)}"
        answered = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with network(), asyncio.timeout(ANSWER_IN):
                await self.socket.send_json(wire.frame(cmd, number, body))
                told = checked(await answered)
        finally:
            self._asked.pop(number, None)
        found = told.get("body")
        return found if isinstance(found, dict) else {}

    async def read(self) -> None:
        """Until the socket is closed. Raises Elsewhere, Unreachable."""
        try:
            async with network():
                async for message in self.socket:
                    if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                        self._take(wire.read(message.data))
        finally:
            self._over = True
            # Nobody knows what became of these.
            for waiting in self._asked.values():
                if not waiting.done():
                    waiting.set_exception(Unreachable())

    def _take(self, told: Frame | None) -> None:
        if told is None:
            log.warning("frame_not_read")
        elif wire.is_disconnected(told):
            raise Elsewhere("disconnected_event")
        elif told.get("cmd") in (wire.MESSAGE, wire.EVENT):
            self.came(told)
        elif (waiting := self._asked.get(wire.number_of(told))) and not waiting.done():
            waiting.set_result(told)

    async def beat(self) -> None:
        """Until nothing answers. Without it the platform closes the connection."""
        missed = 0
        while missed < MOST_MISSED:
            await asyncio.sleep(BEAT)
            try:
                await self.ask(wire.PING)
                missed = 0
            except Unreachable:
                missed += 1
        await self.socket.close()
