"""What an update holds back until the commit that ends it: where the chat's conversations stand,
and writes. What a handler changes may not outlive an update that fails, and an update that is
handled again after a crash may not find half of it done."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

Conversations = Mapping[str, Mapping[str, str]]
"""The stored form, by conversation key and part ("state", "data"): each value is JSON."""

_ENCODER = json.JSONEncoder(ensure_ascii=False)
"""Made once: with an option of its own, json makes one for every value."""


class ConversationChange:
    """The stored state of a chat's conversations, and what one update changes in it.

    Values are kept as JSON texts: the framework changes the dictionaries it was given in place, and
    with the texts such a change is still told apart from what was stored.
    """

    def __init__(self, stored: Conversations | None = None) -> None:
        self._texts = {key: dict(parts) for key, parts in (stored or {}).items()}
        self._changed = False

    def get(self, key: str, part: str) -> Any:
        """Return a copy of a part, None where there is none: changed in place, it changes nothing
        here."""
        text = self._texts.get(key, {}).get(part)
        return None if text is None else json.loads(text)

    def put(self, key: str, part: str, value: Any) -> None:
        """Set a part; an empty value removes it."""
        parts = self._texts.setdefault(key, {})
        text = _ENCODER.encode(value) if value else None
        if parts.get(part) == text:
            return
        if text is None:
            # It is there: had there been none, None would have equalled None above.
            del parts[part]
        else:
            parts[part] = text
        self._changed = True

    @property
    def changes(self) -> Conversations | None:
        """All of the state, to be stored whole; None where nothing changed."""
        if not self._changed:
            return None
        return {key: parts for key, parts in self._texts.items() if parts}


class HeldWrite(ABC):
    """One such write. The group commit knows this interface only, so that a feature can hold back
    rows of its own without `messages` importing it."""

    @classmethod
    @abstractmethod
    def store(cls, connection: Connection, held: Sequence[Any]) -> None:
        """Write those of one class, of all updates that share the commit, in the order held."""


def store_held(connection: Connection, held: Sequence[HeldWrite]) -> None:
    """Write what several updates held back, class by class, so that each may write in bulk."""
    for kind in dict.fromkeys(type(write) for write in held):
        kind.store(connection, [write for write in held if type(write) is kind])
