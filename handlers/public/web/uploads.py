"""How much of the forms in hand is held in memory: limited by progress, not by place.

A form that is sent slowly takes only the bytes it has brought. Where they don't all fit, the form
gives way that keeps most bytes longest without moving on.

Worked example: four forms brought 39 MB each and stopped; a fifth begins. With its first bytes over
HELD one of the four is told that too many report at once, and its 39 MB are free.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from services.intake.intake import MOST_BYTES

HELD = 4 * MOST_BYTES
STEP = 64 * 1024
"""Bytes that count as moving on."""
PACE = 60.0
"""Seconds for each STEP, and for all of a form that is smaller: Tor is slow."""
IN_TIME = 3000.0
"""Seconds for the whole form; the number it carries is good for an hour."""


class GaveWay(Exception):
    """There was no room for what the form brought."""


@dataclass(eq=False)
class Upload:
    """One form. `moved`: when it last brought a whole STEP."""

    uploads: "Uploads"
    moved: float
    held: int = 0
    gave_way: bool = False
    _step: int = 0
    _limit: asyncio.Timeout | None = field(default=None, repr=False)

    @asynccontextmanager
    async def moving(self) -> AsyncIterator[None]:
        """While the form is read. Raises TimeoutError where it doesn't move on, and where it gives
        way."""
        async with asyncio.timeout(IN_TIME), asyncio.timeout(PACE) as self._limit:
            try:
                yield
            finally:
                self._limit = None

    @property
    def reading(self) -> bool:
        return self._limit is not None

    def brings(self, count: int) -> None:
        """`count` bytes more. Raises GaveWay."""
        self.held += count
        self._step += count
        if self._step >= STEP:
            self._step, self.moved = 0, self.uploads.clock()
            if self._limit is not None:
                self._limit.reschedule(asyncio.get_running_loop().time() + PACE)
        self.uploads.make_room()
        if self.gave_way:
            raise GaveWay

    def give_way(self) -> None:
        self.gave_way, self.held = True, 0
        if self._limit is not None:
            # Its own task waits for bytes that may never come: this wakes it.
            self._limit.reschedule(asyncio.get_running_loop().time())
            self._limit = None


class Uploads:
    """`clock`: seconds that never go back."""

    def __init__(self, most: int = HELD, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.clock = most, clock
        self._all: set[Upload] = set()

    @contextmanager
    def begun(self) -> Iterator[Upload]:
        """Until the form was answered: what it brought is held until then."""
        upload = Upload(self, self.clock())
        self._all.add(upload)
        try:
            yield upload
        finally:
            self._all.discard(upload)

    def make_room(self) -> None:
        now = self.clock()
        while sum(upload.held for upload in self._all) > self.most:
            reading = [upload for upload in self._all if upload.reading]
            if not reading:
                return
            # Bytes times idle time: neither a large form that moves on gives way, nor a small one
            # that rests.
            max(reading, key=lambda one: (one.held * (now - one.moved), one.held)).give_way()
