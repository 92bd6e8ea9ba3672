"""Rate limits without identities: token buckets, a priority semaphore, texts filed recently.

They live in memory, under keys that die with the process: nobody can be found in them afterwards.
An honest person waits seconds; a guesser, who fails again and again, always comes last
(docs/decisions/0021).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count
from secrets import token_bytes

from services.core.errors import Refusal


class Busy(Refusal):
    """A rate limit is reached; after a while it isn't any more."""


@dataclass
class TokenBucket:
    """`burst` at once, one more every `seconds`. `reserve`: tokens that only those may take who
    come for the first time, so that guessers can't use up everything."""

    burst: int
    seconds: float
    reserve: int = 0
    left: float = field(init=False)
    last: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.left = float(self.burst)

    def take(self, moment: datetime, rank: int = 0) -> None:
        """Take a token. `rank`: how often this one failed before. Raises Busy."""
        self.left, self.last = self._left(moment), moment
        if self.left < 1 + (self.reserve if rank else 0):
            raise Busy
        self.left -= 1

    def short(self, moment: datetime) -> bool:
        """Whether only those are served now who come for the first time."""
        return self._left(moment) < 1 + self.reserve

    def _left(self, moment: datetime) -> float:
        since = (moment - self.last).total_seconds() if self.last else 0.0
        # Not below 0: a clock that was put back must not take tokens away.
        return min(float(self.burst), self.left + max(0.0, since) / self.seconds)


@dataclass(frozen=True)
class Caller:
    """What is known of who asks. `rank`: how often this one failed before. `page`: came by the web
    page, where visitors can't be told apart."""

    rank: int = 0
    page: bool = False


NEWCOMER = Caller()


@dataclass
class Buckets:
    """A bucket each for chat and page: a flood of the one doesn't reach the other."""

    chat: TokenBucket
    page: TokenBucket

    def take(self, moment: datetime, who: Caller) -> None:
        """Raises Busy."""
        (self.page if who.page else self.chat).take(moment, who.rank)

    def short(self, moment: datetime) -> bool:
        return self.chat.short(moment) or self.page.short(moment)


@dataclass(order=True)
class Waiter:
    """One who waits, ordered by failures, then last come first served: in a flood of newcomers
    those who wait longest are the flood, and an honest person who comes after it is served at
    once."""

    rank: int
    before: int
    admitted: asyncio.Future[None] = field(compare=False)


class PrioritySemaphore:
    """Semaphore of `places`; up to `longest` wait, and beyond that the last in order is refused."""

    def __init__(self, places: int, longest: int) -> None:
        self.free, self.longest = places, longest
        self._waiting: list[Waiter] = []
        self._numbers = count()

    @asynccontextmanager
    async def slot(self, rank: int) -> AsyncIterator[None]:
        """Hold a place during the block. `rank`: failures before. Raises Busy."""
        await self._enter(rank)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, rank: int) -> None:
        if self.free:
            self.free -= 1
            return
        mine = Waiter(rank, -next(self._numbers), asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if len(self._waiting) > self.longest:
            # Not always the one who has just come: whoever failed most is refused.
            last = max(self._waiting)
            self._waiting.remove(last)
            last.admitted.set_exception(Busy())
        try:
            await mine.admitted
        except asyncio.CancelledError:
            self._give_up(mine)
            raise

    def _give_up(self, mine: Waiter) -> None:
        if mine in self._waiting:
            self._waiting.remove(mine)
        # Admitted and cancelled in one turn of the loop: kept, the place would be lost for ever.
        elif (
            mine.admitted.done()
            and not mine.admitted.cancelled()
            and mine.admitted.exception() is None
        ):
            self._leave()

    def _leave(self) -> None:
        """Hand the place to the next in order, passing over those just cancelled."""
        self._waiting = [one for one in self._waiting if not one.admitted.done()]
        if not self._waiting:
            self.free += 1
            return
        following = min(self._waiting)
        self._waiting.remove(following)
        following.admitted.set_result(None)


class RecentTexts:
    """Texts filed a short while ago, as keyed hashes: the texts themselves can't be read back."""

    def __init__(self, kept: timedelta) -> None:
        self.kept = kept
        self._key = token_bytes(32)
        self._seen: dict[bytes, datetime] = {}

    def knows(self, mark: bytes, moment: datetime) -> bool:
        limit = moment - self.kept
        self._seen = {mark: at for mark, at in self._seen.items() if at > limit}
        return mark in self._seen

    def note(self, mark: bytes, moment: datetime) -> None:
        self._seen[mark] = moment

    def mark(self, text: str) -> bytes:
        """Return the keyed hash of a text, its blanks left out: pasted again, they differ."""
        return blake2b("".join(text.split()).encode(), key=self._key, digest_size=16).digest()
