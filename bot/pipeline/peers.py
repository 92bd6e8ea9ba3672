"""The line to other installations: a door that takes their messages in, and a poster that brings
ours to their doors (docs/other-cities.md)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from io import BytesIO

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, web

from bot.app.loopback import on_loopback
from services.core.database import away
from services.peers.envelopes import LARGEST, SIGNATURE
from services.peers.receiving import PeerInbox, Refused
from services.peers.sending import PeerOutbox, ToPost

PATH = "/peers"
LOOK = 5.0
"""Seconds after which it is looked whether something is to be posted."""
ANSWER_IN, READ_IN = 60.0, 30.0
"""Seconds for a whole exchange, and for a message to come in."""
AT_ONCE = 2
"""Messages that are read at the same time: each may have megabytes."""
NO = "no"

log = structlog.get_logger()


class PeerDoor:
    """Takes messages at POST /peers on loopback, behind the server that speaks TLS."""

    def __init__(self, inbox: PeerInbox, now: Callable[[], datetime]) -> None:
        self.inbox, self.now, self.port = inbox, now, 0
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self, port: int) -> None:
        """Until cancelled. Raises SettingsError where the port is taken."""
        async with self.open(port):
            await asyncio.Event().wait()

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        """As `run`, for as long as the block. `port`: 0 for any that is free."""
        made = web.Application(client_max_size=LARGEST)
        made.router.add_post(PATH, self.take)
        async with on_loopback(made, port, "YINLU_PEERS_PORT") as self.port:
            yield

    async def take(self, request: web.Request) -> web.Response:
        """The receipt after the commit; whatever is wrong, one answer that says nothing of it."""
        try:
            async with self._room, asyncio.timeout(READ_IN):
                blob = await request.read()
            return web.Response(body=await self.inbox.take(blob, self.now()))
        except Refused:
            pass
        except (web.HTTPRequestEntityTooLarge, TimeoutError):
            self.inbox.refused["oversize"] += 1
        except Exception as error:
            self.inbox.refused["failed"] += 1
            # Nothing of the message: its text may quote a person.
            if not away(error):
                log.error("peer_message_failed", error=type(error).__name__)
        return web.Response(status=400, text=NO)


class PeerPoster:
    """Posts what is queued for peers."""

    def __init__(self, outbox: PeerOutbox, now: Callable[[], datetime]) -> None:
        self.outbox, self.now = outbox, now

    async def run(self) -> None:
        """Until cancelled; broken off anywhere, what was under way is posted again."""
        while True:
            try:
                if await self.round():
                    continue
            except Exception as error:
                if not away(error):
                    raise
                log.warning("peer_poster_retries", error=type(error).__name__)
            await asyncio.sleep(LOOK)

    async def round(self) -> int:
        """Post the oldest message of each peer that is due; return how many have arrived."""
        claimed = await self.outbox.claim(self.now())
        if not claimed:
            return 0
        timeout = ClientTimeout(ANSWER_IN)
        async with ClientSession(timeout=timeout, cookie_jar=DummyCookieJar()) as session:
            posted = [self._post(session, one) for one in claimed]
            return sum(await asyncio.gather(*posted))

    async def _post(self, session: ClientSession, message: ToPost) -> bool:
        answer = await _answered(session, message)
        if message.receipted(answer):
            await self.outbox.arrived(message.message_id, self.now())
            return True
        await self.outbox.failed(message.message_id, self.now())
        return False


async def _answered(session: ClientSession, message: ToPost) -> bytes:
    """Return the beginning of what the peer answers; nothing where it doesn't."""
    with suppress(ClientError, TimeoutError, OSError, ValueError):
        url = f"{message.address}{PATH}"
        # A redirect would bring it where nobody has said.
        async with session.post(url, data=BytesIO(message.blob), allow_redirects=False) as answer:
            return await answer.content.read(SIGNATURE + 1)
    return b""
