"""A stand-in for Feishu's open platform: what the vendor's client accepts and nothing more.

`test_feishu_sdk.py` beside it has that client talk to it. It checks what it is sent as the
documentation has it, and shows what a person would see. A person is `Colleague`.
"""

import asyncio
import html
import json
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import BodyPartReader, WSMsgType, web

from gateway.feishu import frames
from gateway.feishu.frames import Frame
from tests.gateway.fake import Reader

APP, SECRET = "cli_here", "secret-of-the-app"
TOKEN_LASTS, KEYS_HOLD, DAY = 7200, 3600.0, 86_400.0
LARGEST_CARD, MOST_ELEMENTS, LONGEST_KEY = 30 * 1024, 200, 50
BAD_APP, BAD_TOKEN, BAD_REQUEST, NOBODY, TOO_LONG, BAD_CARD = (
    10003, 99991663, 230001, 230013, 230025, 230099,
)  # fmt: skip
NOT_OURS, TOO_LATE, TOO_LATE_TO_RECALL, RECALLED = 230017, 230031, 230009, 230011
LOCKED = "Failed to create card content, ext=ErrCode: 11310; ErrMsg: card action is lock"
FIELDS = {
    "card": {"schema", "config", "header", "body", "card_link"},
    "config": {"update_multi", "enable_forward", "summary", "width_mode"},
    "body": {"elements"},
    "div": {"tag", "text"},
    "plain_text": {"tag", "content"},
    "markdown": {"tag", "content"},
    "button": {"tag", "text", "type", "width", "behaviors"},
    "column_set": {"tag", "flex_mode", "columns"},
    "column": {"tag", "elements"},
    "date_picker": {"tag", "placeholder", "behaviors"},
}
"""Of each element; any other is refused."""
Json = dict[str, Any]


@dataclass
class Seen:
    """A message in somebody's chat. `card`: as it is drawn now."""

    id: str
    user: str
    at: float
    card: Json | None = None
    media: str = ""


@dataclass(eq=False)
class FeishuServer:
    """`codes`: of the next answers to what is asked (send, change, remove, token, connect), one
    each; what is refused isn't done, None does it and closes the line unheard. `now`: seconds,
    moved by hand. `pieces`: events come in several frames. `deaf`: no acknowledgement is heard."""

    secret: str = SECRET
    url: str = ""
    now: float = 0.0
    pieces: bool = False
    deaf: bool = False
    hints: Json = field(default_factory=lambda: {"PingInterval": 120, "ReconnectNonce": 0})
    codes: dict[str, list[int | None]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=dict)
    keys: dict[str, tuple[float, str]] = field(default_factory=dict)
    media: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    recalled: set[str] = field(default_factory=set)
    waiting: dict[str, Json] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    toasts: dict[str, list[str]] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    pings: int = 0
    connections: list[web.WebSocketResponse] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.numbers = count(1)
        self.changed = asyncio.Event()
        self.connected = asyncio.Event()

    def number(self, before: str) -> str:
        return f"{before}_{next(self.numbers)}"

    def app(self) -> web.Application:
        app = web.Application(client_max_size=40 * 1024 * 1024)
        im = "/open-apis/im/v1"
        app.add_routes(
            [
                web.post("/callback/ws/endpoint", self.endpoint),
                web.get("/ws", self.socket),
                web.post("/open-apis/auth/v3/tenant_access_token/internal", self.token),
                web.post(f"{im}/messages", self.send),
                web.patch(f"{im}/messages/{{id}}", self.change),
                web.delete(f"{im}/messages/{{id}}", self.remove),
                web.post(f"{im}/images", self.image),
                web.post(f"{im}/files", self.file),
                web.get(f"{im}/{{kind:images|files}}/{{key}}", self.own_file),
                web.get(f"{im}/messages/{{id}}/resources/{{key}}", self.resource),
            ]
        )
        return app

    def planned(self, what: str) -> int | None:
        told = self.codes.get(what) or []
        return told.pop(0) if told else 0

    # The connection

    async def endpoint(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.asked.append(("connect", told))
        if code := self.planned("connect"):
            return web.json_response({"code": code, "msg": "told"})
        if (told.get("AppID"), told.get("AppSecret")) != (APP, self.secret):
            return web.json_response({"code": BAD_APP, "msg": "app_id or app_secret is wrong"})
        there = self.url.replace("http", "ws", 1)
        url = f"{there}/ws?device_id={self.number('dev')}&service_id=33&ticket=secret-ticket"
        data = {"URL": url, "ClientConfig": {"ReconnectCount": -1, **self.hints}}
        return web.json_response({"code": 0, "msg": "ok", "data": data})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("ticket") != "secret-ticket":
            return web.Response(status=400, headers={"Handshake-Status": "514"})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections.append(socket)
        self.connected.set()
        for event in list(self.waiting.values()):
            await self.tell(socket, event)
        try:
            async for message in socket:
                if message.type is WSMsgType.BINARY:
                    await self._heard(socket, frames.read(message.data))
        finally:
            self.connections.remove(socket)
            if not self.connections:
                self.connected.clear()
        return socket

    async def _heard(self, socket: web.WebSocketResponse, frame: Frame | None) -> None:
        assert frame is not None
        if frame.method == frames.CONTROL:
            assert frame.header("type") == "ping"
            assert frame.service == 33
            self.pings += 1
            pong = Frame(33, frames.CONTROL, (("type", "pong"),), json.dumps(self.hints).encode())
            await socket.send_bytes(frames.write(pong))
        else:
            self._acknowledged(frame)
        self.changed.set()

    def _acknowledged(self, frame: Frame) -> None:
        told, number = json.loads(frame.payload), frame.header("message_id")
        assert frame.header("trace_id")
        if told["code"] != 200 or self.deaf:
            return
        event = self.waiting.pop(number, None)
        self.locked = {card: press for card, press in self.locked.items() if press != number}
        if event is None:
            return
        self.taken.append(event["header"]["event_id"])
        answer = json.loads(b64decode(told["data"])) if told.get("data") else {}
        if toast := (answer or {}).get("toast"):
            assert toast["type"] in ("info", "success", "error", "warning")
            who = event["event"]["operator"]["open_id"]
            self.toasts.setdefault(who, []).append(toast["content"])

    async def tell(self, socket: web.WebSocketResponse, event: Json) -> None:
        payload, number = json.dumps(event, ensure_ascii=False).encode(), event["frame"]
        many = 3 if self.pieces else 1
        size = -(-len(payload) // many)
        for place in reversed(range(many)):
            headers = {"type": "event", "message_id": number, "trace_id": self.number("trace")}
            headers |= {"sum": str(many), "seq": str(place)}
            piece = payload[place * size : (place + 1) * size]
            frame = Frame(33, frames.DATA, tuple(headers.items()), piece, 7, 2**60)
            await socket.send_bytes(frames.write(frame))

    async def push(self, kind: str, event: Json, number: str = "", card: str = "") -> None:
        """To whoever is connected, and again to whoever connects until it is acknowledged. `card`:
        can't be changed until then."""
        number, frame = number or self.number("ev"), self.number("frame")
        header = {"event_id": number, "event_type": kind, "app_id": APP, "tenant_key": "here"}
        header |= {"create_time": "1700000000000", "token": ""}
        told = {"schema": "2.0", "header": header, "event": event, "frame": frame}
        self.waiting[frame] = told
        if card:
            self.locked[card] = frame
        if self.connections:
            await self.tell(self.connections[-1], told)

    async def drop(self) -> None:
        for socket in list(self.connections):
            await socket.close()

    # What it is asked

    async def token(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.asked.append(("token", told))
        if code := self.planned("token"):
            return web.json_response({"code": code, "msg": "told"})
        if (told.get("app_id"), told.get("app_secret")) != (APP, self.secret):
            return web.json_response({"code": BAD_APP, "msg": "invalid param"})
        made = self.number("t-token")
        self.tokens[made] = self.now + TOKEN_LASTS
        answer = {"code": 0, "msg": "ok", "tenant_access_token": made, "expire": TOKEN_LASTS}
        return web.json_response(answer)

    def _let_in(self, request: web.Request) -> bool:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.tokens.get(token, -1.0) > self.now

    async def _answered(self, what: str, request: web.Request, told: Json) -> web.StreamResponse:
        self.asked.append((what, told))
        if not self._let_in(request):
            return _told(BAD_TOKEN)
        failed = self.planned(what)
        if failed:
            headers = {"x-ogw-ratelimit-reset": "7"} if failed == 99991400 else {}
            return _told(failed, headers=headers)
        doing = {"send": self._send, "change": self._change, "remove": self._remove}[what]
        code, data = doing(request, told)
        self.changed.set()
        if failed is None and request.transport is not None:
            # Done, and the line breaks before anybody hears of it.
            request.transport.close()
        return _told(code, data, LOCKED if data == {"locked": True} else "told")

    async def send(self, request: web.Request) -> web.StreamResponse:
        return await self._answered("send", request, await request.json())

    async def change(self, request: web.Request) -> web.StreamResponse:
        return await self._answered("change", request, await request.json())

    async def remove(self, request: web.Request) -> web.StreamResponse:
        return await self._answered("remove", request, {})

    def _send(self, request: web.Request, told: Json) -> tuple[int, Json]:
        user, key = told["receive_id"], told.get("uuid", "")
        if request.query["receive_id_type"] != "open_id" or len(key) > LONGEST_KEY:
            return BAD_REQUEST, {}
        if user in self.hidden:
            return NOBODY, {}
        at, before = self.keys.get(key, (0.0, ""))
        if before and self.now - at < KEYS_HOLD:
            return 0, {"message_id": before, "msg_type": told["msg_type"]}
        code, seen = self._read(user, told)
        if seen is None:
            return code, {}
        self.seen.append(seen)
        self.keys[key] = (self.now, seen.id)
        return 0, {"message_id": seen.id, "msg_type": told["msg_type"]}

    def _read(self, user: str, told: Json) -> tuple[int, Seen | None]:
        kind, content = told["msg_type"], json.loads(told["content"])
        made = Seen(self.number("om"), user, self.now)
        if kind == "interactive":
            if len(json.dumps(told, ensure_ascii=False).encode()) > LARGEST_CARD:
                return TOO_LONG, None
            made.card = content
            return (0, made) if card_fits(content) else (BAD_CARD, None)
        made.media = content[f"{kind}_key"]
        if self.media.get(made.media, ("",))[0] != kind:
            return NOT_OURS, None
        return 0, made

    def _change(self, request: web.Request, told: Json) -> tuple[int, Json]:
        number, card = request.match_info["id"], json.loads(told["content"])
        if number in self.recalled:
            return RECALLED, {}
        seen = next((one for one in self.seen if one.id == number), None)
        if seen is None or seen.card is None:
            return BAD_REQUEST, {}
        if self.now - seen.at > 14 * DAY:
            return TOO_LATE, {}
        if number in self.locked:
            return BAD_CARD, {"locked": True}
        if len(json.dumps(told, ensure_ascii=False).encode()) > LARGEST_CARD:
            return TOO_LONG, {}
        if not card_fits(card):
            return BAD_CARD, {}
        seen.card = card
        return 0, {}

    def _remove(self, request: web.Request, told: Json) -> tuple[int, Json]:
        number = request.match_info["id"]
        seen = next((one for one in self.seen if one.id == number), None)
        if seen is None:
            return RECALLED if number in self.recalled else BAD_REQUEST, {}
        if self.now - seen.at > DAY:
            return TOO_LATE_TO_RECALL, {}
        self.recall(seen)
        return 0, {}

    def recall(self, seen: Seen) -> None:
        self.seen.remove(seen)
        self.recalled.add(seen.id)

    # Files

    async def image(self, request: web.Request) -> web.Response:
        parts = await _parts(request)
        right = parts.get("image_type") == b"message"
        return self._keep("image", request, "", parts["image"] if right else b"")

    async def file(self, request: web.Request) -> web.Response:
        parts = await _parts(request)
        right, name = parts.get("file_type") == b"stream", parts.get("file_name", b"").decode()
        return self._keep("file", request, name, parts["file"] if right and name else b"")

    def _keep(self, kind: str, request: web.Request, name: str, content: bytes) -> web.Response:
        if not self._let_in(request):
            return _told(BAD_TOKEN)
        if not content:
            return _told(BAD_REQUEST)
        key = self.number(f"{kind}-key")
        self.media[key] = (kind, name, content)
        return _told(0, {f"{kind}_key": key})

    async def own_file(self, request: web.Request) -> web.Response:
        found = self.media.get(request.match_info["key"])
        right = self._let_in(request) and found is not None
        return web.Response(body=found[2]) if right and found else _told(NOT_OURS)

    async def resource(self, request: web.Request) -> web.Response:
        if not self._let_in(request):
            return _told(BAD_TOKEN)
        number = request.match_info["id"]
        if number in self.recalled:
            return _told(RECALLED)
        found = self.files.get((number, request.match_info["key"]))
        if found is None or request.query["type"] not in ("image", "file"):
            return _told(BAD_REQUEST)
        headers = {"Content-Disposition": 'attachment; filename="f"'}
        return web.Response(body=found, content_type="application/json", headers=headers)


async def _parts(request: web.Request) -> dict[str, bytes]:
    """Of a form: with the vendor's client the file's own name stands nowhere but in a field."""
    found, reader = {}, await request.multipart()
    while (part := await reader.next()) is not None:
        assert isinstance(part, BodyPartReader)
        found[part.name or ""] = bytes(await part.read())
    return found


def _told(
    code: int, data: Json | None = None, msg: str = "told", headers: Json | None = None
) -> web.Response:
    told = {"code": code, "msg": msg, "data": data or {}}
    return web.json_response(told, status=400 if code else 200, headers=headers)


def elements_of(card: Json) -> Iterator[Json]:
    """All that has a tag, from above to below."""
    waiting: list[Any] = [card.get("body", {}).get("elements", [])]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting = [*one, *waiting]
        elif isinstance(one, dict):
            if "tag" in one:
                yield one
            waiting = [*one.values(), *waiting]


def card_fits(card: Json) -> bool:
    elements = list(elements_of(card))
    config = card.get("config", {})
    return (
        card.get("schema") == "2.0"
        and config.get("update_multi") is True
        and set(card) <= FIELDS["card"]
        and set(config) <= FIELDS["config"]
        and set(card.get("body", {})) <= FIELDS["body"]
        and 0 < len(elements) <= MOST_ELEMENTS
        and all(map(_fits, elements))
    )


def _fits(one: Json) -> bool:
    if not set(one) <= FIELDS.get(one["tag"], set()):
        return False
    if one["tag"] in ("plain_text", "markdown"):
        return bool(one["content"].strip())
    if one["tag"] == "button" and len(one["text"]["content"]) > 100:
        return False
    return all(map(_does, one.get("behaviors", [])))


def _does(behavior: Json) -> bool:
    if behavior["type"] == "open_url":
        return bool(re.match(r"https?://", behavior["default_url"]))
    return behavior["type"] == "callback" and isinstance(behavior["value"], dict)


def said_of(card: Json) -> str:
    """As drawn: what is bold is bold, and holds no signs."""
    lines = []
    for one in card["body"]["elements"]:
        if one["tag"] == "div":
            lines.append(one["text"]["content"])
        elif one["tag"] == "markdown":
            text = re.sub(r"\*\*\u200b(.*?)\u200b\*\*", r"\1", one["content"])
            lines.append(html.unescape(text))
        elif one["tag"] == "date_picker":
            lines.append(f"[{one['placeholder']['content']}]")
    return "\n".join(lines)


def buttons_of(card: Json | None) -> dict[str, Json]:
    found = [one for one in elements_of(card) if one["tag"] == "button"] if card else []
    return {one["text"]["content"]: one["behaviors"][0] for one in found}


@asynccontextmanager
async def feishu(port: int = 0) -> AsyncIterator[FeishuServer]:
    made = FeishuServer()
    runner = web.AppRunner(made.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await made.drop()
        await runner.cleanup()


@dataclass
class Colleague(Reader):
    """Somebody in the organisation: writes to the robot, presses its cards."""

    server: FeishuServer
    user: str = "ou_wang"

    def who(self) -> Json:
        return {"open_id": self.user, "union_id": "on_1", "user_id": None}

    async def tells(self, kind: str, content: Json, **more: Any) -> str:
        number, event = more.pop("message_id", "") or self.server.number("om"), more.pop("id", "")
        message = {"message_id": number, "chat_id": "oc_1", "chat_type": "p2p", "create_time": "1"}
        message |= {"message_type": kind, "content": json.dumps(content), **more}
        sender = {"sender_id": self.who(), "sender_type": "user", "tenant_key": "here"}
        told = {"sender": sender, "message": message}
        await self.server.push("im.message.receive_v1", told, event)
        return number

    async def writes(self, text: str, **more: Any) -> str:
        return await self.tells("text", {"text": text}, **more)

    async def sends_file(self, name: str, content: bytes, kind: str = "file") -> str:
        number, key = self.server.number("om"), self.server.number("key")
        self.server.files[number, key] = content
        field = "image_key" if kind == "image" else "file_key"
        told = {field: key} if kind == "image" else {field: key, "file_name": name}
        return await self.tells(kind, told, message_id=number)

    async def enters(self) -> None:
        kind = "im.chat.access_event.bot_p2p_chat_entered_v1"
        await self.server.push(kind, {"chat_id": "oc_1", "operator_id": self.who()})

    async def chooses_in_menu(self, key: str) -> None:
        operator = {"operator_id": self.who(), "operator_name": "王芳"}
        told = {"operator": operator, "event_key": key, "timestamp": 1700000000}
        await self.server.push("application.bot.menu_v6", told)

    async def presses(self, label: str, card: Seen | None = None) -> None:
        """The newest card that has the button."""
        seen = card or next(s for s in reversed(self._mine()) if label in buttons_of(s.card))
        does = buttons_of(seen.card)[label]
        assert does["type"] == "callback"
        await self.acts(seen, {"tag": "button", "value": does["value"]})

    async def picks(self, day: str) -> None:
        """A day in the newest calendar."""
        seen, picker = next(
            (seen, one)
            for seen in reversed(self._mine())
            if seen.card
            for one in elements_of(seen.card)
            if one["tag"] == "date_picker"
        )
        value = picker["behaviors"][0]["value"]
        await self.acts(seen, {"tag": "date_picker", "option": f"{day} +0800", "value": value})

    async def acts(self, seen: Seen, action: Json) -> None:
        told = {"operator": {"tenant_key": "here", **self.who()}, "token": self.server.number("c")}
        told |= {"action": {"timezone": "Asia/Shanghai", **action}, "host": "im_message"}
        told["context"] = {"open_message_id": seen.id, "open_chat_id": "oc_1"}
        await self.server.push("card.action.trigger", told, card=seen.id)

    async def taps(self, label: str) -> None:
        async with asyncio.timeout(60):
            while not any(label in buttons_of(s.card) for s in self._mine()) and not any(
                f" {label}" in text for text in self.sees()
            ):
                await self.looks()
        if any(label in buttons_of(seen.card) for seen in self._mine()):
            await self.presses(label)
        else:
            await self.chooses(label)

    async def is_told(self, *words: str) -> str:
        """A note that comes up for a moment."""
        async with asyncio.timeout(60):
            while not (found := [t for t in self.notes() if all(word in t for word in words)]):
                await self.looks()
        return found[-1]

    def notes(self) -> list[str]:
        return self.server.toasts.get(self.user, [])

    def _mine(self) -> list[Seen]:
        return [seen for seen in self.server.seen if seen.user == self.user]

    def sees(self) -> list[str]:
        return [
            "\n".join([said_of(seen.card), *buttons_of(seen.card)]).strip()
            if seen.card
            else f"[{self.server.media[seen.media][1]}]"
            for seen in self._mine()
        ]

    async def looks(self) -> None:
        self.server.changed.clear()
        await self.server.changed.wait()
