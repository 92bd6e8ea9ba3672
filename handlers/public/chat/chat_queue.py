"""Chats side by side, one update of a chat at a time, in the order in which they came."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor


@dataclass
class ChatLock:
    """The lock of a chat, for as long as somebody holds it or waits for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiters: int = 0


class PerChatProcessor(BaseUpdateProcessor):
    """A conversation reads and writes its state without locks: two updates of one chat at once
    would lose one. Cleaning a file for one person keeps nobody else waiting."""

    def __init__(self, at_once: int) -> None:
        super().__init__(at_once)
        self._locks: dict[int, ChatLock] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        chat = update.effective_chat if isinstance(update, Update) else None
        number = chat.id if chat is not None else 0
        held = self._locks.setdefault(number, ChatLock())
        held.waiters += 1
        try:
            async with held.lock:
                await coroutine
        finally:
            # Forgotten with its last waiter: chat ids kept on would tell who wrote.
            held.waiters -= 1
            if not held.waiters:
                del self._locks[number]

    async def initialize(self) -> None:
        """Nothing to begin."""

    async def shutdown(self) -> None:
        """Nothing to end."""
