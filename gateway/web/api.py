"""The people's side over HTTP: one page, and what it asks for."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode, web

from gateway.gateway_texts import TITLE
from gateway.inwards import whole
from gateway.network import json_of
from gateway.platform import COMMANDS, Memory, Refused
from gateway.web.guard import Guard, address_of, device_of
from gateway.web.hub import Page, Told
from gateway.web.people import Here, People
from gateway.web.records import Line
from gateway.web.settings import WebSettings
from gateway.web.showing import content_of, shown
from gateway.web.uploads import Uploads, download
from gateway.web.web_texts import Problem, said

FOLDER = Path(__file__).with_name("page")
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
INDEX = "index.html"


class PageFiles:
    """The page itself: a few files, the same for everybody, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.name: (path.read_bytes(), TYPES[path.suffix])
            for path in folder.iterdir()
            if path.suffix in TYPES
        }

    async def answer(self, request: web.Request) -> web.Response:
        found = self._files.get(request.match_info.get("name", INDEX))
        if found is None:
            raise web.HTTPNotFound
        body, kind = found
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=body, content_type=kind, charset=charset)


PING = 20.0
MOST_BODY, MOST_LINES, MOST_CHANGES = 64 * 1024, 100, 200
LONGEST_MESSAGE = 4096
"""Bytes that a page may say over the socket, where it has nothing to say."""
ENDING = 1.0
MESSAGE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Api:
    """`memory`: of the gateway, which keeps what the bot calls its commands."""

    people: People
    guard: Guard
    uploads: Uploads
    memory: Memory

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/join", self.join),
            web.post("/api/sign-in", self.sign_in),
            web.post("/api/sign-out", self.sign_out),
            web.get("/api/sessions", self.sessions),
            web.delete("/api/sessions/{id}", self.end_session),
            web.post("/api/sessions/end-others", self.end_others),
            web.post("/api/passphrase", self.passphrase),
            web.get("/api/me", self.me),
            web.get("/api/messages", self.messages),
            web.post("/api/messages", self.write),
            web.patch(f"/api/messages/{{id:{MESSAGE.pattern}}}", self.rewrite),
            web.post("/api/presses", self.press),
            web.get("/api/files/{id:[0-9a-f]{32}}", self.file),
            web.get("/api/changes", self.changes),
        ]

    # Coming in

    async def join(self, request: web.Request) -> web.Response:
        self.guard.from_our_page(request)
        told = await _body(request)
        given = [_text(told, name) for name in ("token", "name", "passphrase")]
        where = address_of(request), device_of(request)
        account, token = await self.people.join(given[0], given[1], given[2], *where)
        return self.guard.let_in(web.json_response({"name": account.name}), account, token)

    async def sign_in(self, request: web.Request) -> web.Response:
        self.guard.from_our_page(request)
        told = await _body(request)
        name, passphrase = _text(told, "name"), _text(told, "passphrase")
        where = address_of(request), device_of(request)
        mark = self.guard.mark(request)
        account, token = await self.people.sign_in(name, passphrase, *where, mark)
        return self.guard.let_in(web.json_response({}), account, token)

    async def sign_out(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        await self.people.end(here, here.session.id)
        return self.guard.let_out(web.json_response({}))

    async def sessions(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        told = [
            {
                "id": one.id,
                "made": _moment(one.made),
                "seen": _moment(one.seen),
                "device": one.device,
                "here": one.id == here.session.id,
            }
            for one in await self.people.records.sessions(here.key)
        ]
        return web.json_response(told)

    async def end_session(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        await self.people.end(here, request.match_info["id"])
        return web.json_response({})

    async def end_others(self, request: web.Request) -> web.Response:
        await self.people.end_others(await self.guard.signed_in(request))
        return web.json_response({})

    async def passphrase(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        told = await _body(request)
        old, new = _text(told, "old"), _text(told, "new")
        where, mark = address_of(request), self.guard.mark(request)
        account = await self.people.change_passphrase(here, old, new, where, mark)
        return self.guard.remember(web.json_response({}), account)

    # The chat

    async def me(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        language = request.headers.get("Accept-Language", "")
        # In the language of the browser where the bot speaks it, else in its first.
        kept = await self.memory.recall(f"{COMMANDS}{language[:2].lower()}")
        commands = json_of(kept or await self.memory.recall(COMMANDS))
        told = {
            "name": here.account.name,
            "csrf": self.guard.csrf(self.guard.token(request)),
            "bot": {"name": TITLE, "about": said("about", language)},
            "commands": commands or [],
        }
        return web.json_response(told)

    async def messages(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        records = self.people.records
        if "after" in request.query:
            return web.json_response(await self._after(here, _number(request, "after")))
        before = _number(request, "before") if "before" in request.query else None
        most = max(1, min(_number(request, "limit", 50), MOST_LINES))
        # First, so that what comes meanwhile is asked for again and not passed over.
        seq = await records.seq(here.key)
        found = await records.before(here.key, before, most + 1)
        lines = [shown(line) for line in reversed(found[:most])]
        return web.json_response({"messages": lines, "more": len(found) > most, "seq": seq})

    async def _after(self, here: Here, seq: int) -> Mapping[str, Any]:
        found = await self.people.records.after(here.key, seq, MOST_CHANGES + 1)
        lines = found[:MOST_CHANGES]
        # Older ones aren't told of any more: the page begins anew.
        stale = seq < self.people.records.told_since
        return {
            "stale": stale,
            "messages": [shown(line) for line in lines if not line.gone],
            "removed": [line.id for line in lines if line.gone],
            "notes": self.people.hub.notes(here.key),
            "more": len(found) > MOST_CHANGES,
            "seq": max((line.seq for line in lines), default=seq),
        }

    async def write(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        self.people.hurries(here)
        if request.content_type == "multipart/form-data":
            return _ids(await self._with_files(request, here))
        told = await _body(request)
        reply = None if told.get("reply_to") is None else _id(told, "reply_to")
        key, text = _text(told, "key"), _text(told, "text")
        return _ids(await self.people.write(here, key, text, [], reply))

    async def _with_files(self, request: web.Request, here: Here) -> list[Line]:
        form = await self.uploads.read(request, here)
        fields = form.fields
        reply = fields.get("reply_to", "")
        try:
            answers = int(reply) if MESSAGE.fullmatch(reply) else None
            key, text = fields.get("key", ""), fields.get("text", "")
            done = await self.people.sent_before(here, key)
            if not done:
                done = await self.people.write(here, key, text, form.files, answers)
            return done
        finally:
            await self.people.records.drop_loose(*form.ids)

    async def rewrite(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        self.people.hurries(here)
        text = _text(await _body(request), "text")
        await self.people.rewrite(here, int(request.match_info["id"]), text)
        return web.json_response({})

    async def press(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        self.people.hurries(here)
        told = await _body(request)
        number = _id(told, "message")
        await self.people.press(here, number, _text(told, "data"), _text(told, "key"))
        return web.json_response({})

    async def file(self, request: web.Request) -> web.Response:
        here = await self.guard.signed_in(request)
        number = request.match_info["id"]
        line = await self.people.records.line_with(here.key, number)
        media = content_of(line.body.get("content")) if line else None
        found = await self.people.records.content(number) if media else None
        if media is None or found is None or found[0] != here.key:
            raise Problem("not_found", 404)
        return download(found[1], media.name)

    # What comes by itself

    async def changes(self, request: web.Request) -> web.StreamResponse:
        self.guard.from_our_page(request)
        here = await self.guard.signed_in(request)
        socket = web.WebSocketResponse(heartbeat=PING, max_msg_size=LONGEST_MESSAGE, compress=False)
        if not socket.can_prepare(request):
            raise Problem("bad_request")
        with self.people.hub.page(here.key, here.session.id) as page:
            await socket.prepare(request)
            telling = asyncio.create_task(_tell(page, socket))
            try:
                # It has nothing to say; reading answers its pongs and hears it go.
                async for _ in socket:
                    pass
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
        return socket


async def _tell(page: Page, socket: web.WebSocketResponse) -> None:
    with suppress(ConnectionError):
        while (told := await _next(page)) is not None:
            await socket.send_json(told)
        await socket.close(code=WSCloseCode.GOING_AWAY)


async def _next(page: Page) -> Told | None:
    """What the page is to be told; a sign of life after a while: a script doesn't see the pings of
    the protocol, and couldn't tell a quiet line from a dead one."""
    try:
        async with asyncio.timeout(PING):
            return await page.waiting.get()
    except TimeoutError:
        return {"kind": "ping"}


async def _body(request: web.Request) -> dict[str, Any]:
    """Raises Problem."""
    if request.content_type != "application/json":
        raise Problem("bad_request", 415)
    content = await request.content.read(MOST_BODY + 1)
    while len(content) <= MOST_BODY and (more := await request.content.read(MOST_BODY)):
        content += more
    told = json_of(content) if len(content) <= MOST_BODY else None
    if not isinstance(told, dict):
        raise Problem("bad_request")
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise Problem("bad_request")
    return str(whole(value))


def _id(told: Mapping[str, Any], name: str) -> int:
    """Of a message; a larger number than there can be fits in no row."""
    value = told.get(name)
    if not isinstance(value, int) or not MESSAGE.fullmatch(str(value)):
        raise Problem("bad_request")
    return value


def _number(request: web.Request, name: str, default: int = 0) -> int:
    value = request.query.get(name, str(default))
    if not value.isdecimal() or len(value) > 15:
        raise Problem("bad_request")
    return int(value)


def _ids(lines: list[Line]) -> web.Response:
    return web.json_response({"ids": [line.id for line in lines]})


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def create_app(people: People, settings: WebSettings, memory: Memory) -> web.Application:
    async def _end_pages(_: web.Application) -> None:
        people.hub.close()

    guard = Guard(people, settings.url, settings.secure)
    api, page = Api(people, guard, Uploads(people), memory), PageFiles()
    app = web.Application(middlewares=[guard.answers])
    app.on_shutdown.append(_end_pages)
    app.add_routes(api.routes())
    app.add_routes([web.get("/", page.answer), web.get(r"/{name:[\w.-]+}", page.answer)])
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Answers people; gives the port, where 0 takes a free one. Raises Refused where nothing can
    listen there."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=ENDING)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Refused(f"port {port}: {reason}") from None
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
