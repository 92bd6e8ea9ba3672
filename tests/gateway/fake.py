"""A platform in memory: whoever writes there sees what a person would see, and nothing else."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from math import inf
from typing import Any

from gateway.platform import (
    Abilities,
    Account,
    Content,
    Event,
    Gone,
    Left,
    Part,
    Receive,
    Refused,
    Rewritten,
    TooLate,
    Unreachable,
    Written,
)

WITHIN = 60.0
TEXT_ONLY = Abilities(buttons=0, text_bytes=4000, file_bytes=20 * 1024 * 1024, keys_hold=inf)


def can(**more: Any) -> Abilities:
    given: dict[str, Any] = {"buttons": 0, "text_bytes": 4000, "file_bytes": 1000, **more}
    return Abilities(**given)


@dataclass
class Line:
    id: str
    account: str
    part: Part
    edits: int = 0


@dataclass
class FakePlatform:
    """`fails`: raised by the next calls, once each. `dies`: raised after the next message stands,
    as a process that is killed before it hears the answer. `holds`: until it is set, nothing that
    is sent gets there. `away`: until it is set, the platform isn't reached."""

    abilities: Abilities = TEXT_ONLY
    name: str = "fake"
    tenant: str = "here"
    link: str = ""
    lines: list[Line] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    answers: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)
    drawings: list[tuple[Mapping[str, Any], str, Part | None]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    dies: list[BaseException] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    receive: Receive | None = None
    connected: bool = True
    holds: asyncio.Event | None = None
    away: asyncio.Event | None = None

    def __post_init__(self) -> None:
        self.numbers = count(1)
        self.spoke = asyncio.Event()
        self.running = asyncio.Event()
        self.held = asyncio.Event()

    async def reached(self) -> None:
        await self.running.wait()

    async def run(self, receive: Receive) -> None:
        if self.away is not None:
            await self.away.wait()
        self.receive = receive
        self.running.set()
        await asyncio.Event().wait()

    def _check(self, account: Account) -> None:
        if account.key in self.gone:
            raise Left
        if self.fails:
            raise self.fails.pop(0)

    async def send(self, account: Account, part: Part, key: str) -> str:
        self._check(account)
        if self.holds is not None:
            self.held.set()
            await self.holds.wait()
        if part.content is None and not part.said.plain:
            raise Refused("empty")
        if len(part.said.plain.encode()) > self.abilities.text_bytes:
            raise Refused("too long")
        if self.abilities.keys_hold and key in self.by_key:
            return self.by_key[key]
        number = f"m{next(self.numbers)}"
        self.by_key[key] = number
        self.lines.append(Line(number, account.key, part))
        self.spoke.set()
        if self.dies:
            raise self.dies.pop(0)
        return number

    async def change(self, account: Account, message: str, part: Part, key: str) -> None:
        self._check(account)
        line = next(one for one in self.lines if one.id == message)
        line.part, line.edits = part, line.edits + 1
        self.spoke.set()

    async def remove(self, account: Account, message: str) -> None:
        self._check(account)
        if self.abilities.delete_hours == 0:
            raise TooLate
        self.removed.append(message)
        self.lines = [line for line in self.lines if line.id != message]

    async def answer(self, account: Account, token: Mapping[str, Any], text: str) -> None:
        self.answers.append((token, text))

    async def drawn(
        self, account: Account, token: Mapping[str, Any], note: str, part: Part | None
    ) -> None:
        self._check(account)
        self.drawings.append((token, note, part))

    async def store(
        self, account: Account, kind: str, name: str, content_type: str, content: bytes
    ) -> Content:
        number = f"f{next(self.numbers)}"
        self.files[number] = content
        return Content(kind, name, content_type, len(content), {"id": number})

    async def fetch(self, content: Content) -> bytes:
        if content.ref["id"] not in self.files:
            raise Refused("gone")
        return self.files[content.ref["id"]]


class Reader:
    """Who reads what stands in a chat, and answers it."""

    def sees(self) -> list[str]:
        raise NotImplementedError

    async def looks(self) -> None:
        """Waits until something may have changed."""
        raise NotImplementedError

    async def writes(self, text: str, **more: Any) -> str:
        raise NotImplementedError

    async def hears(self, *words: str) -> str:
        """The last message that holds all of these words, once there is one."""
        try:
            async with asyncio.timeout(WITHIN):
                while (found := self._said(words)) is None:
                    await self.looks()
        except TimeoutError:
            raise AssertionError(f"never heard {words}, but: {self.sees()[-3:]}") from None
        return found

    def _said(self, words: tuple[str, ...]) -> str | None:
        return next(
            (text for text in reversed(self.sees()) if all(word in text for word in words)), None
        )

    async def chooses(self, label: str) -> None:
        """By the letter that stands before the label in the newest menu that has it."""
        await self.writes(letter_before(await self.hears(f" {label}"), label))

    async def taps(self, label: str) -> None:
        """Its button, or its letter, whichever stands there."""
        await self.chooses(label)


@dataclass
class Somebody(Reader):
    """A person on the platform."""

    platform: FakePlatform
    account: Account
    read: int = 0

    async def tells(self, event: Event) -> None:
        assert self.platform.receive is not None
        await self.platform.receive(event)

    def event(self) -> str:
        return f"e{next(self.platform.numbers)}"

    async def writes(self, text: str, **more: Any) -> str:
        number = more.pop("id", "") or self.event()
        await self.tells(Written(number, self.account, text, **more))
        return number

    async def rewrites(self, target: str, text: str) -> None:
        await self.tells(Rewritten(self.event(), self.account, target, text))

    async def leaves(self) -> None:
        await self.tells(Gone(self.event(), self.account))

    async def sends_file(
        self, name: str, content: bytes, kind: str = "document", media_type: str = "image/png"
    ) -> str:
        stored = await self.platform.store(self.account, kind, name, media_type, content)
        return await self.writes("", content=replace(stored, sides=(40, 30)))

    def sees(self) -> list[str]:
        return [
            line.part.said.plain or f"[{line.part.content.name if line.part.content else ''}]"
            for line in self.platform.lines
            if line.account == self.account.key
        ]

    async def looks(self) -> None:
        self.platform.spoke.clear()
        await self.platform.spoke.wait()


def letter_before(text: str, label: str) -> str:
    found = re.findall(rf"(?:^|· )([A-Z]{{1,2}}) {re.escape(label)}(?: · |$)", text, re.MULTILINE)
    assert found, f"no {label} in: {text}"
    return str(found[-1])


__all__ = ["TEXT_ONLY", "FakePlatform", "Line", "Somebody", "Unreachable", "letter_before"]
