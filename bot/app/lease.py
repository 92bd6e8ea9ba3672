"""A lease in a database, as the process that holds it may count on it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")


class Lease:
    """`length`: how long the database keeps others from taking what is leased, once it was renewed.
    `reserve`: how long before its end the holder has to know that it isn't renewed. Counted by the
    process's own clock, from before the request: the database counts from when it came there, which
    is later."""

    def __init__(
        self,
        length: timedelta,
        clock: Callable[[], float] = time.monotonic,
        reserve: timedelta = timedelta(),
    ) -> None:
        self.seconds, self.clock, self.reserve = length.total_seconds(), clock, reserve
        self._good_until = clock()

    @property
    def left(self) -> float:
        """Seconds for which it may be counted on; less than 0 where it may have run out."""
        return self._good_until - self.clock() - self.reserve.total_seconds()

    async def renewed(self, ask: Callable[[], Awaitable[T]], first: float) -> T:
        """Return what `ask` returns, by which the database renews it. Raises what `ask` raises, and
        TimeoutError where no answer comes while it may be counted on; where none is held, within
        `first` seconds."""
        begun, left = self.clock(), self.left
        async with asyncio.timeout(left if left > 0 else first):
            answer = await ask()
        self._good_until = begun + self.seconds
        return answer
