"""Cells of one process share its loop: whoever has used less of the processor goes first, and
nobody's work is lost, cut short or kept for ever by it. Time is the steps that were made."""

import asyncio
from collections.abc import Callable

import pytest

from benchmarks.virtual import now, passes
from bot.pipeline import turns as module
from bot.pipeline.turns import FORGET, GRACE, Turn, Turns
from services.core.database import Database
from services.messages.inbox import Inbox, Incoming
from tests.messages.conftest import NOW

STEP = 0.001
"""Seconds of the processor that each step takes here."""


class Steps:
    """What was done, in order, by name; the processor's clock goes on with each step."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.seconds = 0.0

    def clock(self) -> float:
        # What is waited for takes time, and what is worked.
        return self.seconds + now()

    async def work(self, name: str, steps: int, waits: float = 0.0) -> str:
        for _ in range(steps):
            self.done.append(name)
            self.seconds += STEP
            await asyncio.sleep(waits)
        return name


def made() -> tuple[Steps, Turn, Turn]:
    steps = Steps()
    turns = Turns(steps.clock)
    return steps, turns.new(), turns.new()


async def flooded(steps: Steps, turn: Turn, updates: int, each: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(updates):
            group.create_task(_taken(turn, steps, "flood", each))


async def _taken(turn: Turn, steps: Steps, name: str, each: int, waits: float = 0.0) -> str:
    return await turn.take(steps.work(name, each, waits))


def between(done: list[str], name: str) -> int:
    """How many steps of others were made from the first of `name` to its last."""
    first, last = done.index(name), len(done) - done[::-1].index(name)
    return sum(one != name for one in done[first:last])


@pytest.mark.parametrize("waits", [0.0, GRACE / 2])
def test_an_update_of_a_quiet_cell_is_through_before_a_flood_goes_on(waits: float) -> None:
    async def story() -> float:
        steps, loud, quiet = made()
        flood = asyncio.create_task(flooded(steps, loud, 30, 200))
        while steps.seconds < 1:  # noqa: ASYNC110, nobody rings when a second is used
            await asyncio.sleep(0)
        found = await _taken(quiet, steps, "quiet", 40, waits)
        assert found == "quiet"
        # Only the step that the flood had begun.
        assert between(steps.done, "quiet") <= 1
        await flood
        assert steps.done.count("flood") == 30 * 200, "the flood is late, and whole"
        return now()

    passes(story())


def test_without_turns_it_would_wait_for_all_of_them_before_each_of_its_steps() -> None:
    async def story() -> float:
        steps, loud, quiet = made()
        loud.leave()
        flood = asyncio.create_task(flooded(steps, loud, 30, 200))
        while steps.seconds < 1:  # noqa: ASYNC110, nobody rings when a second is used
            await asyncio.sleep(0)
        await _taken(quiet, steps, "quiet", 40)
        assert between(steps.done, "quiet") >= 39 * 30
        await flood
        return now()

    passes(story())


def test_who_waits_for_a_messenger_far_away_holds_up_nobody() -> None:
    async def story() -> float:
        steps, loud, quiet = made()
        flood = asyncio.create_task(flooded(steps, loud, 30, 200))
        while steps.seconds < 1:  # noqa: ASYNC110, nobody rings when a second is used
            await asyncio.sleep(0)
        waiting = asyncio.create_task(_taken(quiet, steps, "quiet", 3, waits=60.0))
        begun = now()
        await flood
        assert now() - begun < 60, "the flood was over while the quiet one still waited"
        assert await waiting == "quiet"
        return now()

    passes(story())


def test_cells_that_use_alike_make_their_steps_side_by_side() -> None:
    async def story() -> float:
        steps, one, other = made()
        both = [
            asyncio.create_task(_taken(turn, steps, name, 200))
            for turn, name in ((one, "one"), (other, "other"))
        ]
        await asyncio.gather(*both)
        half = steps.done[:200]
        assert abs(half.count("one") - half.count("other")) <= 2
        return now()

    passes(story())


def test_what_was_used_is_forgotten() -> None:
    async def story() -> float:
        steps, loud, _ = made()
        await _taken(loud, steps, "loud", 800)
        before = loud.used
        assert before > module.LEAST
        steps.seconds += 10 * FORGET
        await _taken(loud, steps, "loud", 1)
        assert loud.used < before / 500
        return now()

    passes(story())


@pytest.mark.parametrize("steps_before", [0, 1, 5])
def test_what_is_cancelled_closes_what_it_has_opened(steps_before: int) -> None:
    async def story() -> float:
        steps, one, _ = made()
        closed, left = list[str](), list[BaseException]()

        async def opens() -> None:
            try:
                await steps.work("one", 100)
            except asyncio.CancelledError as error:
                left.append(error)
                raise
            finally:
                await asyncio.sleep(0)
                closed.append("one")

        task = asyncio.create_task(_run(one, opens))
        for _ in range(2 * steps_before + 1):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (closed, len(left)) == (["one"], 1)
        assert one.in_hand == 0
        return now()

    passes(story())


async def _run(turn: Turn, work: Callable[[], object]) -> None:
    await turn.take(work())  # type: ignore[arg-type]


def test_what_fails_fails_and_a_time_limit_inside_holds() -> None:
    async def story() -> float:
        steps, one, other = made()

        async def fails() -> None:
            await steps.work("one", 2)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await one.take(fails())

        async def limited() -> str:
            try:
                async with asyncio.timeout(5):
                    await asyncio.Event().wait()
            except TimeoutError:
                return "late"
            return "never"

        assert await other.take(limited()) == "late"
        assert (one.in_hand, other.in_hand) == (0, 0)
        return now()

    assert passes(story()) == pytest.approx(5)


def test_a_cell_that_ends_in_the_middle_finishes_what_it_has_in_hand() -> None:
    async def story() -> float:
        steps, loud, quiet = made()
        flood = asyncio.create_task(flooded(steps, loud, 30, 100))
        while steps.seconds < 1:  # noqa: ASYNC110, nobody rings when a second is used
            await asyncio.sleep(0)
        begun = asyncio.create_task(_taken(quiet, steps, "quiet", 40))
        await asyncio.sleep(0)
        loud.leave()
        quiet.leave()
        await flood
        assert await begun == "quiet"
        assert len(steps.done) == 30 * 100 + 40
        return now()

    passes(story())


def test_who_is_stopped_while_what_it_waited_for_has_failed_is_stopped() -> None:
    async def story() -> float:
        _, one, other = made()
        left = list[str]()

        async def tries_again(answer: asyncio.Future[None]) -> None:
            try:
                await answer
            except OSError:
                # As whoever sends, reads or posts does: the next try succeeds.
                left.append("goes on")
            except asyncio.CancelledError:
                left.append("stopped")
                raise

        answer = asyncio.get_running_loop().create_future()
        work = asyncio.create_task(one.taken(tries_again(answer)))
        await asyncio.sleep(0)
        # Another cell has used less and is in hand: this one waits for its turn.
        one.used, other.in_hand, other.last = 1.0, 1, one.turns.clock()
        answer.set_exception(OSError())
        while not one.waiting:  # noqa: ASYNC110, nobody rings when somebody waits
            await asyncio.sleep(0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert left == ["stopped"]
        return now()

    passes(story())


@pytest.mark.parametrize("rounds", range(4))
def test_who_comes_in_goes_before_a_step_whose_turn_it_is_already(rounds: int) -> None:
    async def story() -> float:
        steps, loud, quiet = made()
        flood = asyncio.create_task(flooded(steps, loud, 30, 200))
        while steps.seconds < 1:  # noqa: ASYNC110, nobody rings when a second is used
            await asyncio.sleep(0)
        for _ in range(rounds):
            await asyncio.sleep(0)
        steps.done.append("came")
        await _taken(quiet, steps, "quiet", 40)
        since = steps.done[steps.done.index("came") :]
        assert since[:41] == ["came", *["quiet"] * 40]
        await flood
        assert steps.done.count("flood") == 30 * 200
        return now()

    passes(story())


def test_who_goes_first_needs_no_more_rounds_of_the_loop_than_alone() -> None:
    async def story() -> float:
        steps, loud, quiet = made()
        flood = asyncio.create_task(flooded(steps, loud, 30, 200))
        while steps.seconds < 1:  # noqa: ASYNC110, nobody rings when a second is used
            await asyncio.sleep(0)
        work, rounds = asyncio.create_task(_taken(quiet, steps, "quiet", 40)), 0
        while not work.done():
            await asyncio.sleep(0)
            rounds += 1
        # One for each of its steps, one to begin and one to end.
        assert rounds <= 42
        await flood
        return now()

    passes(story())


def test_an_update_that_works_for_long_lets_the_flood_go_on_before_its_end() -> None:
    async def story() -> float:
        steps, loud, quiet = made()
        flood = asyncio.create_task(flooded(steps, loud, 30, 200))
        while steps.seconds < 1:  # noqa: ASYNC110, nobody rings when a second is used
            await asyncio.sleep(0)
        await _taken(quiet, steps, "quiet", 2_000)
        assert between(steps.done, "quiet") > 500
        await flood
        return now()

    passes(story())


async def test_commits_of_a_flood_wait_for_who_goes_first_and_none_is_lost(
    database: Database, second: Database
) -> None:
    turns = Turns(lambda: 100.0)
    loud, quiet = turns.new(), turns.new()
    inbox = Inbox(database, loud.taken)
    [chat] = await inbox.store("staff", [Incoming(17, 7, "{}")], NOW)
    update = await inbox.oldest("staff", chat)
    assert update is not None
    loud.used, quiet.in_hand, quiet.last = 1.0, 1, 100.0
    ending = asyncio.create_task(inbox.finish(update, None))
    while not (loud.waiting or ending.done()):  # noqa: ASYNC110, nobody rings when somebody waits
        await asyncio.sleep(0)
    assert await Inbox(second).chats("staff") == (chat,), "it stays where it was until its commit"
    quiet.in_hand = 0
    turns.changed()
    assert await ending is None
    assert await Inbox(second).chats("staff") == ()
