"""How long each part of a process gets to end once it was asked to: five seconds in all, whatever
the messenger does."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

PATIENCE = 3.2
"""Seconds for the updates in hand of the staff bot."""
LEAVING = 1.5
"""Seconds to take unfinished reports off the chats."""
STOPPING = 0.5
"""Seconds for each of what goes before and after that."""
CLOSING = 0.5
"""Seconds in which whoever asks over HTTP is still answered."""
GRACE = 4.3
"""Seconds after which a command is broken off that didn't end by itself. What is left of the five
is for closing its databases on a busy machine."""
KILLED_AFTER = 4.9
"""Seconds after which a process is."""

T = TypeVar("T")
log = structlog.get_logger()


class NotBegun(Exception):
    """Asked to end while something it needs to begin was still waited for: nothing is in hand."""


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives. Raises NotBegun as soon as `stop` is set, and what `work` raises."""
    working, stopping = asyncio.ensure_future(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise NotBegun
        return working.result()
    finally:
        working.cancel()
        stopping.cancel()


async def within(seconds: float, work: Coroutine[Any, Any, object]) -> None:
    """Begun, and waited for so long; what went wrong is logged. How it takes being cancelled isn't
    waited for: python-telegram-bot goes on with its next request then."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    task.cancel()
    for ended in done:
        if not ended.cancelled() and (error := ended.exception()):
            log.warning("left_behind", error=type(error).__name__)
