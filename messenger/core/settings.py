"""Who writes to whom on this machine."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

BOTS = {
    "staff": ("700001:local-staff", "yinlu_staff_bot", "引路"),
    "public": ("700002:local-public", "yinlu_public_bot", "引路·群众反映"),
}
PEOPLE = {
    "secretary": ("书记 乌兰", ("staff",)),
    "introducer": ("介绍人 巴特尔", ("staff",)),
    "committee": ("组织委员 陈静", ("staff",)),
    "organiser": ("组织员 高远", ("staff",)),
    "director": ("部长 苏和", ("staff",)),
    "citizen": ("群众", ("public",)),
}
FIRST_USER_ID = 5_000_001


@dataclass(frozen=True)
class FloodLimits:
    """Sends within any `window` of seconds: in all, and to one private chat. `pause`: seconds of
    retry_after."""

    overall: int = 30
    chat: int = 1
    pause: float = 1.0
    window: float = 1.0


@dataclass(frozen=True)
class MessengerSettings:
    """`people`: id → (name, bots they talk to). `clock`: where time begins; now, if not given.
    `started`: everybody has spoken to their bots before, so that they can be written to at once.
    `flood`: how much a bot may send; anything, if not given. `retry`: seconds before a webhook
    that failed is called again. `chats`: the file in which chats outlive this process; they are
    forgotten, if not given. `unsaved`: bots whose chats are never written to disk."""

    host: str = "127.0.0.1"
    port: int = 8080
    people: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=lambda: dict(PEOPLE))
    bots: dict[str, tuple[str, str, str]] = field(default_factory=lambda: dict(BOTS))
    clock: datetime | None = None
    started: bool = False
    flood: FloodLimits | None = None
    retry: float = 1.0
    chats: Path | None = None
    unsaved: frozenset[str] = frozenset()


def user_id(place: int) -> int:
    """The Telegram user id of the person at a place (from 0)."""
    return FIRST_USER_ID + place


def local_chats() -> dict[str, int]:
    """Person id → chat id, as the local messenger gives them."""
    return {name: user_id(place) for place, name in enumerate(PEOPLE)}
