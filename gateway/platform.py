"""The port to a messenger: what one can do, what is shown there, what comes from there.

Everything that is of one messenger alone ends at this line.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from botapi.markup import Said


class Unreachable(Exception):
    """The platform didn't answer: nobody knows whether it was done."""


class NotSent(Unreachable):
    """There is no connection: surely nothing was done."""


class TooOften(Exception):
    """The platform wants a pause. `seconds`: how long."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class NotYet(TooOften):
    """Before anything was sent: surely nothing was done."""


class Left(Exception):
    """The person has left the chat or blocked the account."""


class Refused(Exception):
    """The platform doesn't take this, whenever it is sent. The text names no person."""


class TooLate(Exception):
    """The window for changing or removing a message is over."""


class Elsewhere(Exception):
    """Another process works with the same account. This one has to stop: two would push each other
    out without end."""


@dataclass(frozen=True)
class Rate:
    """At most `most` messages in any `seconds`."""

    most: int
    seconds: float


@dataclass(frozen=True)
class Abilities:
    """What a platform can show and undo. `buttons`: under one message; 0 where it has none.
    `label`: columns of the longest label of one, where a Chinese character takes two; 0 for any.
    `links`: buttons can open something. `card`: how many characters the first line and the rest of
    a message with buttons may have; what is longer is a message of its own above it. None for no
    such limit. `text_bytes`: the longest text in UTF-8. `edit_hours`, `delete_hours`: None for
    always. `press_once`: a press is answered once and at once, so that the gateway does it; what
    the bot answers comes as a message. `keys_hold`: seconds in which a key sent twice makes one
    message; 0 where it never does. `dates`: it has a calendar of its own to choose a day on.
    `protects`: a message can be kept from being passed on. `chat`, `overall`: what may be sent, to
    one and to all."""

    buttons: int
    text_bytes: int
    file_bytes: int
    label: int = 0
    links: bool = True
    card: tuple[int, int] | None = None
    edit_hours: float | None = None
    delete_hours: float | None = None
    press_once: bool = False
    keys_hold: float = 0.0
    dates: bool = False
    protects: bool = False
    chat: tuple[Rate, ...] = ()
    overall: tuple[Rate, ...] = ()


@dataclass(frozen=True)
class Button:
    """`data`: told to the bot when it is pressed. `says`: sent as the person's own words. `link`:
    opened. `copies`: put on the clipboard. One of the four."""

    text: str
    data: str = ""
    says: str = ""
    link: str = ""
    copies: str = ""


@dataclass(frozen=True)
class Content:
    """A file on the platform. `kind`: photo | document | sticker. `ref`: what the platform needs
    to fetch it, JSON. `sides`: width and height of a picture."""

    kind: str
    name: str
    content_type: str
    size: int
    ref: Mapping[str, Any]
    sides: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Part:
    """One message of the platform. `buttons`: native ones. `dates`: a day can be chosen there.
    `protected`: not to be passed on, where the platform can see to that."""

    said: Said
    buttons: tuple[tuple[Button, ...], ...] = ()
    content: Content | None = None
    dates: bool = False
    protected: bool = False


@dataclass(frozen=True)
class Account:
    """Somebody on the platform: `key` tells them from everybody else and never changes, `address`
    is where they are written to."""

    key: str
    address: str
    name: str = ""


@dataclass(frozen=True)
class Event:
    """Something that a person did. `id`: the platform's, by which a doubled one is known."""

    id: str
    account: Account


@dataclass(frozen=True)
class Written(Event):
    """`answers`: the message this one replies to, as the platform calls it. `unread`: it came in a
    form that can't be read here."""

    text: str = ""
    content: Content | None = None
    answers: str = ""
    forwarded: bool = False
    unread: bool = False


@dataclass(frozen=True)
class Rewritten(Event):
    """The person changed the message `target`."""

    target: str = ""
    text: str = ""


@dataclass(frozen=True)
class Pressed(Event):
    """A native button under the message `target`: its `data`, or what it `says`. `day`: instead of
    both, chosen there on the platform's calendar, as 2026-11-22. `token`: what answering the press
    takes."""

    target: str = ""
    data: str = ""
    says: str = ""
    token: Mapping[str, Any] = field(default_factory=dict)
    day: str = ""


@dataclass(frozen=True)
class Entered(Event):
    """The person opened the chat, without a word."""


@dataclass(frozen=True)
class Gone(Event):
    """The person left the chat or blocked the account."""


Receive = Callable[[Event], Awaitable[None]]
"""Stores an event. When it returns, the event may be acknowledged; when it raises, it may not."""


def short(key: str) -> str:
    """A key as platforms take it: 32 characters, which say nothing."""
    return sha256(key.encode()).hexdigest()[:32]


COMMANDS = "commands "
"""With a language behind it, "" for all others: what the bot calls its commands, as JSON."""


class Memory(Protocol):
    """What a platform keeps between two processes: a place in its stream, a login. Sealed."""

    async def recall(self, name: str) -> str: ...

    async def remember(self, name: str, value: str) -> None: ...


class Platform(Protocol):
    """One account on one messenger. Ids are texts of the platform."""

    name: str
    tenant: str
    abilities: Abilities
    link: str
    """Opens the account's chat; "" where the platform has no such address. One with {token} in it
    takes an invitation along."""

    @property
    def connected(self) -> bool: ...

    async def reached(self) -> None:
        """Waits until the platform has answered once."""
        ...

    async def run(self, receive: Receive) -> None:
        """Until cancelled; an unreachable platform is tried again. Raises Elsewhere, Refused."""
        ...

    async def send(self, account: Account, part: Part, key: str) -> str:
        """The id. The same key again gives the same message while the platform's keys hold.
        Raises Unreachable, TooOften, Left, Refused."""
        ...

    async def change(self, account: Account, message: str, part: Part, key: str) -> None:
        """Raises as `send`, and TooLate."""
        ...

    async def remove(self, account: Account, message: str) -> None:
        """Raises as `send`, and TooLate."""
        ...

    async def answer(self, account: Account, token: Mapping[str, Any], text: str) -> None:
        """Answers a press. `token` is empty where the press was a letter."""
        ...

    async def drawn(
        self, account: Account, token: Mapping[str, Any], note: str, part: Part | None
    ) -> None:
        """Shows a `note` to whoever pressed, where a press is answered once. `part`: what stands on
        the card, None where it isn't known any more. Raises as `send`, and TooLate."""
        ...

    async def store(
        self, account: Account, kind: str, name: str, content_type: str, content: bytes
    ) -> Content: ...

    async def fetch(self, content: Content) -> bytes: ...
