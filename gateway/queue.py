"""The updates that wait for the bot: in the store until it confirms them, and here for looking."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botapi.queue import Bell, Waiting, Webhook
from gateway.store import Store

RETRY = 1.0


class GatewayQueue(Bell):
    """As botapi.queue.UpdateQueue asks for it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.webhook: Webhook | None = None
        self.allowed: tuple[str, ...] = ()
        self.poll = 0
        self.retry = RETRY
        self._waiting: dict[int, Waiting] = {}
        self._confirming: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        for number, chat, body in await self.store.updates():
            self._waiting[number] = Waiting(chat, dict(body))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.store.now).astimezone()

    def waiting(self) -> Iterable[tuple[int, Waiting]]:
        return self._waiting.items()

    def add(self, number: int, chat: int, body: Mapping[str, Any]) -> None:
        """After it was stored."""
        self._waiting[number] = Waiting(chat, dict(body))
        self.wake()

    def wants(self, kind: str) -> bool:
        return not self.allowed or kind in self.allowed

    def remove(self, update_ids: Iterable[int]) -> None:
        gone = [number for number in update_ids if self._waiting.pop(number, None)]
        if gone:
            # Not waited for: killed before it is done, the bot is given them again and knows them.
            task = asyncio.create_task(self.store.confirmed(gone))
            self._confirming.add(task)
            task.add_done_callback(self._confirming.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._confirming, return_exceptions=True)
