"""aiogram's storage over our tables: read with the update, its writes held back until the end."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from services.messages.inbox import Talk


class Held:
    """What is known of a chat's conversations and what one update wants to be written. Kept as
    JSON, so that a value changed in place by its reader isn't taken for what was stored."""

    def __init__(self, talk: Talk) -> None:
        self.known = {key: dict(parts) for key, parts in talk.items()}
        self.changed = False

    def get(self, key: str, part: str) -> Any:
        text = self.known.get(key, {}).get(part)
        return None if text is None else json.loads(text)

    def put(self, key: str, part: str, value: Any) -> None:
        parts = self.known.setdefault(key, {})
        text = json.dumps(value, ensure_ascii=False) if value else None
        if parts.get(part) == text:
            return
        if text is None:
            del parts[part]
        else:
            parts[part] = text
        self.changed = True

    @property
    def writes(self) -> Talk | None:
        """What is to be stored; None where nothing changed."""
        return {key: parts for key, parts in self.known.items() if parts} if self.changed else None


_HELD: ContextVar[Held] = ContextVar("held")


@contextmanager
def holding(talk: Talk) -> Iterator[Held]:
    """Inside, conversations are read from `talk` and nothing is written."""
    held = Held(talk)
    token = _HELD.set(held)
    try:
        yield held
    finally:
        _HELD.reset(token)


class HeldStorage(BaseStorage):
    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        _HELD.get().put(_name(key), "state", name)

    async def get_state(self, key: StorageKey) -> str | None:
        found: str | None = _HELD.get().get(_name(key), "state")
        return found

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        _HELD.get().put(_name(key), "data", dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(_HELD.get().get(_name(key), "data") or {})

    async def close(self) -> None:
        """The database is closed by who opened it."""


def _name(key: StorageKey) -> str:
    return f"{key.bot_id}:{key.chat_id}:{key.user_id}:{key.destiny}"
