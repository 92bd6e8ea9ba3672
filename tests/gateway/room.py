"""Somebody in a private room of Matrix, who acts and reads as a person of the local messenger does:
the stories that are told there are told here unchanged, by letters and typed text."""

import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from gateway.gateway_texts import ZH
from messenger.client import Person
from tests.gateway.synapse import Member

MENU = ZH["choose"] + "\n"
LETTER = re.compile(r"(?:^| · )([A-Z]{1,2}) ")
LOOKS = 2000
"""Milliseconds, as `Person` waits for what comes."""


@dataclass
class Watching(Member):
    """`at`: by a number that grows, when each message came or was changed."""

    at: dict[str, int] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def _take(self, event: Any) -> None:
        super()._take(event)
        relation = event.source["content"].get("m.relates_to") or {}
        self.at[relation.get("event_id", event.event_id)] = next(self.numbers)

    @property
    def now(self) -> int:
        return max(self.at.values(), default=0)


class Roommate(Person):
    """By the letters that stand before the labels. `written`: when they wrote last."""

    def __init__(self, name: str, member: Watching) -> None:
        self.name, self.member = name, member
        self.since = self.written = 0

    async def says(self, text: str, **extra: Any) -> int:
        assert not extra, extra
        await self._mark()
        self.written = self.member.now
        await self.member.writes(text)
        return self.written

    async def sends(
        self, content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg", **extra: str
    ) -> None:
        await self._mark()
        self.written = self.member.now
        await self.member.sends_file(name, content, kind)

    async def presses(self, label: str, message_id: int | None = None) -> None:
        message, button = await self._button(label, message_id)
        await self._mark()
        told: dict[str, Any] = {}
        if message["seq"] <= self.written:
            # An older menu has no letters any more but for who replies to it.
            told = {"m.relates_to": {"m.in_reply_to": {"event_id": message["event"]}}}
        self.written = self.member.now
        await self.member.writes(button["callback_data"], **told)

    async def chat(self, **query: Any) -> dict[str, Any]:
        await self.member.looks(LOOKS if query else 0)
        member = self.member
        messages = [
            {"id": number, "event": event, "seq": member.at[event], "from": "bot", "deleted": False}
            | _read(body)
            for number, (event, body) in enumerate(member.shown.items())
        ]
        return {"seq": member.now, "messages": messages, "toasts": []}


def _read(body: str) -> dict[str, Any]:
    """The text, and what stands below it as lettered lines."""
    text, _, menu = body.rpartition(MENU) if MENU in body else (body, "", "")
    lines = [LETTER.split(line)[1:] for line in menu.splitlines()]
    buttons = [
        [
            {"text": told, "callback_data": letter}
            for letter, told in zip(line[::2], line[1::2], strict=True)
        ]
        for line in lines
    ]
    return {"text": text.rstrip("\n"), "buttons": buttons}
