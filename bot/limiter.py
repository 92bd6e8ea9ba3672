"""One limiter for everything a bot sends: sliding windows, and every `retry_after` obeyed."""

import asyncio
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

SENDS = ("Send", "Edit", "Copy", "Forward")


@dataclass
class Window:
    """At most `most` within any `seconds`."""

    most: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until there is room; 0 where there is."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        if len(self.times) < self.most:
            return 0.0
        return self.times[0] + self.seconds - now

    def take(self, now: float) -> None:
        self.times.append(now)


@dataclass(frozen=True)
class Limits:
    """Of the messenger: messages per second in all, and per three seconds in one private chat,
    which allows a short burst and is one a second on the whole."""

    overall: int = 30
    chat: int = 3
    chat_seconds: float = 3.0


class Limiter:
    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self.overall = Window(limits.overall, 1.0)
        self.chats: dict[int, Window] = defaultdict(self._chat)
        self.quiet_until: dict[int | None, float] = {}

    def _chat(self) -> Window:
        return Window(self.limits.chat, self.limits.chat_seconds)

    async def turn(self, chat: int | None) -> None:
        """Returns when the next message to a chat may go out."""
        while (wait := self._wait(chat, time.monotonic())) > 0:  # noqa: ASYNC110, time alone frees a window
            await asyncio.sleep(wait)
        now = time.monotonic()
        self.overall.take(now)
        if chat is not None:
            self.chats[chat].take(now)
        if len(self.chats) > 10_000:
            self._forget(now)

    def _wait(self, chat: int | None, now: float) -> float:
        quiet = [self.quiet_until.get(None, 0), self.quiet_until.get(chat, 0)]
        own = self.chats[chat].wait(now) if chat is not None else 0.0
        return max(self.overall.wait(now), own, *(until - now for until in quiet))

    def _forget(self, now: float) -> None:
        for chat in [c for c, window in self.chats.items() if not window.wait(now)]:
            if not self.chats[chat].times:
                del self.chats[chat]

    def hush(self, chat: int | None, seconds: float) -> None:
        """The messenger asked for silence in a chat; the second in a row counts for all chats."""
        now = time.monotonic()
        everywhere = self.quiet_until.get(chat, 0) > now
        self.quiet_until[None if everywhere else chat] = now + seconds


class LimitRequests(BaseRequestMiddleware):
    """Lets everything that shows in a chat through the limiter."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat: Any = getattr(method, "chat_id", None)
        if chat is None or not type(method).__name__.startswith(SENDS):
            return await make_request(bot, method)
        await self.limiter.turn(int(chat))
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as wait:
            self.limiter.hush(int(chat), wait.retry_after)
            raise
