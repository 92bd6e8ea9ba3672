"""Messages before they are queued and on their way, and ports: what services need of the outside,
so that no service knows a messenger's library, nor how whoever waits hears how far it is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

URGENT, ROUTINE = 0, 1
"""An urgent message goes before all routine ones that are due."""


@dataclass(frozen=True)
class Message:
    """`matter`, `kind`, `slot`: sent once to each person, however often it is queued. `payload`:
    JSON, put into words when it is sent, in the reader's language. `at`: when it is due at the
    earliest, aware."""

    matter: str
    kind: str
    slot: str
    payload: Mapping[str, Any]
    at: datetime
    priority: int = ROUTINE


@dataclass(frozen=True)
class Outgoing:
    """A message on its way. `chat_id` and `language` are the recipient's; `edits` is the message
    of the same matter that this one takes the place of; `parts` are further rows whose lines stand
    in this one; `others` came due long ago as well and go out in the same message."""

    id: str
    person_id: str
    chat_id: int
    language: str
    matter: str
    kind: str
    payload: Mapping[str, Any]
    edits: int | None = None
    parts: tuple[str, ...] = ()
    others: tuple["Outgoing", ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.id, *self.parts, *(one for other in self.others for one in other.ids))


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


Told = Callable[[int, int], Awaitable[None]]
"""Hears how many of how many are done; of 0 while nobody knows how many there are."""


async def nobody(done: int, total: int) -> None:
    """Hears it, and tells nobody."""


Progress = Callable[[str], Told]
"""Says who hears how far something is, by its name."""


def silent(what: str) -> Told:
    """Nobody waits for it."""
    return nobody
