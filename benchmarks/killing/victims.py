"""Processes to kill, and the plan that says when."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.left_behind import ends_with_us
from messenger.core.state import Bot
from services.core.failpoints import POINTS, VARIABLE

LONGEST_START = 180.0
"""Seconds; on a machine that others use, a start was seen to take more than sixty."""
RARE = ("act", "claim", "sent")
"""Points that a conversation passes once only."""
CERTAIN = ("store.before", "store.after")
"""Points that a process passes for each update it is brought."""
REACHED, HANGS = 6.0, 60.0
"""Seconds in which a named point has to be passed, and a certain one; else the process is ended
where it is."""


class EndedByItself(Exception):
    """With the end of its output."""


class NeverReady(Exception):
    """It didn't begin to work; with the end of its output."""


@dataclass(frozen=True)
class Kill:
    """At the `count`th passing of `point`, or `after` seconds of work."""

    point: str
    count: int
    after: float

    @property
    def certain(self) -> bool:
        """Whether the point is passed as long as anybody talks."""
        return self.point in CERTAIN

    @property
    def patience(self) -> float:
        """Seconds that the process is left to work."""
        if not self.point:
            return self.after
        return HANGS if self.certain else REACHED


def plan(seed: int, kills: int, points: Sequence[str] = POINTS) -> list[Kill]:
    """The same for the same seed: half at named points, certain ones first, half at any moment."""
    dice = random.Random(seed)
    made = []
    for number in range(kills):
        point = points[number // 2 % len(points)] if points and number % 2 else ""
        rare = point.startswith(RARE)
        made.append(Kill(point, 1 if rare else dice.randint(1, 6), dice.uniform(0.05, 1.2)))
    dice.shuffle(made)
    return made


class Ended(Protocol):
    """What is needed of a process, however it was started."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...

    def kill(self) -> None: ...


Spawn = Callable[[Mapping[str, str], Path], Awaitable[Ended]]


def command(*arguments: str) -> Spawn:
    """Start Python with `arguments` as a new process."""

    async def spawn(environment: Mapping[str, str], log: Path) -> Ended:
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, env=dict(environment), stdout=output, stderr=output
            )
        ends_with_us(process.pid)
        return process

    return spawn


@dataclass
class Victim:
    """`ready` says whether it has begun to work since it was last asked. Its output goes to
    `log`."""

    spawn: Spawn
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    process: Ended | None = None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self, kill: Kill | None = None) -> None:
        """Returns when it works, or has been ended before that."""
        given = dict(self.environment)
        if kill is not None and kill.point:
            given[VARIABLE] = f"{kill.point}:{kill.count}"
        # Forgets what the process before it asked: only what comes from now on counts.
        await self.ready()
        self.process = await self.spawn(given, self.log)
        try:
            async with asyncio.timeout(LONGEST_START):
                while self.alive and not await self.ready():  # noqa: ASYNC110, it is elsewhere
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise NeverReady(self._last_words()) from None

    async def die(self, kill: Kill) -> bool:
        """Ends it as planned; True where it was at the named point."""
        assert self.process is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(kill.patience):
                await self.process.wait()
        # A failpoint ends its process by SIGKILL; any other end is a fault.
        at_point = self.process.returncode == -signal.SIGKILL
        if self.process.returncode not in (None, -signal.SIGKILL):
            raise EndedByItself(self._last_words())
        await self.end()
        return at_point

    def _last_words(self) -> str:
        return self.log.read_text("utf-8")[-2000:].strip()

    async def end(self) -> None:
        if self.process is not None and self.alive:
            self.process.kill()
            await self.process.wait()


def asks(bot: Bot) -> Callable[[], Awaitable[bool]]:
    """Ready when a bot has asked for updates since it was last looked at."""
    last = [bot.poll]

    async def ready() -> bool:
        before, last[0] = last[0], bot.poll
        return bot.poll != before

    return ready


def surroundings() -> dict[str, str]:
    """The environment without settings of our own bots."""
    return {key: value for key, value in os.environ.items() if not key.startswith("YINLU_")}
