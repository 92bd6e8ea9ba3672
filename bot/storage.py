"""aiogram's storage over our tables: read once per update, its writes held back until the end."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from services.inbox import Inbox


class Held:
    """What one update has read and what it wants to be written. Kept as JSON, so that a value
    changed in place by its reader isn't taken for what was stored."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.known: dict[str, dict[str, str]] = {}
        self.changed: set[str] = set()

    async def load(self, key: str) -> dict[str, str]:
        if key not in self.known:
            self.known[key] = dict(await self.inbox.state(key) or {})
        return self.known[key]

    async def get(self, key: str, part: str) -> Any:
        text = (await self.load(key)).get(part)
        return None if text is None else json.loads(text)

    async def put(self, key: str, part: str, value: Any) -> None:
        record = await self.load(key)
        text = json.dumps(value, ensure_ascii=False) if value else None
        if record.get(part) == text:
            return
        if text is None:
            del record[part]
        else:
            record[part] = text
        self.changed.add(key)

    @property
    def writes(self) -> Mapping[str, Any]:
        """Key → what to store; None where nothing is left."""
        return {key: self.known[key] or None for key in self.changed}


_HELD: ContextVar[Held] = ContextVar("held")


@contextmanager
def holding(inbox: Inbox) -> Iterator[Held]:
    """Inside, conversations are read from `inbox` and nothing is written."""
    held = Held(inbox)
    token = _HELD.set(held)
    try:
        yield held
    finally:
        _HELD.reset(token)


class HeldStorage(BaseStorage):
    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        await _HELD.get().put(_name(key), "state", name)

    async def get_state(self, key: StorageKey) -> str | None:
        found: str | None = await _HELD.get().get(_name(key), "state")
        return found

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await _HELD.get().put(_name(key), "data", dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(await _HELD.get().get(_name(key), "data") or {})

    async def close(self) -> None:
        """The database is closed by who opened it."""


def _name(key: StorageKey) -> str:
    return f"{key.bot_id}:{key.chat_id}:{key.user_id}:{key.destiny}"
