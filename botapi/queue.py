"""What long polling and a webhook need of the updates that wait for a bot."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Waiting:
    """An update that its bot hasn't confirmed. `chat`: within it, updates keep their order."""

    chat: int
    payload: dict[str, Any]


@dataclass
class Webhook:
    """`failed_at`, `failure`: of the last call that the bot didn't answer with 200."""

    url: str
    secret: str
    connections: int
    failed_at: datetime | None = None
    failure: str = ""


class Bell:
    """Wakes whoever waits for a change."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()

    def wake(self) -> None:
        # Set and replaced, not cleared: a waiter that hasn't run yet would miss a cleared one.
        self._bell.set()
        self._bell = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until the next change, or until the time is up."""
        # Read before waiting: `wake` replaces it, and a later one wouldn't ring for this change.
        bell = self._bell
        try:
            async with asyncio.timeout(seconds):
                await bell.wait()
        except TimeoutError:
            return


class UpdateQueue(Protocol):
    """The updates of one bot. `poll` counts getUpdates: the later one takes over. `allowed`:
    the kinds it asked for; empty means the usual ones."""

    webhook: Webhook | None
    allowed: tuple[str, ...]
    poll: int

    @property
    def retry(self) -> float:
        """Seconds before a webhook that failed is called again."""
        ...

    def now(self) -> datetime: ...

    def waiting(self) -> Iterable[tuple[int, Waiting]]:
        """By update id, the oldest first."""
        ...

    def remove(self, update_ids: Iterable[int]) -> None: ...

    def wake(self) -> None:
        """Whoever waits looks again."""
        ...

    async def wait(self, seconds: float) -> None:
        """Until something changes, or until the time is up."""
        ...
