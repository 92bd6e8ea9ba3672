"""The gateway put together: the Bot API on a loopback address, a platform behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

import structlog
from aiohttp import web

from botapi.errors import ApiError
from botapi.methods import method_named
from botapi.requests import parse, read
from botapi.webhook import WebhookSender
from gateway.bodies import GatewayBot
from gateway.calls import WEBHOOK, Backend, Call, answered, webhook_kept
from gateway.inwards import Inwards
from gateway.outwards import Outwards
from gateway.platform import Left, Platform, Refused, TooOften, Unreachable
from gateway.store import GatewayQueue, Store

LARGEST_REQUEST = 60 * 1024 * 1024
ENDING = 0.1
CLEAN_EVERY = 3600.0
PUBLIC = "Forbidden: the bot of the public is never served by a gateway"

log = structlog.get_logger()


class PortTaken(Exception):
    """Nothing can listen on the port."""


@dataclass(frozen=True)
class Tokens:
    """`staff`: of the bot that is served. `public`: of the one that never is; "" where it isn't
    known here."""

    staff: str = field(repr=False)
    public: str = field(default="", repr=False)

    def check(self, token: str) -> None:
        """Raises ApiError."""
        if self.public and compare_digest(token.encode(), self.public.encode()):
            log.error("public_bot_refused")
            raise ApiError(403, PUBLIC)
        if not compare_digest(token.encode(), self.staff.encode()):
            raise ApiError(401, "Unauthorized")


@dataclass(eq=False)
class Gateway:
    """`run` until cancelled."""

    store: Store
    platform: Platform
    bot: GatewayBot
    tokens: Tokens
    refuse: bool = True
    url: str = ""

    def __post_init__(self) -> None:
        self.queue = GatewayQueue(self.store)
        self.outwards = Outwards(self.store, self.platform, self.refuse, self.bot.username)
        self.inwards = Inwards(self.store, self.queue, self.bot, self.outwards)
        self.backend = Backend(self.store, self.queue, self.outwards, self.bot)

    async def open(self) -> None:
        """Before anything is answered."""
        await self.store.open()
        await self.queue.open()
        self.queue.webhook = webhook_kept(await self.store.recall(WEBHOOK))

    async def run(self) -> None:
        """Raises what ends the platform: another process with its account, a login it refuses."""
        parts = [self.platform.run(self.inwards.receive), self._redo_then_clean()]
        parts.append(WebhookSender(self.queue).run())
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)

    async def _redo_then_clean(self) -> None:
        await self.platform.reached()
        await self.outwards.redo()
        # Not beside it: after an hour away what was told last would be taken for long told. While
        # the platform can't be reached nothing new is stored that would have to be cleaned up.
        while True:
            await self.store.clean()
            await asyncio.sleep(CLEAN_EVERY)

    # HTTP

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            answer = await self._answer(request)
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        except Exception as error:
            # Without its text, which may quote what was said.
            log.error("call_failed", error=type(error).__name__)
            failed = ApiError(500, "Internal Server Error")
            return web.json_response(failed.body(), status=failed.code)
        return web.json_response({"ok": True, "result": answer})

    async def _answer(self, request: web.Request) -> Any:
        self.tokens.check(request.match_info["token"])
        kind = method_named(request.match_info["method"])
        params, files = await read(request)

        def heard() -> bool:
            return request.transport is not None and not request.transport.is_closing()

        return await answered(Call(parse(kind, params), files, self.backend, heard), kind)

    async def download(self, request: web.Request) -> web.Response:
        try:
            self.tokens.check(request.match_info["token"])
            content = await self.store.file(request.match_info["path"])
            if content is None:
                raise ApiError(404, "Not Found: file not found")
            body = await self.platform.fetch(content)
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        except (Unreachable, TooOften, Left, Refused):
            # Gone there, or not reached: the bot says that it couldn't be fetched.
            gone = ApiError(404, "Not Found: the file can't be fetched from the platform")
            return web.json_response(gone.body(), status=gone.code)
        return web.Response(body=body, content_type="application/octet-stream")

    async def healthz(self, request: web.Request) -> web.Response:
        if self.platform.connected:
            return web.json_response({"state": "fine"})
        return web.json_response({"state": "the platform can't be reached"}, status=503)

    async def metrics(self, request: web.Request) -> web.Response:
        # The library of the numbers isn't loaded where nobody asks for them.
        from gateway.numbers import Numbers

        numbers = Numbers(
            calls=self.outwards.counted,
            events=self.inwards.taken,
            waiting=len(list(self.queue.waiting())),
            connected=self.platform.connected,
        )
        return web.Response(text=numbers.written(), content_type="text/plain", charset="utf-8")


def create_app(gateway: Gateway) -> web.Application:
    app = web.Application(client_max_size=LARGEST_REQUEST)
    app.add_routes(
        [
            web.get("/healthz", gateway.healthz),
            web.get("/metrics", gateway.metrics),
            web.route("*", "/bot{token:[^/]+}/{method}", gateway.handle),
            web.get("/file/bot{token:[^/]+}/{path}", gateway.download),
        ]
    )
    return app


@asynccontextmanager
async def listening(gateway: Gateway, host: str, port: int) -> AsyncIterator[Gateway]:
    """Answers the bot; port 0 takes a free one. Raises PortTaken."""
    await gateway.open()
    runner = web.AppRunner(create_app(gateway), access_log=None, shutdown_timeout=ENDING)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise PortTaken(f"port {port}: {error.strerror}") from None
        there = runner.addresses[0]
        gateway.url = f"http://{there[0]}:{there[1]}"
        yield gateway
    finally:
        await runner.cleanup()
        await gateway.queue.close()
