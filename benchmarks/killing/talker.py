"""A person at the local messenger, spoken for in its own process: fifty of them are cheap."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botapi.markup import from_person
from messenger.core import payloads
from messenger.core.state import Bot, Chat, Message, Person, Press, State

OUTDATED = ("过期", "前面一题")
"""Said of a button whose screen was shown again since: as a person would, press the new one."""


LONGEST = 10
"""How many times their patience a person waits for a bot that doesn't even take what was said."""


class GivenUp(Exception):
    """No answer came within this person's patience."""


@dataclass
class Talker:
    """`patience`: seconds without any answer, since the bot took what was said, after which a
    conversation counts as lost. `pressable`: what counts as an answer has buttons; an older screen
    that has just lost its own is none."""

    state: State
    bot: Bot
    person: Person
    patience: float
    pressable: bool = True
    since: int = 0
    updates: int = field(default=0)

    @property
    def chat(self) -> Chat:
        return self.person.chat(self.bot.name)

    async def says(self, text: str) -> None:
        now = self.state.clock.now()
        message = Message(self.state.next_id(), "me", now, from_person(text))
        self.chat.messages[message.id], self.chat.started = message, True
        self.since = self.state.seq
        self._queue("message", payloads.message(self.bot, self.person, message))

    async def presses(self, label: str) -> None:
        """The newest button with this label, or one that holds it; waits until there is one."""
        message, data = await self._wait(lambda: self._button(label), f"button {label!r}")
        query = str(self.state.next_id())
        self.state.presses[query] = Press(self.person, self.bot.name, message.id)
        self.since = self.state.seq
        pressed = payloads.callback(self.bot, self.person, message, data, query)
        self._queue("callback_query", pressed)

    async def until(self, *marks: str) -> str:
        """A message of the bot, new or changed since the last act, that holds one of `marks`."""
        return str(await self._wait(lambda: self._seen(marks), " or ".join(marks)))

    async def after(self, label: str, *marks: str) -> str:
        """Presses a button until what it leads to is there. A question whose update was handled
        twice stands in two messages: it may be answered while the other is still pressed."""
        since = self.since
        while True:
            there = await self._wait(
                lambda: self._button(label) or self._seen(marks, since), f"button {label!r}"
            )
            if isinstance(there, str):
                return there
            await self.presses(label)
            found = await self._wait(
                lambda: self._seen(marks) or self._outdated(), " or ".join(marks)
            )
            if not isinstance(found, bool):
                return str(found)

    def _queue(self, kind: str, what: dict[str, Any]) -> None:
        self.updates += 1
        self.state.queue(self.bot, self.person, kind, what)

    def _button(self, label: str) -> tuple[Message, str] | None:
        for message in reversed(self.chat.messages.values()):
            for button in (b for row in message.buttons for b in row):
                if not message.deleted and label in button["text"]:
                    return message, button["callback_data"]
        return None

    def _seen(self, marks: Iterable[str], since: int | None = None) -> str | None:
        since = self.since if since is None else since
        for message in reversed(self.chat.messages.values()):
            fresh = message.author == "bot" and message.seq > since
            if fresh and not message.deleted and (message.buttons or not self.pressable):
                said = words(message)
                if any(mark in said for mark in marks):
                    return said
        return None

    def _outdated(self) -> bool | None:
        toasts = [t["text"] for t in self.chat.toasts if t["seq"] > self.since]
        return True if any(word in toast for toast in toasts for word in OUTDATED) else None

    async def _wait(self, find: Any, what: str) -> Any:
        loop = asyncio.get_running_loop()
        begun, until = loop.time(), loop.time() + self.patience
        while (found := find()) is None:
            if self._waiting() and loop.time() < begun + LONGEST * self.patience:
                until = loop.time() + self.patience
            elif loop.time() >= until:
                raise GivenUp(f"{self.person.id} waited for {what}; on screen: {self.last}")
            await self.state.wait(max(0.1, until - loop.time()))
        return found

    def _waiting(self) -> bool:
        """Whether the messenger still keeps something that this person said or pressed."""
        return any(one.chat == self.person.user_id for one in self.bot.updates.values())

    @property
    def last(self) -> str:
        shown = [words(m) for m in self.chat.messages.values() if m.author == "bot"]
        return shown[-1] if shown else ""


def words(message: Message) -> str:
    labels = [button["text"] for row in message.buttons for button in row]
    return "\n".join([message.said.plain, *labels])
