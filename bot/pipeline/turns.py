"""Who goes first where several cells share one event loop: between two steps of an update, that
which has used less of the processor.

asyncio runs what is ready in the order in which it became ready. Worked example, cell F is flooded
and has 30 updates ready, each with a step of 1 ms; Q is quiet, and somebody there writes once:

    without turns   before each of its forty steps the update of Q waits for up to 30 steps of F
    with turns      F makes one step, then the loop looks who else is ready; Q has used less than
                    half of what F has, and goes first until its update ends. F goes on meanwhile
                    only where Q waits for longer than GRACE, as for a messenger that is far away
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from time import perf_counter
from typing import Any, Generic, TypeVar

T = TypeVar("T")

GRACE = 0.01
"""Seconds after its last step in which an update still goes first: it waits for the database."""
TIMES = 2.0
"""So many times as much has to be used by whoever steps back."""
LEAST = 0.05
"""Seconds of the processor; who has used less steps back behind nobody."""
FORGET = 2.0
"""Seconds after which half of what was used is forgotten."""


class Turns:
    """Of all cells of a process. `clock`: seconds."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self.clock = clock
        self.of: list[Turn] = []
        self._looks = False
        self._later: asyncio.TimerHandle | None = None
        self._forget_at = clock() + FORGET

    def new(self) -> "Turn":
        """For a cell that begins; `Turn.leave` at its end."""
        turn = Turn(self)
        self.of.append(turn)
        return turn

    def gate(self, turn: "Turn") -> asyncio.Future[None] | None:
        """None where a step of `turn` may be made now; else what to wait for."""
        # Its cell has ended: what is still in hand closes what it opened, as fast as it can.
        if turn.left or self._before_all(turn):
            return None
        if not self._looks and self._first() is None and not self._steps_back(turn):
            self._look_soon()
            return None
        place = asyncio.get_running_loop().create_future()
        turn.waiting.append(place)
        if self._first() is not None:
            self._look_soon()
        elif not self._looks:
            self._look_later()
        return place

    def gate_again(self, turn: "Turn") -> asyncio.Future[None] | None:
        """As `gate`, once it was the turn of `turn`: somebody who goes first may have come in
        between that and the step. It keeps its place."""
        if turn.left or not self._steps_back(turn):
            return None
        place = asyncio.get_running_loop().create_future()
        turn.waiting.appendleft(place)
        if not self._looks:
            self._look_later()
        return place

    def used(self, turn: "Turn", seconds: float, now: float) -> None:
        turn.used += seconds
        turn.last = now
        while now >= self._forget_at:
            # After a day of rest there is nothing to halve a thousand times.
            self._forget_at = max(self._forget_at, now - 64 * FORGET) + FORGET
            for one in self.of:
                one.used /= 2

    def changed(self) -> None:
        """Somebody who went first is through."""
        if any(one.waiting for one in self.of):
            self._look_soon()

    def _look_soon(self) -> None:
        # Not at once: the loop first asks whose connections have something to read.
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look_later(self) -> None:
        # A timer, since whoever goes first may be waiting for something that never comes.
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(GRACE, self._look_again)

    def _look_again(self) -> None:
        self._later = None
        if not self._looks:
            self._look()

    def _look(self) -> None:
        self._looks = False
        first = self._first()
        if first is not None:
            first.waiting.popleft().set_result(None)
            self._look_soon()
        elif any(one.waiting for one in self.of):
            self._look_later()

    def _first(self) -> "Turn | None":
        """Of those that wait and needn't step back the one that has used least."""
        found: Turn | None = None
        for turn in self.of:
            while turn.waiting and turn.waiting[0].done():
                # Cancelled while it waited.
                turn.waiting.popleft()
            ready = turn.waiting and (found is None or turn.used < found.used)
            if ready and not self._steps_back(turn):
                found = turn
        return found

    def _before_all(self, turn: "Turn") -> bool:
        """Whether all others that are at work step back behind `turn`, which needn't ask the loop
        then before each of its steps. With one update in hand it makes no two without the loop."""
        return turn.in_hand == 1 and not any(
            one.in_hand and (one.used < LEAST or turn.used * TIMES >= one.used)
            for one in self.of
            if one is not turn
        )

    def _steps_back(self, turn: "Turn") -> bool:
        if turn.used < LEAST:
            return False
        since = self.clock() - GRACE
        return any(
            one.in_hand and one.used * TIMES < turn.used and one.last > since
            for one in self.of
            if one is not turn
        )


class Turn:
    """Of one cell. `used`: seconds of the processor, the older the less; `in_hand`: what it has
    begun and not ended; `last`: when it made its last step; `left`: whether it has ended."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.used, self.in_hand, self.last = turns, 0.0, 0, 0.0
        self.left = False
        self.waiting: deque[asyncio.Future[None]] = deque()

    def take(self, work: Coroutine[Any, Any, T]) -> Awaitable[T]:
        """`work`, each step of it in turn with other cells."""
        # A process with one cell pays nothing.
        return work if len(self.turns.of) < 2 else _InSteps(self, work)

    async def taken(self, work: Coroutine[Any, Any, T]) -> T:
        """As `take`, for a task."""
        return await self.take(work)

    def leave(self) -> None:
        """What is still in hand goes on, in nobody's turn."""
        if not self.left:
            self.left = True
            self.turns.of.remove(self)
        while self.waiting:
            place = self.waiting.popleft()
            if not place.done():
                place.set_result(None)
        self.turns.changed()


class _InSteps(Generic[T]):
    """Awaits a coroutine, and before each of its steps the turn of its cell."""

    def __init__(self, turn: Turn, work: Coroutine[Any, Any, T]) -> None:
        self.turn, self.work = turn, work

    def __await__(self) -> Generator[Any, None, T]:
        turn, clock = self.turn, self.turn.turns.clock
        turn.in_hand += 1
        turn.last = clock()
        thrown: BaseException | None = None
        try:
            while True:
                place = turn.turns.gate(turn)
                while place is not None:
                    try:
                        yield from place
                    except BaseException as error:
                        # The work itself hears of it, to close what it has opened; also in place of
                        # what failed meanwhile, after which it might go on.
                        thrown = error
                        break
                    place = turn.turns.gate_again(turn)
                begun = clock()
                try:
                    waits = self.work.throw(thrown) if thrown else self.work.send(None)
                except StopIteration as end:
                    result: T = end.value
                    return result
                finally:
                    now = clock()
                    turn.turns.used(turn, now - begun, now)
                try:
                    thrown = None
                    yield waits
                except BaseException as error:
                    thrown = error
        finally:
            turn.in_hand -= 1
            turn.turns.changed()
