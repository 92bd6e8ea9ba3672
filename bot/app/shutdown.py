"""How long each part of a process gets to end once it was asked to: five seconds in all, whatever
the messenger does."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

FINISH_UPDATES = 3.2
"""Seconds in which the staff bot finishes the updates in hand."""
DELETE_REPORTS = 1.5
"""Seconds in which the public bot deletes unfinished reports from the chats."""
STOP_ONE = 0.5
"""Seconds for each thing the public bot stops before and after that."""
CLOSE_HTTP = 0.5
"""Seconds in which whoever asks over HTTP is still answered."""
CANCEL_AFTER = 4.2
"""Seconds after which a command is cancelled that didn't end by itself. What is left of the five is
for closing its databases on a busy machine."""
KILL_AFTER = 4.6
"""Seconds after which `yinlu run` kills a child: later than the child cancels itself."""
RUN_CANCEL_AFTER = 4.9
"""Seconds after which `yinlu run` itself is cancelled: later than its children are killed, so that
a slow child doesn't make the whole end as a failure."""

T = TypeVar("T")
log = structlog.get_logger()


class StoppedBeforeReady(Exception):
    """Stopped while waiting for something it needs to start: nothing is in hand."""


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` gives. Raises StoppedBeforeReady as soon as `stop` is set, and what `work`
    raises."""
    working, stopping = asyncio.ensure_future(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise StoppedBeforeReady
        return working.result()
    finally:
        working.cancel()
        stopping.cancel()


async def finish_within(seconds: float, work: Coroutine[Any, Any, object]) -> None:
    """Run one step of a shutdown for at most so long, and log what went wrong."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    # Not awaited: python-telegram-bot answers being cancelled with its next request, which would
    # take as long again.
    task.cancel()
    for ended in done:
        if not ended.cancelled() and (error := ended.exception()):
            log.warning("shutdown_step_failed", error=type(error).__name__)
