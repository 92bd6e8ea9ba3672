"""Rate limit for all that a bot sends: sliding windows, and every `retry_after` obeyed, also after
a restart.

Worked example: 30 messages a second in all, 1 a second in a private chat; the process began at 0.0.

    0.2  answer to chat 7     waits until 1.0: windows begin full, a process before may have sent
    1.0  it goes out          counted among all and for chat 7
    1.1  reminder to chat 7   room in 0.9 s, which is below LONGEST_WAIT: it waits here
    2.0  it goes out
    2.1  reminder to chat 8   while an answer waits for the window of all: a STEP_BACK at a time,
                              until no answer waits
    2.5  429, retry_after 5   nothing to chat 7 until 7.5; stored, so that a restart obeys it too
    2.6  reminder to chat 7   4.9 s are more than LONGEST_WAIT: refused, it stays in the outbox
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from services.core.database import away
from services.messages.chats import chat_at, source_of, within
from services.messages.outbox import Outbox

NEW = ("Send", "Copy", "Forward")
"""Methods by which something new appears in a chat."""
SHOWN = (*NEW, "Edit", "Delete")
"""Methods that count among those of all chats."""
LONGEST_WAIT = 2.0
"""Seconds for which a low-priority message waits here; for more it goes back to the outbox."""
STEP_BACK = 0.01
"""Seconds by which a low-priority message waits longer while an answer waits for room."""
FORGET_BEYOND = 10_000
CHATS_THAT_MEAN_ALL = 3
"""So many chats refused in a row mean a flood wait for all; two still happen by chance."""

StoreWait = Callable[[int | None, float], Awaitable[None]]


@dataclass
class Window:
    """Sliding window: at most `most` within any `seconds`."""

    most: int
    seconds: float
    begun: float
    times: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        # Full at the beginning: nobody knows what a process before this one has sent.
        self.times.extend([self.begun] * self.most)

    def wait(self, now: float) -> float:
        """Seconds until there is room; 0 where there is."""
        while self.times and self.times[0] + self.seconds <= now:
            self.times.popleft()
        if len(self.times) < self.most:
            return 0.0
        # Of a window that was made smaller more than the first has to fall out of it.
        return self.times[len(self.times) - self.most] + self.seconds - now if self.most else 1.0

    def resize(self, most: int, now: float) -> None:
        """Let fewer or more through. What is added is full, as at the beginning: another process
        may have used it just now."""
        self.wait(now)
        self.times.extend([now] * (most - self.most))
        self.most = most

    def take(self, now: float) -> None:
        self.times.append(now)


@dataclass(frozen=True)
class Limits:
    """Telegram's: messages per second in all, per second in a private chat, per minute in a
    group."""

    overall: int = 30
    chat: int = 1
    group: int = 20


class LowPriorityBot(Bot):
    """A bot for messages that nobody is waiting for. Its requests let answers go first and wait for
    LONGEST_WAIT at most: then TelegramRetryAfter is raised and nothing was sent. Give it the
    session of the bot that answers, so that both pass the same limiter."""


async def _store_nothing(chat: int | None, seconds: float) -> None:
    """The default of `store`."""


class Limiter:
    """`store` keeps a flood wait (chat or None for all, seconds) beyond the end of the process.
    `begun`: since when no process before this one can have sent anything, by `clock`; now, if not
    given."""

    def __init__(
        self,
        limits: Limits = Limits(),
        store: StoreWait = _store_nothing,
        clock: Callable[[], float] = time.monotonic,
        begun: float | None = None,
    ) -> None:
        self.limits, self.store, self.clock = limits, store, clock
        self.begun = clock() if begun is None else begun
        self.overall = Window(limits.overall, 1.0, self.begun)
        self.chats: dict[int, Window] = {}
        self.paused_until: dict[int | None, float] = {}
        self._refused: set[int] = set()
        self._queue = 0
        self._taken = self._waiting = 0

    async def acquire(self, chat: int, new: bool = True) -> None:
        """Wait until a request about a chat may go out, and count it."""
        while (wait := self.wait(chat, new)) > 0:
            # Only who waits for the overall window is in the way of others; a chat's own window
            # holds up nobody else.
            queues = self.overall.wait(self.clock()) > 0
            self._queue += queues
            try:
                await self._wait_for(wait)
            finally:
                self._queue -= queues
        self._take(chat, new)

    async def acquire_low_priority(self, chat: int, new: bool = True) -> float:
        """Low-priority acquire: returns 0, or the seconds to wait where there is no room soon."""
        left = LONGEST_WAIT
        while (wait := max(self.wait(chat, new), STEP_BACK if self._queue else 0.0)) > 0:
            if wait > left:
                return wait
            left -= wait
            await self._wait_for(wait)
        self._take(chat, new)
        return 0.0

    async def _wait_for(self, seconds: float) -> None:
        self._waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting -= 1

    def share(self, most: int) -> None:
        """Let so many requests through in a second, of all chats together."""
        self.overall.resize(most, self.clock())

    def wanted(self) -> int:
        """Return how many requests went out since this was last asked, and wait now."""
        taken, self._taken = self._taken, 0
        return taken + self._waiting

    def wait(self, chat: int, new: bool = True) -> float:
        """Seconds until a request may go out; 0 where it may now."""
        now = self.clock()
        quiet = (self.paused_until.get(None, now) - now, self.paused_until.get(chat, now) - now)
        own = self._window(chat).wait(now) if new else 0.0
        return max(self.overall.wait(now), own, *quiet)

    def _window(self, chat: int) -> Window:
        if chat not in self.chats:
            if len(self.chats) > FORGET_BEYOND:
                self._forget()
            private = chat > 0
            most = self.limits.chat if private else self.limits.group
            self.chats[chat] = Window(most, 1.0 if private else 60.0, self.begun)
        return self.chats[chat]

    def _take(self, chat: int, new: bool) -> None:
        now = self.clock()
        self._taken += 1
        self.overall.take(now)
        # An edit or a deletion counts overall only: Telegram's limit of a chat is for new messages.
        if new:
            self._window(chat).take(now)

    def _forget(self) -> None:
        now = self.clock()
        for chat, window in list(self.chats.items()):
            window.wait(now)
            if not window.times:
                del self.chats[chat]

    async def flood_wait(self, chat: int, seconds: float) -> None:
        """Obey a `retry_after`, and store it for other processes and for a restart."""
        # The answer doesn't say whether the chat or the whole bot sent too much. Several different
        # chats refused with no success between them mean the bot.
        self._refused.add(chat)
        place = None if len(self._refused) >= CHATS_THAT_MEAN_ALL else chat
        self.pause(place, seconds)
        await self.store(place, seconds)

    def pause(self, chat: int | None, seconds: float) -> None:
        """Hold back requests for some seconds, to a chat or (None) to all."""
        until = self.clock() + seconds
        self.paused_until[chat] = max(until, self.paused_until.get(chat, until))

    def accepted(self) -> None:
        self._refused.clear()


class LimitRequests(BaseRequestMiddleware):
    """Pass every request that shows in a chat through the limiter."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat: Any = getattr(method, "chat_id", None)
        name = type(method).__name__
        # Only what appears in a chat counts against the limits.
        if chat is None or not name.startswith(SHOWN):
            return await make_request(bot, method)
        await self._wait(bot, method, int(chat), name.startswith(NEW))
        try:
            response = await make_request(bot, method)
        except TelegramRetryAfter as wait:
            await self.limiter.flood_wait(int(chat), wait.retry_after)
            raise
        self.limiter.accepted()
        return response

    async def _wait(self, bot: Bot, method: TelegramMethod[Any], chat: int, new: bool) -> None:
        if not isinstance(bot, LowPriorityBot):
            await self.limiter.acquire(chat, new)
        elif wait := await self.limiter.acquire_low_priority(chat, new):
            raise TelegramRetryAfter(method, "the limiter asks to wait", ceil(wait))


LOOK = 1.0
"""Seconds after which this process obeys a wait that another one was asked for."""

log = structlog.get_logger()


class FloodWaits:
    """Every `retry_after` of one source: stored when one process is asked to wait, obeyed by all,
    also after a restart. A chat None means all chats of the source."""

    def __init__(self, outbox: Outbox, now: Callable[[], datetime], source: int = 0) -> None:
        self.outbox, self.now, self.source = outbox, now, source

    async def store(self, chat: int | None, seconds: float) -> None:
        """Store a wait for a chat or (None) for all. This process obeys even where that fails."""
        try:
            # No chat has the number 0: among all sources, it stands for all chats of one.
            place = chat_at(self.source, chat or 0) or None
            await self.outbox.pause(place, self.now() + timedelta(seconds=seconds))
        except Exception as error:
            log.warning("flood_wait_not_stored", error=type(error).__name__)

    async def load(self, limiter: Limiter) -> None:
        now = self.now()
        # Stored as a moment, obeyed as seconds: the limiter counts by a clock that never jumps.
        for place, until in await self.outbox.pauses(now):
            if source_of(place or 0) == self.source:
                limiter.pause(within(place or 0) or None, (until - now).total_seconds())

    async def run(self, limiter: Limiter) -> None:
        """Until cancelled: obey what other processes were asked."""
        # On SQLite there is one process, which was asked for every wait itself.
        while self.outbox.database.shared:
            await asyncio.sleep(LOOK)
            try:
                await self.load(limiter)
            except Exception as error:
                if not away(error):
                    raise
                log.warning("flood_waits_not_loaded", error=type(error).__name__)
        await asyncio.Event().wait()
