"""Holders of the keys to the reports, at a staff process that runs: each opens their own key file
with their own passphrase on this machine, and the process keeps the key in memory until it ends.

The way is a socket in the data folder that only the process's own user can enter: no passphrase
stands in the environment, and none goes through the messenger.
"""

import asyncio
import os
import socket
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from nacl.public import PrivateKey

if TYPE_CHECKING:
    from services.reports.exchange import Exchange

SOCKET = "holders-{}.sock"
LONGEST = 4096
"""Bytes of a line: 95 keys of one holder."""
ANSWER_IN = 10.0

log = structlog.get_logger()


@asynccontextmanager
async def serving_unlock(folder: Path, exchange: "Exchange | None") -> AsyncIterator[None]:
    """Accept keys over the socket; go on without where no socket can be made."""
    if exchange is None:
        yield
        return
    path = folder / SOCKET.format(os.getpid())
    try:
        hears, bound = UnlockServer(exchange).hear, _bound(path)
        server = await asyncio.start_unix_server(hears, sock=bound, limit=LONGEST)
    except OSError as problem:
        log.warning("unlock_socket_failed", error=problem.strerror or type(problem).__name__)
        server = None
    if exchange.opener is None:
        log.info("reports_locked")
    try:
        yield
    finally:
        if server is not None:
            server.close()
            path.unlink(missing_ok=True)


def _bound(path: Path) -> socket.socket:
    """Raises OSError."""
    made = socket.socket(socket.AF_UNIX)
    # One of a killed process that had this number.
    path.unlink(missing_ok=True)
    # Before the socket exists, not chmod after: in between anybody could connect. Nothing is waited
    # for meanwhile, since the mask is that of the whole process.
    mask = os.umask(0o177)
    try:
        made.bind(str(path))
    except OSError:
        made.close()
        raise
    finally:
        os.umask(mask)
    return made


class UnlockServer:
    """One line in, one line out: `open KEYS` or `close`; then how many keys there are."""

    def __init__(self, exchange: "Exchange") -> None:
        self.exchange = exchange

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, within ANSWER_IN; what is no request gets no answer."""
        with suppress(TimeoutError, ValueError, ConnectionError):
            async with asyncio.timeout(ANSWER_IN):
                act, _, rest = (await reader.readline()).decode("ascii").strip().partition(" ")
                writer.write(f"{self._do(act, rest)}\n".encode())
                await writer.drain()
        writer.close()

    def _do(self, act: str, rest: str) -> int:
        """Raises ValueError."""
        if act == "open":
            keys = b64decode(rest, validate=True)
            if not keys or len(keys) % PrivateKey.SIZE:
                raise ValueError("expected keys of 32 bytes")
            self.exchange.admit(_split(keys))
        elif act == "close":
            self.exchange.opener = None
        else:
            raise ValueError("expected open or close")
        log.info("reports_unlocked" if self.exchange.opener else "reports_locked")
        return len(self.exchange.opener.keys) if self.exchange.opener else 0


def _split(keys: bytes) -> tuple[bytes, ...]:
    return tuple(keys[at : at + PrivateKey.SIZE] for at in range(0, len(keys), PrivateKey.SIZE))


async def send_keys(folder: Path, keys: Sequence[bytes]) -> int:
    """Send keys to every staff process of this folder; no keys make them forget theirs. Return how
    many processes answered."""
    line = f"open {b64encode(b''.join(keys)).decode()}\n" if keys else "close\n"
    answered = 0
    for path in sorted(folder.glob(SOCKET.format("*"))):
        # Pass over the socket that a killed process has left: nobody listens there.
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_IN):
                reader, writer = await asyncio.open_unix_connection(path)
                writer.write(line.encode())
                answered += bool(await reader.readline())
                writer.close()
    return answered
