"""What the messenger knows: people, bots, chats, messages, and updates waiting to be fetched."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from messenger.clock import Clock
from messenger.settings import MessengerSettings, user_id


@dataclass
class Media:
    """A photo or document: its content lives here for as long as the process."""

    kind: str
    file_id: str
    name: str
    content_type: str
    content: bytes


@dataclass
class Message:
    """One message of a chat. `seq` is the state's counter at its last change."""

    id: int
    author: str
    date: datetime
    text: str = ""
    html: str = ""
    buttons: list[list[dict[str, Any]]] = field(default_factory=list)
    media: Media | None = None
    edited: bool = False
    deleted: bool = False
    protected: bool = False
    reply_to: int | None = None
    seq: int = 0


@dataclass
class Chat:
    """A person's chat with a bot."""

    messages: dict[int, Message] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    keyboard: list[list[str]] = field(default_factory=list)
    toasts: list[dict[str, Any]] = field(default_factory=list)
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


@dataclass
class Bot:
    name: str
    token: str
    username: str
    title: str
    id: int
    updates: deque[dict[str, Any]] = field(default_factory=deque)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    poll: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    record: list[dict[str, Any]] = field(default_factory=list)


class State:
    """Everything, and a condition that wakes whoever waits for a change."""

    def __init__(self, settings: MessengerSettings) -> None:
        self.clock = Clock(settings.clock)
        self.changed = asyncio.Condition()
        self.seq = 0
        self._last_id = int(time.time()) * 100
        self.files: dict[str, Media] = {}
        self.presses: dict[str, tuple[Person, str, int]] = {}
        self.bots = {
            name: Bot(name, token, username, title, int(token.split(":")[0]))
            for name, (token, username, title) in settings.bots.items()
        }
        self.people: dict[str, Person] = {}
        for name, (first_name, bots) in settings.people.items():
            person = self.add_person(name, first_name, "zh-hans", bots)
            for bot in bots if settings.started else ():
                person.chat(bot).started = True

    def add_person(
        self, name: str, first_name: str, language_code: str, bots: tuple[str, ...]
    ) -> Person:
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

    async def touch(self, message: Message | None = None) -> None:
        """Something changed; `message` is what."""
        self.seq += 1
        if message is not None:
            message.seq = self.seq
        async with self.changed:
            self.changed.notify_all()

    async def wait(self, seconds: float) -> None:
        """Until the next change, or until the time is up."""
        try:
            async with asyncio.timeout(seconds), self.changed:
                await self.changed.wait()
        except TimeoutError:
            return

    async def queue(self, bot: Bot, update: dict[str, Any]) -> int:
        """An update for a bot; gives its id."""
        number = self.next_id()
        bot.updates.append({"update_id": number, **update})
        await self.touch()
        return number

    def keep(self, kind: str, name: str, content_type: str, content: bytes) -> Media:
        media = Media(kind, f"file{self.next_id()}", name, content_type, content)
        self.files[media.file_id] = media
        return media
