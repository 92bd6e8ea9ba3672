"""The messenger's limits, over every sliding window, and every silence it asked for
(docs/promises.md Q5)."""

import asyncio

from benchmarks.due import DUE, most_within, run
from benchmarks.virtual import now, passes
from bot.pipeline.limiter import Limiter

OVERALL, PRIVATE = 30, 1


def test_10_000_due_at_once_with_random_refusals() -> None:
    sent = run(7)
    strict, ids = sent.messenger, sent.rows.sent_ids
    assert len(set(ids)) == len(ids) == DUE == 10_000
    assert strict.refused > 50
    assert strict.early == 0
    assert most_within(strict.times, 1.0) <= OVERALL
    assert max(most_within(times, 1.0) for times in strict.by_chat.values()) <= PRIVATE
    assert strict.order[:110].count("urgent") >= 95
    assert sent.times_the_least <= 1.1


def test_a_minute_of_a_group_holds_twenty() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now)
        times = []
        for _ in range(60):
            await limiter.acquire(-5)
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
                await limiter.acquire(chat)
                times.append(now())
        assert before.wait(1) == 0
        assert most_within(times, 1.0) <= OVERALL
        return now()

    assert passes(story()) >= 4


def test_silence_for_one_chat_is_not_silence_for_all_but_for_three_in_a_row_it_is() -> None:
    async def story() -> float:
        kept: list[tuple[int | None, float]] = []

        async def keep(chat: int | None, seconds: float) -> None:
            kept.append((chat, seconds))

        limiter = Limiter(store=keep, clock=now)
        await asyncio.sleep(2)
        await limiter.flood_wait(1, 10)
        assert limiter.wait(1) == 10
        assert limiter.wait(2) == 0
        limiter.accepted()
        await limiter.flood_wait(2, 5)
        await limiter.flood_wait(2, 6)
        await limiter.flood_wait(3, 7)
        assert limiter.wait(4) == 0
        await limiter.flood_wait(4, 40)
        assert limiter.wait(5) == 40
        assert kept == [(1, 10), (2, 5), (2, 6), (3, 7), (None, 40)]
        return now()

    passes(story())


def test_a_silence_is_never_shortened() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now)
        await asyncio.sleep(2)
        limiter.pause(1, 60)
        await limiter.flood_wait(1, 5)
        return limiter.wait(1)

    assert passes(story()) == 60


def test_who_waits_for_an_answer_goes_first() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now)
        order: list[str] = []

        async def reminder(chat: int) -> None:
            while wait := await limiter.acquire_low_priority(chat):  # noqa: ASYNC110, as the deliverer does
                await asyncio.sleep(wait)
            order.append("reminder")

        async def answer(chat: int) -> None:
            await limiter.acquire(chat)
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


def test_what_the_program_spent_loading_counts_as_silence() -> None:
    async def story() -> float:
        limiter = Limiter(clock=now, begun=now() - 0.75)
        times = []
        for chat in range(1, 61):
            await limiter.acquire(chat)
            times.append(now())
        assert times[0] == 0.25
        assert most_within([-0.75] * OVERALL + times, 1.0) <= OVERALL
        return now()

    passes(story())
