"""A stand-in for WeCom's long connection: what the vendor's client accepts and nothing more.

`test_wecom_sdk.py` beside it has two clients that aren't ours, the vendor's own and another one,
talk to it. It checks what it is sent as the documentation has it, and shows what a person
would see. A person is `Colleague`.
"""

import asyncio
import hashlib
import json
import re
import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from secrets import token_bytes
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.gateway.fake import Reader

BOT, SECRET = "aib-here", "secret-of-the-robot"
TASK = re.compile(r"[0-9A-Za-z_@-]{1,128}")
PIECE, MOST_PIECES, MOST_BUTTONS, MOST_BYTES = 512 * 1024, 100, 6, 20480
PRESS_WITHIN = 5.0
BAD_SECRET, BAD_BODY, NOBODY, BAD_REQUEST, BAD_MEDIA = 40001, 40058, 846607, 846605, 40007
Frame = dict[str, Any]


@dataclass
class Seen:
    """A message in somebody's chat. `card`: as it is drawn now."""

    user: str
    text: str
    card: Frame | None = None
    media: str = ""


@dataclass
class Upload:
    kind: str
    name: str
    size: int
    pieces: int
    md5: str
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass(eq=False)
class WeComServer:
    """`codes`: of the next answers to a command, one each; None is never answered. `now`: moves
    by hand, seconds. `pieces`: frames are sent in several."""

    secret: str = SECRET
    url: str = ""
    http: str = ""
    now: float = 0.0
    pieces: bool = False
    codes: dict[str, list[int | None]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    asked: list[Frame] = field(default_factory=list)
    pressed: dict[str, float] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    media: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    connection: ServerConnection | None = None

    def __post_init__(self) -> None:
        self.numbers = count(1)
        self.changed = asyncio.Event()
        self.subscribed = asyncio.Event()

    # The connection

    async def handle(self, connection: ServerConnection) -> None:
        try:
            async for text in connection:
                await self._answer(connection, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            if self.connection is connection:
                self.connection = None
                self.subscribed.clear()

    async def _answer(self, connection: ServerConnection, frame: Frame) -> None:
        cmd, number = frame["cmd"], frame["headers"]["req_id"]
        self.asked.append(frame)
        told = self.codes.get(cmd) or []
        failed = told.pop(0) if told else 0
        # What it refuses isn't done; what it doesn't answer is.
        code, body = (failed, None) if failed else self._told(cmd)(number, frame.get("body") or {})
        self.changed.set()
        if failed is None:
            return
        if cmd == "aibot_subscribe" and not code:
            await self._take_over(connection)
        answer = {"headers": {"req_id": number}, "errcode": code, "errmsg": "told"}
        await self.tell(connection, {**answer, "body": body} if body else answer)
        if cmd == "aibot_subscribe":
            if code:
                await connection.close()
            else:
                self.subscribed.set()

    def _told(self, cmd: str) -> Any:
        return {
            "aibot_subscribe": self._subscribe,
            "ping": lambda *_: (0, None),
            "aibot_send_msg": self._send,
            "aibot_respond_update_msg": self._update,
            "aibot_respond_welcome_msg": self._welcome,
            "aibot_upload_media_init": self._begin,
            "aibot_upload_media_chunk": self._piece,
            "aibot_upload_media_finish": self._finish,
        }[cmd]

    async def tell(self, connection: ServerConnection, frame: Frame) -> None:
        text = json.dumps(frame, ensure_ascii=False)
        middle = len(text) // 2
        await connection.send([text[:middle], text[middle:]] if self.pieces else text)

    async def _take_over(self, connection: ServerConnection) -> None:
        """One connection for a robot: the older one is told, and closed."""
        older, self.connection = self.connection, connection
        if older is not None and older is not connection:
            event = {"eventtype": "disconnected_event"}
            body = {"msgid": self.number("m"), "aibotid": BOT, "msgtype": "event", "event": event}
            await self.tell(older, self._callback("aibot_event_callback", body))
            await older.close()

    def number(self, before: str) -> str:
        return f"{before}{next(self.numbers)}"

    def _callback(self, cmd: str, body: Frame) -> Frame:
        return {"cmd": cmd, "headers": {"req_id": self.number("r")}, "body": body}

    async def push(self, cmd: str, body: Frame) -> str:
        """To the robot; gives the req_id. Lost where nobody is connected."""
        frame = self._callback(cmd, body)
        if self.connection is not None:
            await self.tell(self.connection, frame)
        return str(frame["headers"]["req_id"])

    async def drop(self) -> None:
        self.subscribed.clear()
        if self.connection is not None:
            await self.connection.close()

    # What it is asked

    def _subscribe(self, number: str, body: Frame) -> tuple[int, Frame | None]:
        right = body.get("bot_id") == BOT and body.get("secret") == self.secret
        return (0, None) if right else (BAD_SECRET, None)

    def _send(self, number: str, body: Frame) -> tuple[int, Frame | None]:
        user = body.get("chatid", "")
        if user not in self.known:
            return NOBODY, None
        seen = self._read(user, body)
        if seen is None:
            return BAD_BODY, None
        if seen.media and seen.media not in self.media:
            return BAD_MEDIA, None
        self.seen.append(seen)
        return 0, None

    def _read(self, user: str, body: Frame) -> Seen | None:
        kind = body.get("msgtype")
        if kind == "markdown":
            text = body["markdown"]["content"]
            return Seen(user, text) if 0 < len(text.encode()) <= MOST_BYTES else None
        if kind == "template_card":
            card = body["template_card"]
            used = {one.card["task_id"] for one in self.seen if one.card is not None}
            fits = card_fits(card) and card["task_id"] not in used
            return Seen(user, said_of(card), card) if fits else None
        if kind in ("image", "file"):
            media = body[kind]["media_id"]
            return Seen(user, f"[{self.media.get(media, ('', '?', b''))[1]}]", media=media)
        return None

    def _update(self, number: str, body: Frame) -> tuple[int, Frame | None]:
        at, card = self.pressed.pop(number, None), body.get("template_card", {})
        if at is None or self.now - at > PRESS_WITHIN:
            return BAD_REQUEST, None
        drawn = next(
            (s for s in self.seen if s.card and s.card["task_id"] == card.get("task_id")), None
        )
        right = body.get("response_type") == "update_template_card" and card_fits(card)
        if drawn is None or not right:
            return BAD_BODY, None
        drawn.card, drawn.text = card, said_of(card)
        return 0, None

    def _welcome(self, number: str, body: Frame) -> tuple[int, Frame | None]:
        return (0, None) if self.pressed.pop(number, None) is not None else (BAD_REQUEST, None)

    def _begin(self, number: str, body: Frame) -> tuple[int, Frame | None]:
        size, pieces = body["total_size"], body["total_chunks"]
        if body["type"] not in ("file", "image", "voice", "video") or not size > 0:
            return BAD_BODY, None
        if not 0 < pieces <= MOST_PIECES or size > pieces * PIECE:
            return BAD_BODY, None
        made = self.number("u")
        self.uploads[made] = Upload(body["type"], body["filename"], size, pieces, body["md5"])
        return 0, {"upload_id": made}

    def _piece(self, number: str, body: Frame) -> tuple[int, Frame | None]:
        upload = self.uploads.get(body["upload_id"])
        content = b64decode(body["base64_data"], validate=True)
        if upload is None or len(content) > PIECE or not 0 <= body["chunk_index"] < upload.pieces:
            return BAD_BODY, None
        upload.parts[body["chunk_index"]] = content
        return 0, None

    def _finish(self, number: str, body: Frame) -> tuple[int, Frame | None]:
        upload = self.uploads.pop(body["upload_id"], None)
        if upload is None or len(upload.parts) != upload.pieces:
            return BAD_BODY, None
        whole = b"".join(upload.parts[place] for place in range(upload.pieces))
        if len(whole) != upload.size or hashlib.md5(whole).hexdigest() != upload.md5:
            return BAD_BODY, None
        made = self.number("media")
        self.media[made] = (upload.kind, upload.name, whole)
        return 0, {"type": upload.kind, "media_id": made, "created_at": "1700000000"}

    # Files that people send

    def keep(self, name: str, content: bytes) -> Frame:
        """As a message tells of it: sealed, with a key of its own."""
        key, number = token_bytes(32), self.number("f")
        pad = 32 - len(content) % 32
        sealer = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
        sealed = sealer.update(content + bytes([pad]) * pad) + sealer.finalize()
        self.files[f"/{number}"] = (name, sealed)
        return {"url": f"{self.http}/{number}", "aeskey": b64encode(key).decode().rstrip("=")}

    def serves(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        name, content = self.files.get(request.path, ("", b""))
        headers = Headers({"Content-Length": str(len(content)), "Connection": "close"})
        if not name:
            return Response(404, "Not Found", headers)
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        return Response(200, "OK", headers, content)


def card_fits(card: Frame) -> bool:
    buttons = card.get("button_list", [])
    return (
        card.get("card_type") == "button_interaction"
        and bool(card.get("main_title", {}).get("title"))
        and TASK.fullmatch(card.get("task_id", "")) is not None
        and 0 < len(buttons) <= MOST_BUTTONS
        and all(one["text"] and 0 < len(one["key"].encode()) <= 1024 for one in buttons)
        and len({one["key"] for one in buttons}) == len(buttons)
    )


def said_of(card: Frame) -> str:
    title = card["main_title"]
    lines = [title["title"], title.get("desc", ""), card.get("sub_title_text", "")]
    return "\n".join(line for line in lines if line)


@asynccontextmanager
async def wecom(
    port: int = 0, secure: ssl.SSLContext | None = None, server: WeComServer | None = None
) -> AsyncIterator[WeComServer]:
    """`secure`: answers wss, as the vendor's client asks for it."""
    made = server or WeComServer()
    options = {"process_request": made.serves, "ssl": secure, "ping_interval": None}
    async with serve(made.handle, "127.0.0.1", port, **options) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        made.url = f"{'wss' if secure else 'ws'}://127.0.0.1:{port}"
        made.http = f"{'https' if secure else 'http'}://127.0.0.1:{port}"
        yield made


@dataclass
class Colleague(Reader):
    """Somebody in the organisation: writes to the robot, presses its cards."""

    server: WeComServer
    user: str = "WangFang"

    def about(self, **more: Any) -> Frame:
        number = more.pop("msgid", "") or self.server.number("m")
        told = {"msgid": number, "aibotid": BOT, "chattype": "single", "create_time": 1700000000}
        return {**told, "from": {"userid": self.user}, **more}

    async def tells(self, kind: str, content: Frame, **more: Any) -> str:
        self.server.known.add(self.user)
        body = self.about(msgtype=kind, **{kind: content}, **more)
        await self.server.push("aibot_msg_callback", body)
        return str(body["msgid"])

    async def writes(self, text: str, **more: Any) -> str:
        return await self.tells("text", {"content": text}, **more)

    async def sends_file(self, name: str, content: bytes, kind: str = "file") -> None:
        await self.tells(kind, self.server.keep(name, content))

    async def enters(self) -> None:
        self.server.known.add(self.user)
        event = {"eventtype": "enter_chat"}
        number = await self.server.push(
            "aibot_event_callback", self.about(msgtype="event", event=event)
        )
        self.server.pressed[number] = self.server.now

    async def presses(self, label: str, card: Seen | None = None, key: str = "") -> None:
        """The newest card that has the button."""
        card = card or next(s for s in reversed(self._mine()) if label in labels(s))
        assert card.card is not None
        if not key:
            key = next(b["key"] for b in card.card["button_list"] if b["text"] == label)
        told = {"card_type": "button_interaction", "event_key": key}
        told["task_id"] = card.card["task_id"]
        event = {"eventtype": "template_card_event", "template_card_event": told}
        body = self.about(msgtype="event", event=event)
        frame = self.server._callback("aibot_event_callback", body)
        self.server.pressed[frame["headers"]["req_id"]] = self.server.now
        if self.server.connection is not None:
            await self.server.tell(self.server.connection, frame)

    async def taps(self, label: str) -> None:
        """Its button, or its letter, whichever stands there."""
        await self.hears(label)
        await self._offered(label)
        if any(label in labels(seen) for seen in self._mine()):
            await self.presses(label)
        else:
            await self.chooses(label)

    async def _offered(self, label: str) -> None:
        async with asyncio.timeout(60):
            while not any(
                label in labels(seen) or f" {label}" in seen.text for seen in self._mine()
            ):
                await self.looks()

    def _mine(self) -> list[Seen]:
        return [seen for seen in self.server.seen if seen.user == self.user]

    def sees(self) -> list[str]:
        """As drawn: bold words are bold, and hold no signs."""
        return ["\n".join([seen.text.replace("**", ""), *labels(seen)]) for seen in self._mine()]

    async def looks(self) -> None:
        self.server.changed.clear()
        await self.server.changed.wait()


def labels(seen: Seen) -> list[str]:
    return [button["text"] for button in seen.card["button_list"]] if seen.card else []
