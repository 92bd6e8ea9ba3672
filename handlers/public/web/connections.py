"""The connections of the page: how many there may be, for how long, and what is answered to what is
no HTTP.

Behind a proxy or an onion service all come from one address, so nobody is counted by theirs. Where
there are too many, the one is closed that has brought nothing for longest: a visitor who reads
needs no connection, and one whose form is being answered keeps theirs.
"""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog
from aiohttp import web

from handlers.public.web.page import trouble_page, unreadable_page
from handlers.public.web.security_headers import HEADERS
from handlers.public.web.uploads import STEP

MOST = 2000
HEAD_IN = 60.0
"""Seconds for the head of a request, from the connection's beginning or its last answer: Tor is
slow. The body has `handlers.public.web.uploads.PACE`."""

# Not unpacked: a few bytes could become millions that `content_length` doesn't count.
SETTINGS: dict[str, Any] = {
    "access_log": None,
    "keepalive_timeout": HEAD_IN,
    "auto_decompress": False,
}

log = structlog.get_logger()


def most_connections() -> int:
    """Half of the files the process may have open: the rest is for its databases, the messenger,
    and connections that come in while others are being closed."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(1, min(MOST, soft // 2))


class Connection(web.RequestHandler):
    """`moved`: when it last brought something that counts, by the loop's clock."""

    def __init__(self, connections: "Connections", server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, **SETTINGS)
        self.connections, self.moved = connections, loop.time()
        self._request: web.BaseRequest | None = None
        self._brought = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.connections.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.connections.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._brought += len(data)
        if self._brought >= STEP:
            self._move()
        super().data_received(data)

    @property
    def answering(self) -> bool:
        """All of a request is here, and its answer isn't ready: nobody keeps it so by waiting."""
        return self._request is not None and self._request.content.is_eof()

    @contextmanager
    def handling(self, request: web.BaseRequest) -> Iterator[None]:
        self._request = request
        self._move()
        try:
            yield
        finally:
            self._request = None
            self._move()

    def _move(self) -> None:
        self._brought, self.moved = 0, asyncio.get_running_loop().time()

    def shut(self) -> None:
        # Not `close`: that waits for whoever doesn't read what was sent.
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp answers by itself, to what is no HTTP, passes no signal and no middleware of
        the application. `message` quotes what was sent: it isn't said."""
        if request.writer.output_size > 0:
            # A second answer inside the first would be read as part of it.
            raise ConnectionError("the answer has begun")
        if status >= 500:
            log.error("web_failed", error=type(exc).__name__)
        page = trouble_page() if status >= 500 else unreadable_page()
        response = web.Response(text=page, content_type="text/html", status=status, headers=HEADERS)
        response.force_close()
        return response


class Connections:
    """Makes one for whoever comes. `most`: at the same time."""

    def __init__(self, server: web.Server, most: int) -> None:
        self.server, self.most = server, most
        self._open: set[Connection] = set()
        self._said = False

    def __call__(self) -> Connection:
        return Connection(self, self.server)

    def add(self, new: Connection) -> None:
        self._open.add(new)
        if len(self._open) > self.most:
            self._say_full()
            idle = (one for one in self._open if not one.answering)
            # Never empty: of the new one nothing has been read yet.
            longest = min(idle, key=lambda one: one.moved)
            # At once, since it is lost only in the loop's next round.
            self._open.discard(longest)
            longest.shut()

    def discard(self, lost: Connection) -> None:
        self._open.discard(lost)
        self._said = self._said and len(self._open) > self.most // 2

    def _say_full(self) -> None:
        if not self._said:
            log.warning("connections_full", most=self.most)
        self._said = True


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, shutdown_timeout: float
) -> AsyncIterator[asyncio.Server]:
    """The page is open. Raises OSError where the port can't be had."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_timeout)
    await runner.setup()
    try:
        assert runner.server is not None
        connections = Connections(runner.server, most_connections())
        server = await asyncio.get_running_loop().create_server(connections, host, port)
        try:
            yield server
        finally:
            server.close()
    finally:
        await runner.cleanup()
