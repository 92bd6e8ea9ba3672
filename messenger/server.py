"""Puts both sides on one loopback address."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

from aiohttp import web

from botapi.webhook import WebhookSender
from messenger.bot_side import endpoint
from messenger.bot_side.queue import BotQueue
from messenger.core.saved import UnreadableChats, restore, save
from messenger.core.settings import MessengerSettings
from messenger.core.state import STATE, State
from messenger.people_side import chats, control, people

PAGE = Path(__file__).parent / "page"
PARTS = sorted(re.escape(path.name) for path in PAGE.iterdir() if path.name != "index.html")
LARGEST_REQUEST = 60 * 1024 * 1024
SAVE_EVERY = 5.0
ENDING = 0.1
"""Seconds left at the end to requests in hand; bots that wait for updates would use up more."""
LOCAL = {"127.0.0.1", "localhost", "[::1]"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other host names and origins: a foreign page in the same browser could reach this
    address under its own domain (DNS rebinding) and play everybody."""
    name = (request.host or "").rsplit(":", 1)[0]
    origin = request.headers.get("Origin")
    if name not in LOCAL or (origin and origin != f"http://{request.host}"):
        return web.json_response({"error": "this server answers on this machine only"}, status=403)
    response = await handler(request)
    # The headers of a WebSocket are out already.
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


async def healthy(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def page(request: web.Request) -> web.FileResponse:
    """The page and what it is made of; nothing outside its folder has a name here."""
    return web.FileResponse(PAGE / request.match_info.get("name", "index.html"))


def create_app(settings: MessengerSettings) -> web.Application:
    """The messenger: its page, the side of the bots, and the side of the people."""
    app = web.Application(middlewares=[only_local], client_max_size=LARGEST_REQUEST)
    app[STATE] = State(settings)
    person = "/api/people/{person}"
    app.add_routes(
        [
            web.get("/", page),
            web.get(f"/{{name:{'|'.join(PARTS)}}}", page),
            web.get("/healthz", healthy),
            web.route("*", "/bot{token:[^/]+}/{method}", endpoint.handle),
            web.get("/file/bot{token:[^/]+}/{path}", endpoint.download),
            web.get("/api/people", people.people),
            web.post(person, people.change_person),
            web.post(f"{person}/messages", chats.write),
            web.get(f"{person}/messages", chats.messages),
            web.post(f"{person}/presses", chats.press),
            web.get("/api/files/{file}", chats.file),
            web.get("/api/events", control.events),
            web.get("/api/clock", control.clock),
            web.post("/api/clock", control.set_clock),
            web.post("/api/faults", control.faults),
            web.get("/api/record", control.record),
        ]
    )
    app.cleanup_ctx.append(_webhooks)
    if settings.chats is not None:
        app.cleanup_ctx.append(_chats(settings.chats))
    return app


def _chats(file: Path) -> Callable[[web.Application], AsyncIterator[None]]:
    """Chats are there again after a restart: saved every few seconds in which something changed,
    and at the end."""

    async def kept(app: web.Application) -> AsyncIterator[None]:
        state = app[STATE]
        try:
            restore(state, file)
        except UnreadableChats as problem:
            print(f"{problem}; the chats begin anew", file=sys.stderr)  # noqa: T201
        saving = asyncio.create_task(_save_changes(state, file))
        yield
        saving.cancel()
        await asyncio.gather(saving, return_exceptions=True)
        save(state, file)

    return kept


async def _save_changes(state: State, file: Path) -> None:
    saved = state.seq
    while True:
        await asyncio.sleep(SAVE_EVERY)
        if state.seq != saved:
            saved = state.seq
            save(state, file)


async def _webhooks(app: web.Application) -> AsyncIterator[None]:
    state = app[STATE]
    queues = [BotQueue(state, bot) for bot in state.bots.values()]
    tasks = [asyncio.create_task(WebhookSender(queue).run()) for queue in queues]
    yield
    for task in tasks:
        # Cancelled before the server closes: a call to a bot that is ending too would hold it up.
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True)
class Running:
    url: str
    state: State


@asynccontextmanager
async def running(
    settings: MessengerSettings, listening: socket | None = None
) -> AsyncIterator[Running]:
    """The server, on loopback; port 0 takes a free one. OSError where it is taken. `listening`: a
    socket bound before, on which bots may be waiting already."""
    app = create_app(settings)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=ENDING)
    await runner.setup()
    try:
        if listening is not None:
            await web.SockSite(runner, listening).start()
        else:
            await web.TCPSite(runner, settings.host, settings.port).start()
        host, port = runner.addresses[0][:2]
        yield Running(f"http://{host}:{port}", app[STATE])
    finally:
        await runner.cleanup()
