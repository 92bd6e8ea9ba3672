"""What every platform of our own needs of the network."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse

from gateway.platform import Refused, Unreachable

HERE = ("127.0.0.1", "localhost", "::1")
READ_AT_ONCE = 64 * 1024


@asynccontextmanager
async def network() -> AsyncIterator[None]:
    try:
        yield
    except (ClientError, OSError, TimeoutError):
        raise Unreachable from None


def check_address(url: str, secure: str = "https") -> None:
    """Raises Refused: nothing goes in the clear but to this machine. `secure`: https or wss."""
    parts = urlsplit(url)
    in_the_clear = parts.scheme == secure[:-1] and parts.hostname in HERE
    if parts.scheme != secure and not in_the_clear:
        raise Refused(f"the address isn't {secure}")


async def read_whole(answer: ClientResponse, most: int) -> bytes:
    """The body of an answer. Raises Refused where it is longer than `most`."""
    found = bytearray()
    async for some in answer.content.iter_chunked(READ_AT_ONCE):
        found += some
        if len(found) > most:
            raise Refused("the file is too large")
    return bytes(found)


def json_of(text: str | bytes) -> object:
    """None where it is none, or holds more within more than can be read: what somebody sends ends
    nothing here."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


async def until_first(*parts: Awaitable[None]) -> None:
    """Until the first of them ends; raises what it raises. Of two that end at once the one named
    first counts: that another process has the robot, before that nothing answers any more."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
