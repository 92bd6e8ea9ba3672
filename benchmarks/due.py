"""Ten thousand messages due at once, at a messenger that refuses at random: how near the real
deliverer and the real limiter come to the least time that the limit itself allows.

On a virtual clock, with the rows in memory: five minutes of sending pass at once.
"""

import asyncio
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.rows import Row, row
from benchmarks.virtual import now, passes
from bot.pipeline.deliverer import Deliverer
from bot.pipeline.limiter import Limiter, Limits
from services.core.ports import Outgoing, RetryLater

DUE, URGENT, REFUSED = 10_000, 100, 0.01
BEGUN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SEEDS = (7, 11, 13)


def most_within(times: Sequence[float], seconds: float) -> int:
    """The most that lie within any window of that length, its end excluded."""
    times = sorted(times)
    return max(
        (bisect_left(times, time + seconds - 1e-6) - place for place, time in enumerate(times)),
        default=0,
    )


@dataclass
class Strict:
    """A messenger that refuses at random and writes down every request."""

    limiter: Limiter
    dice: random.Random
    refuses: float = 0.0
    times: list[float] = field(default_factory=list)
    by_chat: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    quiet_until: dict[int, float] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    early: int = 0
    refused: int = 0

    async def deliver(self, message: Outgoing) -> int:
        if wait := await self.limiter.acquire_low_priority(message.chat_id):
            raise RetryLater(wait)
        return await self.take(message.chat_id, message.kind)

    async def take(self, chat: int, kind: str) -> int:
        self.early += now() < self.quiet_until.get(chat, 0)
        self.times.append(now())
        self.by_chat[chat].append(now())
        await asyncio.sleep(0.02)
        if self.dice.random() < self.refuses:
            seconds = self.dice.randint(1, 30)
            self.refused += 1
            self.quiet_until[chat] = now() + seconds
            await self.limiter.flood_wait(chat, seconds)
            raise RetryLater(seconds)
        self.limiter.accepted()
        self.order.append(kind)
        return len(self.times)


class Rows:
    """As services.messages.outbox.Outbox would hand them out, without a database."""

    def __init__(self, count: int, urgent: int) -> None:
        self.waiting = {str(n): (BEGUN, n >= urgent, n) for n in range(count)}
        self.sent_ids: list[str] = []
        self.count, self.urgent, self.all_sent = count, urgent, asyncio.Event()

    async def claim(
        self, moment: datetime, worker: str, most: int, busy: Sequence[str]
    ) -> tuple[Outgoing, ...]:
        due = sorted(
            (late, at, n, key) for key, (at, late, n) in self.waiting.items() if at <= moment
        )
        return tuple(self._take(key) for *_, key in due[:most])

    def _take(self, key: str) -> Outgoing:
        _, late, number = self.waiting.pop(key)
        kind = "routine" if late else "urgent"
        return Outgoing(key, key, 1000 + number, "zh", key, kind, {"late": late})

    async def sent(self, ids: Sequence[str], message_id: int, moment: datetime) -> None:
        self.sent_ids += ids
        if len(self.sent_ids) == self.count:
            self.all_sent.set()

    async def later(self, ids: Sequence[str], not_before: datetime) -> None:
        for key in ids:
            self.waiting[key] = (not_before, int(key) >= self.urgent, int(key))


@dataclass(frozen=True)
class Sent:
    """A run. `seconds`: of the virtual clock."""

    rows: Rows
    messenger: Strict
    seconds: float

    @property
    def times_the_least(self) -> float:
        return self.seconds / (len(self.messenger.times) / Limits().overall)


def run(seed: int, due: int = DUE, urgent: int = URGENT, refuses: float = REFUSED) -> Sent:
    made: list[Sent] = []

    async def story() -> float:
        limiter = Limiter(clock=now)
        strict = Strict(limiter, random.Random(seed), refuses)
        rows: Any = Rows(due, urgent)
        deliverer = Deliverer(rows, strict, lambda: BEGUN + timedelta(seconds=now()), "w")
        running = asyncio.create_task(deliverer.run())
        await rows.all_sent.wait()
        running.cancel()
        made.append(Sent(rows, strict, now()))
        return now()

    passes(story())
    return made[0]


async def rows() -> Sequence[Row]:
    loop = asyncio.get_running_loop()
    # A loop of its own needs a thread of its own.
    found = [await loop.run_in_executor(None, run, seed) for seed in SEEDS]
    shares = [sent.times_the_least for sent in found]
    refused = sum(sent.messenger.refused for sent in found) // len(found)
    early = sum(sent.messenger.early for sent in found)
    first = [sent.messenger.order[: URGENT + URGENT // 10].count("urgent") for sent in found]
    what = f"{DUE:,} due at once, {refused} x 429, virtual clock"
    good, least = max(shares) <= 1.1, URGENT - URGENT // 20
    return [
        row(f"{what}: x the limit's least", shares, "x", "<= 1.1", good),
        row("  asked for within a retry_after", [early], "", "0", early == 0),
        row(
            f"  of {URGENT} urgent, among the first {URGENT + URGENT // 10}",
            first,
            "",
            f">= {least}",
            min(first) >= least,
        ),
    ]
