"""Ports: what services need of the outside, so that no service knows a messenger's library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Outgoing:
    """A message on its way. `chat_id` and `language` are the recipient's; `edits` is the message
    of the same matter that this one takes the place of; `others` came due long ago as well and go
    out in the same message."""

    id: str
    person_id: str
    chat_id: int
    language: str
    matter: str
    kind: str
    payload: Mapping[str, Any]
    edits: int | None = None
    others: tuple["Outgoing", ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.id, *(other.id for other in self.others))


class Unreachable(Exception):
    """The recipient has blocked the bot or never spoke to it."""


class RetryLater(Exception):
    """The messenger asks to wait. `everything`: all sends, not only this chat."""

    def __init__(self, seconds: float, everything: bool = False) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds, self.everything = seconds, everything


class Ambiguous(Exception):
    """Nobody knows whether the message was accepted: the answer got lost."""


class Moot(Exception):
    """What the message was about has been settled meanwhile: there is nothing left to say."""


class Messenger(Protocol):
    """Sends one message; implemented where Telegram is known."""

    async def deliver(self, message: Outgoing) -> int:
        """Send, and return the message's id. Raises Unreachable, RetryLater, Ambiguous or Moot."""
        ...
