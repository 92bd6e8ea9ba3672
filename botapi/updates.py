"""getUpdates: what a bot hasn't confirmed is given again and again."""

import time
from typing import Any

from botapi.errors import conflict
from botapi.methods import GetUpdates
from botapi.queue import UpdateQueue

BATCH, LONGEST_POLL = 100, 50
HOOKED = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
    "webhook first"
)
TAKEN = "terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKING = "terminated by setWebhook request"


async def get_updates(queue: UpdateQueue, asked: GetUpdates) -> list[dict[str, Any]]:
    """Long polling. Whoever asks later takes over from whoever is waiting."""
    if queue.webhook:
        raise conflict(HOOKED)
    if asked.allowed_updates is not None:
        queue.allowed = tuple(asked.allowed_updates)
    # As at Telegram the later request wins: the earlier one belongs to a process that may be dead.
    queue.poll += 1
    mine = queue.poll
    queue.wake()
    # Before waiting, so that it holds even where this request is broken off.
    _confirm(queue, asked.offset or 0)
    # Telegram corrects a limit that is out of range instead of refusing it.
    limit = max(1, min(asked.limit or BATCH, BATCH))
    until = time.monotonic() + min(max(asked.timeout or 0, 0), LONGEST_POLL)
    while not (found := list(queue.waiting())) and (left := until - time.monotonic()) > 0:
        await queue.wait(left)
        if queue.webhook:
            raise conflict(HOOKING)
        # Looked at after each wait: the process that took over must be the only one that gets
        # updates.
        if queue.poll != mine:
            raise conflict(TAKEN)
    return [waiting.payload for _, waiting in found[:limit]]


def _confirm(queue: UpdateQueue, offset: int) -> None:
    """All before `offset` is done with; a negative one keeps only so many from the end."""
    numbers = [number for number, _ in queue.waiting()]
    queue.remove(numbers[:offset] if offset < 0 else [one for one in numbers if one < offset])
