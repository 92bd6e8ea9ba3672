"""The parts of a process live together: the first one that ends ends all of them.

A process in which one part has died looks healthy and does nothing, for days. So none is restarted
here, and none is forgotten: the reason is logged, the process ends with an error, and whoever
started it starts it again with everything new.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from bot.app.logs import described

Part = Callable[[], Coroutine[Any, Any, None]]

log = structlog.get_logger()


class PartEnded(Exception):
    """A part that has to run for as long as the process does has returned."""


def forever(work: Part) -> Part:
    """Make a part out of work that ends: parts have to run until they are cancelled."""

    async def done() -> None:
        await work()
        await asyncio.Event().wait()

    return done


async def _nothing() -> None:
    """The default of `leaving`: nothing to finish."""


async def _leave(
    stop: asyncio.Event,
    running: Sequence[asyncio.Task[None]],
    leaving: Callable[[], Awaitable[None]],
) -> None:
    await stop.wait()
    for task in running:
        task.cancel()
    await leaving()


class Parts:
    """`ended`: the name of the part that has ended by itself, for /healthz; "" while all run."""

    def __init__(self) -> None:
        self.ended = ""
        self._reason: Exception | None = None

    async def run(
        self,
        stop: asyncio.Event,
        parts: Mapping[str, Part],
        leaving: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        """Until `stop` is set or a part ends; then all are cancelled, and `leaving` is awaited.
        Raises what ended the part; `stop` is set by then, so that the process's own limits for its
        end hold although nobody has asked for it."""
        running: list[asyncio.Task[None]] = []
        # Outside the group, which cancels whoever waits in it once a part has failed: what is in
        # hand is finished then as well.
        left = asyncio.create_task(_leave(stop, running, leaving))
        try:
            async with asyncio.TaskGroup() as group:
                running += [group.create_task(self._one(stop, *part)) for part in parts.items()]
            await left
        except ExceptionGroup as errors:
            await left
            raise (self._reason or errors) from None
        finally:
            left.cancel()

    async def _one(self, stop: asyncio.Event, name: str, part: Part) -> None:
        try:
            await part()
            raise PartEnded(name)
        except Exception as error:
            if stop.is_set():
                # It was being cancelled: what its end met is no reason to call the whole failed.
                log.warning("part_ended_badly", part=name, error=type(error).__name__)
                return
            self.ended, self._reason = name, error
            log.critical("part_ended", part=name, **described(error))
            stop.set()
            raise
