"""One cell at work in a process that serves many: begun again after a fault, seen by no other.

Worked example: the database of B is down. B's attempt fails after a second, B waits for one, two,
four … sixty seconds and tries again; meanwhile A and C know nothing of it, for each runs in a task
of its own, with its own keys (`models.crypto.keep_apart`), its own connections and its own end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.app.logs import described
from bot.app.settings import FEWEST_CONNECTIONS, Settings, SettingsError
from bot.app.shutdown import CANCEL_AFTER, StoppedBeforeReady
from bot.cli.refusals import REFUSALS
from bot.operations.health import Health, StaffMetrics
from bot.pipeline.turns import Turns
from bot.processes.staff import StaffBot, joined, work
from cells.plan import settings_of
from models.crypto import keep_apart

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a cell that failed is tried again."""
BEGINS, FINE = "begins", "fine"

log = structlog.get_logger()

Pause = Callable[[asyncio.Event, float], Awaitable[None]]


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


class Taken:
    """What the cells of this process work with, so that no two have the same."""

    def __init__(self) -> None:
        self._by: dict[str, str] = {}

    @contextmanager
    def by(self, name: str, settings: Settings) -> Iterator[None]:
        """Raises SettingsError where another cell works with one of these now."""
        wanted = {
            settings.staff_database: "DATABASE_URL",
            str(settings.data.resolve()): "YINLU_DATA",
            settings.token("staff"): "YINLU_STAFF_TOKEN",
        }
        for what, setting in wanted.items():
            if what in self._by:
                raise SettingsError(f"{setting}: the cell {self._by[what]} has the same")
        self._by |= dict.fromkeys(wanted, name)
        try:
            yield
        finally:
            for what in wanted:
                del self._by[what]


@dataclass
class Shared:
    """What the cells of a process share. `moves`: whether other processes may take them over;
    `connections`: as of `settings_of`; `turns`: at the processor."""

    moves: bool = False
    connections: int = FEWEST_CONNECTIONS
    taken: Taken = field(default_factory=Taken)
    turns: Turns = field(default_factory=Turns)


class Cell:
    """`state`: "fine", or what is wrong, in words for whoever runs it."""

    def __init__(self, name: str, file: Path, shared: Shared, pause: Pause = pause) -> None:
        self.name, self.file, self.shared, self.pause = name, file, shared, pause
        self.state = BEGINS
        self.failures = 0
        """In a row."""
        self.handled = 0
        """Updates, by those of its attempts that have ended."""
        self._bot: StaffBot | None = None
        self._context: Context | None = None
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start serving, in a task of its own."""
        self._task = asyncio.create_task(self._run())

    @property
    def ending(self) -> bool:
        return self._stop.is_set()

    @property
    def ended(self) -> bool:
        return self._task is None or self._task.done()

    async def end(self) -> None:
        """Finish the updates in hand, and close everything within CANCEL_AFTER."""
        self._stop.set()
        if self._task is None:
            return
        await asyncio.wait({self._task}, timeout=CANCEL_AFTER)
        if not self._task.done():
            # It waits for something that doesn't come. Broken off anywhere, nothing is lost.
            log.warning("cell_ends_late", cell=self.name)
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        keep_apart()
        structlog.contextvars.bind_contextvars(cell=self.name)
        self._context = copy_context()
        while not self._stop.is_set():
            try:
                await self._attempt()
            except StoppedBeforeReady:
                return
            except Exception as error:
                await self._failed(error)

    async def _attempt(self) -> None:
        settings = settings_of(self.file, self.shared.moves, self.shared.connections)
        # A failed part sets it, and the next attempt begins with another one.
        stop, clock = asyncio.Event(), asyncio.get_running_loop()
        asked, begun = asyncio.create_task(self._when_asked(stop)), clock.time()
        turn = self.shared.turns.new()
        try:
            with self.shared.taken.by(self.name, settings):
                async with joined(settings, stop, begun=None, turn=turn) as bot:
                    self._bot, self.state = bot, FINE
                    await work(settings, bot, stop)
        finally:
            asked.cancel()
            turn.leave()
            if self._bot is not None:
                self.handled += self._bot.handled()
                self._bot = None
            # A wrong token shows itself only at work: nothing is tried every second for ever.
            if clock.time() - begun > LONGEST_PAUSE:
                self.failures = 0

    async def _when_asked(self, stop: asyncio.Event) -> None:
        await self._stop.wait()
        stop.set()

    async def _failed(self, error: Exception) -> None:
        if self._stop.is_set():
            log.warning("cell_ended_badly", error=type(error).__name__)
            return
        seconds = min(FIRST_PAUSE * 2.0**self.failures, LONGEST_PAUSE)
        self.failures += 1
        # Of ours the words, which quote no secret; of others the kind alone.
        told = isinstance(error, REFUSALS)
        self.state = str(error) if told else f"failed: {type(error).__name__}"
        more = {} if told else described(error)
        log.error("cell_failed", why=self.state, again_in=seconds, **more)
        await self.pause(self._stop, seconds)

    async def look(self) -> tuple[str, StaffMetrics | None]:
        """How it is, and its numbers where it works."""
        bot = self._bot
        if bot is None or self._context is None:
            return self.state, None
        handled, ended = self.handled + bot.handled(), bot.parts.ended
        database = bot.services.database
        silent, refused = bot.silent, bot.services.from_peers.refused
        health = Health(
            database, bot.clock.now, lambda: handled, lambda: ended, silent, lambda: refused
        )
        # With its keys: rows are looked at.
        found = await asyncio.create_task(health.look(), context=self._context)
        return found.state, found.numbers
