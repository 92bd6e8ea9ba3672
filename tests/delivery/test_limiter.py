"""The messenger's limits, over every sliding window, and every silence it asked for (TRUST Q5)."""

import asyncio
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.deliverer import Deliverer
from bot.limiter import Limiter
from services.ports import Outgoing, RetryLater
from tests.delivery.virtual import now, passes

OVERALL, PRIVATE = 30, 1
BEGUN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


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
        if wait := await self.limiter.spare(message.chat_id):
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
            await self.limiter.hush(chat, seconds)
            raise RetryLater(seconds)
        self.limiter.accepted()
        self.order.append(kind)
        return len(self.times)


class Rows:
    """As services.outbox.Outbox would hand them out, without a database."""

    def __init__(self, count: int, urgent: int) -> None:
        self.waiting = {str(n): (BEGUN, n >= urgent, n) for n in range(count)}
        self.sent_ids: list[str] = []
        self.count, self.all_sent = count, asyncio.Event()

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
            self.waiting[key] = (not_before, int(key) >= 100, int(key))


def test_10_000_due_at_once_with_random_refusals() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now)
        strict = Strict(limiter, random.Random(7), refuses=0.01)
        rows: Any = Rows(10_000, urgent=100)
        deliverer = Deliverer(rows, strict, lambda: BEGUN + timedelta(seconds=now()), "w")
        running = asyncio.create_task(deliverer.run())
        await rows.all_sent.wait()
        running.cancel()
        assert len(set(rows.sent_ids)) == len(rows.sent_ids) == 10_000
        assert strict.refused > 50
        assert strict.early == 0
        assert most_within(strict.times, 1.0) <= OVERALL
        assert max(most_within(times, 1.0) for times in strict.by_chat.values()) <= PRIVATE
        first = strict.order[:110]
        assert first.count("urgent") >= 95
        return now() / (len(strict.times) / OVERALL)

    assert passes(story()) <= 1.1


def test_a_minute_of_a_group_holds_twenty() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now)
        times = []
        for _ in range(60):
            await limiter.turn(-5)
            times.append(now())
        assert most_within(times, 60.0) <= 20
        return now()

    assert 120 <= passes(story()) < 190


def test_a_new_process_begins_as_if_everything_had_just_been_sent() -> None:
    async def story() -> float:
        before = Limiter(clock=now)
        times = []
        for _ in range(2):
            limiter = Limiter(clock=now)
            for chat in range(1, 61):
                await limiter.turn(chat)
                times.append(now())
        assert before.wait(1) == 0
        assert most_within(times, 1.0) <= OVERALL
        return now()

    assert passes(story()) >= 4


def test_silence_for_one_chat_is_not_silence_for_all_but_twice_in_a_row_is() -> None:
    async def story() -> float:
        kept: list[tuple[int | None, float]] = []

        async def keep(chat: int | None, seconds: float) -> None:
            kept.append((chat, seconds))

        limiter = Limiter(keep=keep, clock=now)
        await asyncio.sleep(2)
        await limiter.hush(1, 10)
        assert limiter.wait(1) == 10
        assert limiter.wait(2) == 0
        limiter.accepted()
        await limiter.hush(2, 5)
        assert limiter.wait(3) == 0
        await limiter.hush(3, 40)
        assert limiter.wait(4) == 40
        assert kept == [(1, 10), (2, 5), (None, 40)]
        return now()

    passes(story())


def test_a_silence_is_never_shortened() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now)
        await asyncio.sleep(2)
        limiter.quieten(1, 60)
        await limiter.hush(1, 5)
        return limiter.wait(1)

    assert passes(story()) == 60


def test_who_waits_for_an_answer_goes_first() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now)
        order: list[str] = []

        async def reminder(chat: int) -> None:
            while wait := await limiter.spare(chat):  # noqa: ASYNC110, as the deliverer does
                await asyncio.sleep(wait)
            order.append("reminder")

        async def answer(chat: int) -> None:
            await limiter.turn(chat)
            order.append("answer")

        reminders = [asyncio.create_task(reminder(chat)) for chat in range(1, 101)]
        await asyncio.sleep(1.5)
        await asyncio.gather(*(answer(chat) for chat in range(1000, 1010)))
        before = order.index("answer")
        assert before <= 31
        assert order[before : before + 10] == ["answer"] * 10
        await asyncio.gather(*reminders)
        assert len(order) == 110
        return now()

    passes(story())
