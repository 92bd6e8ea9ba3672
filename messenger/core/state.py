"""What the messenger knows: people, bots, chats, messages, and updates waiting to be fetched."""

import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic import ConfigDict

from botapi.markup import Said
from botapi.pictures import look
from botapi.queue import Bell, Waiting, Webhook
from messenger.core.clock import Clock
from messenger.core.flood import Flood
from messenger.core.settings import MessengerSettings, user_id

QUIET = ("chat_member", "message_reaction", "message_reaction_count")
"""Kinds of updates that a bot gets only where it asks for them."""
TOASTS = 20
EVERYWHERE = '{"type": "default"}'
PRIVATE = '{"type": "all_private_chats"}'
"""Scopes of commands, as JSON with sorted keys."""


@dataclass
class Media:
    """A photo or document: its content lives here for as long as the process. `bot`: whose id of
    it this is; a file id of one bot is worth nothing to another."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    bot: str
    kind: str
    file_id: str
    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sides(self) -> tuple[int, int]:
        """1 and 1 for what was taken as a picture but can't be read."""
        picture = look(self.content)
        return (picture.width, picture.height) if picture else (1, 1)


@dataclass
class Message:
    """One message of a chat. `seq` is the state's counter at its last change."""

    id: int
    author: str
    date: datetime
    said: Said = field(default_factory=Said)
    buttons: list[list[dict[str, Any]]] = field(default_factory=list)
    media: Media | None = None
    album: str | None = None
    edited: datetime | None = None
    deleted: bool = False
    protected: bool = False
    forwarded: bool = False
    reply_to: int | None = None
    seq: int = 0


@dataclass
class Chat:
    """A person's chat with a bot."""

    messages: dict[int, Message] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    keyboard: list[list[str]] = field(default_factory=list)
    toasts: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=TOASTS))
    typing_until: float = 0
    read: int = 0


@dataclass
class Person:
    id: str
    user_id: int
    first_name: str
    language_code: str
    bots: tuple[str, ...]
    chats: dict[str, Chat] = field(default_factory=dict)

    def chat(self, bot: str) -> Chat:
        return self.chats.setdefault(bot, Chat())


@dataclass(frozen=True)
class Press:
    """A press that its bot hasn't answered."""

    person: Person
    bot: str
    message_id: int


@dataclass
class Fault:
    """What happens to the next `count` calls of `method` ("*": of any)."""

    method: str
    kind: str
    count: int
    seconds: float


@dataclass
class Bot:
    """`profile`: what the setMy… methods set, by (what, language); commands by (scope, language).
    `record`: everything that it was allowed to send."""

    name: str
    token: str
    username: str
    title: str
    id: int
    flood: Flood
    updates: dict[int, Waiting] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    commands: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    profile: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_button: dict[str, Any] = field(default_factory=lambda: {"type": "commands"})
    webhook: Webhook | None = None
    poll: int = 0
    faults: list[Fault] = field(default_factory=list)
    record: list[dict[str, Any]] = field(default_factory=list)

    def wants(self, kind: str) -> bool:
        # An empty list means the usual kinds, not none: Telegram reads it so.
        return kind in self.allowed if self.allowed else kind not in QUIET

    def about(self, what: str, language: str = "") -> str:
        """A text of its profile, in a language or in that of everybody else."""
        return self.profile.get((what, language)) or self.profile.get((what, ""), "")

    @property
    def first_name(self) -> str:
        return self.about("name") or self.title

    def commands_for(self, person: Person) -> list[dict[str, Any]]:
        """The narrowest scope that is set, there the person's language before everybody's."""
        # Sorted keys make one text of a scope, whichever library wrote it: the text is looked up.
        own = json.dumps({"chat_id": person.user_id, "type": "chat"}, sort_keys=True)
        for scope in (own, PRIVATE, EVERYWHERE):
            for language in (person.language_code[:2], ""):
                if found := self.commands.get((scope, language)):
                    return found
        return []


class State(Bell):
    """All that the messenger remembers, and a bell that wakes whoever waits for a change."""

    def __init__(self, settings: MessengerSettings) -> None:
        super().__init__()
        self.settings = settings
        self.clock = Clock(settings.clock)
        self.seq = 0
        # From the time of day: a messenger started again must not give out an id that an old
        # button holds.
        self._last_id = int(time.time()) * 100
        self.files: dict[str, Media] = {}
        self.presses: dict[str, Press] = {}
        self.bots = {
            name: Bot(name, token, username, title, int(token.split(":")[0]), Flood(settings.flood))
            for name, (token, username, title) in settings.bots.items()
        }
        self.people: dict[str, Person] = {}
        for name, (first_name, bots) in settings.people.items():
            person = self.add_person(name, first_name, "zh-hans", bots)
            for bot in bots if settings.started else ():
                # A bot may not write first: whoever is started has pressed "Start" as far as
                # Telegram is concerned.
                person.chat(bot).started = True

    def add_person(
        self, name: str, first_name: str, language_code: str, bots: tuple[str, ...]
    ) -> Person:
        """Add somebody; the id follows from how many there are, alike in every run."""
        number = user_id(len(self.people))
        person = Person(name, number, first_name, language_code, bots)
        self.people[name] = person
        return person

    def person_by_chat(self, chat_id: int) -> Person | None:
        return next((p for p in self.people.values() if p.user_id == chat_id), None)

    def next_id(self) -> int:
        """Ids grow over restarts, as the messenger's own do."""
        self._last_id += 1
        return self._last_id

    def continue_after(self, number: int) -> None:
        """Give out no id that an earlier process gave out."""
        self._last_id = max(self._last_id, number)

    def touch(self, message: Message | None = None) -> None:
        """Something that people see changed; `message` is what."""
        self.seq += 1
        if message is not None:
            message.seq = self.seq
        self.wake()

    def queue(self, bot: Bot, person: Person, kind: str, what: Mapping[str, Any]) -> None:
        """An update for a bot, unless it doesn't ask for this kind."""
        if bot.wants(kind):
            number = self.next_id()
            bot.updates[number] = Waiting(person.user_id, {"update_id": number, kind: what})
            self.wake()

    def store_file(
        self, bot: Bot, kind: str, name: str, content_type: str, content: bytes
    ) -> Media:
        """Keep a file that was sent; only `bot` may fetch it."""
        media = Media(bot.name, kind, f"file{self.next_id()}", name, content_type, content)
        self.files[media.file_id] = media
        return media

    def file_of(self, bot: Bot, file_id: str) -> Media | None:
        found = self.files.get(file_id)
        return found if found is not None and found.bot == bot.name else None


STATE: web.AppKey[State] = web.AppKey("state", State)
"""Where both sides find it in the application."""
