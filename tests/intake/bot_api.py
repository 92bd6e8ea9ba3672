"""A Bot API over HTTP for the real public process: it hands over what tests make up, and keeps a
clock that the process follows."""

import asyncio
import json
from collections import defaultdict, deque
from datetime import datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from tests.intake.telegram import ME

PATIENCE = 120.0


class BotApi:
    """`said`: what the bot wrote, by chat."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.updates: deque[dict[str, Any]] = deque()
        self.said: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.deleted: dict[int, set[int]] = defaultdict(set)
        self.files: dict[str, bytes] = {}
        self.changed = asyncio.Condition()
        self.sockets: list[web.WebSocketResponse] = []
        self.last = 0

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/api/clock", self._clock)
        made.router.add_get("/api/events", self._events)
        made.router.add_get("/file/bot{token}/{name}", self._file)
        made.router.add_post("/bot{token}/{method}", self._call)
        return made

    async def passes(self, **span: float) -> None:
        self.now += timedelta(**span)
        for socket in self.sockets:
            await socket.send_json({"now": self.now.isoformat()})

    async def hands_over(self, update: dict[str, Any]) -> None:
        self.last += 1
        self.updates.append({"update_id": self.last, **update})
        async with self.changed:
            self.changed.notify_all()

    async def answer(self, chat: int, after: int) -> dict[str, Any]:
        """The first message to a chat beyond `after` of them."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: len(self.said[chat]) > after)
        return self.said[chat][-1]

    async def _clock(self, request: web.Request) -> web.Response:
        return web.json_response({"now": self.now.isoformat()})

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"now": self.now.isoformat()})
        self.sockets.append(socket)
        async for message in socket:
            assert message.type is WSMsgType.TEXT
        self.sockets.remove(socket)
        return socket

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["name"]])

    async def _call(self, request: web.Request) -> web.Response:
        # A part that is a file is kept as it came: what a bot shows must be clean as well.
        parts = (await request.post()).items()
        said = {
            key: value.file.read() if isinstance(value, web.FileField) else _read(str(value))
            for key, value in parts
        }
        result = await self._result(request.match_info["method"].lower(), said)
        return web.json_response({"ok": True, "result": result})

    async def _result(self, method: str, said: dict[str, Any]) -> Any:
        if method == "getme":
            return ME
        if method == "getupdates":
            return await self._waiting(int(said.get("offset", 0)))
        if method == "getfile":
            return {"file_id": "f", "file_unique_id": "f", "file_path": said["file_id"]}
        if method == "sendmessage":
            return await self._sent(said)
        if method in ("editmessagetext", "editmessagemedia"):
            return await self._sent(said, int(said["message_id"]))
        if method == "deletemessages":
            self.deleted[int(said["chat_id"])].update(said["message_ids"])
        return True

    async def _waiting(self, offset: int) -> list[dict[str, Any]]:
        while self.updates and self.updates[0]["update_id"] < offset:
            self.updates.popleft()
        if not self.updates:
            try:
                async with asyncio.timeout(1), self.changed:
                    await self.changed.wait_for(lambda: bool(self.updates))
            except TimeoutError:
                return []
        return list(self.updates)[:100]

    async def _sent(self, said: dict[str, Any], number: int = 0) -> dict[str, Any]:
        self.last += not number
        chat, number = int(said["chat_id"]), number or self.last
        self.said[chat].append(said | {"message_id": number})
        async with self.changed:
            self.changed.notify_all()
        return {"message_id": number, "date": 1, "chat": {"id": chat, "type": "private"}}


def _read(value: str) -> Any:
    return json.loads(value) if value[:1] in "[{" else value
