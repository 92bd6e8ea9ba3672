"""An HTTP server that only this machine reaches."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.app.settings import SettingsError
from bot.app.shutdown import CLOSE_HTTP

HOST = "127.0.0.1"


@asynccontextmanager
async def on_loopback(app: web.Application, port: int, setting: str) -> AsyncIterator[int]:
    """Serve `app` for as long as the block, and give its port: a free one where `port` is 0.

    Accesses aren't logged: who asks whom and when stands nowhere. Raises SettingsError, which names
    `setting`, where the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_HTTP)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            raise SettingsError(f"{setting}: port {port}: {error.strerror}") from None
        addresses: list[Any] = runner.addresses
        yield addresses[0][1]
    finally:
        await runner.cleanup()
