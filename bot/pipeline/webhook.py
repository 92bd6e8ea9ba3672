"""Webhook: answer an update with 200 only once it is stored, since 200 confirms it."""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramUnauthorizedError
from aiohttp import web

from bot.app.shutdown import CLOSE_HTTP
from bot.pipeline.admission import OPEN_DOORS, Admissions
from bot.pipeline.polling import KINDS, Pulse, incoming
from bot.pipeline.turns import Turn
from services.core.database import away
from services.messages.inbox import Inbox

SECRET = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 1024 * 1024
LOOK = 60.0
AGAIN = 5.0
"""Seconds after which the address is announced again where the messenger couldn't be reached."""

log = structlog.get_logger()


class Webhook:
    """Listens at `host:port` for what the messenger sends to `url`. Several processes may."""

    def __init__(
        self,
        name: str,
        bot: Bot,
        inbox: Inbox,
        now: Callable[[], datetime],
        wake: Callable[[Iterable[str]], None],
        pulse: Pulse | None = None,
        doors: Admissions = OPEN_DOORS,
        turn: Turn | None = None,
    ) -> None:
        self.turn = turn
        self.name, self.bot, self.inbox, self.now, self.wake = name, bot, inbox, now, wake
        self.pulse, self.doors = pulse, doors
        self.secret = b""
        self._brought = False

    async def run(self, url: str, secret: str, host: str, port: int) -> None:
        """Until cancelled. A token that the messenger doesn't know ends it with an error."""
        runner = web.AppRunner(
            self.app(urlsplit(url).path or "/", secret),
            access_log=None,
            shutdown_timeout=CLOSE_HTTP,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            while True:
                pause = LOOK if await self.announced(url, secret) else AGAIN
                await asyncio.sleep(pause)
        finally:
            await runner.cleanup()

    def app(self, path: str, secret: str) -> web.Application:
        self.secret = secret.encode()
        made = web.Application(client_max_size=LARGEST)
        made.router.add_post(path, self.take)
        return made

    async def announced(self, url: str, secret: str) -> bool:
        """Whether the messenger knows where to bring updates."""
        try:
            info = await self.bot.get_webhook_info()
            if info.url != url:
                await self.bot.set_webhook(
                    url, secret_token=secret, allowed_updates=KINDS, drop_pending_updates=False
                )
            # It answers, and still may not get through to here: what it can't bring it drops.
            if self.pulse is not None and (self._brought or not info.pending_update_count):
                await self.pulse.beat()
            self._brought = False
        except TelegramUnauthorizedError:
            raise
        except Exception as error:
            if not isinstance(error, TelegramAPIError | ClientDecodeError) and not away(error):
                raise
            log.warning("webhook_retries", error=type(error).__name__)
            return False
        return True

    async def take(self, request: web.Request) -> web.Response:
        """200 after the commit; 503 while the database is away, and the messenger brings it again.
        What isn't an update gets 200 as well: it wouldn't become one by being brought again."""
        # compare_digest: how long a comparison takes would tell how much of a guess is right.
        given = request.headers.get(SECRET, "").encode("utf-8", "replace")
        if not compare_digest(given, self.secret):
            return web.Response(status=401)
        raw = _read(await request.read())
        row = incoming(raw) if raw is not None else None
        if row is None:
            log.error("not_an_update", bot=self.name)
            return web.Response()
        try:
            store = self.doors.store(self.name, self.inbox, [row], self.now(), self.wake)
            await (store if self.turn is None else self.turn.take(store))
            self._brought = True
        except Exception as error:
            if not away(error):
                raise
            log.warning("intake_retries", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response()


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
