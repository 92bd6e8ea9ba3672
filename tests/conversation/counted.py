"""Counts what people do in their chats, under the step that they are at (`docs/taps.md`)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from handlers.staff.common import menu_texts
from tests.conversation.people import Somebody


@dataclass
class Tally:
    """Taps and messages of everybody, by what was being done; `at`: what that is."""

    at: str = ""
    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def tap(self) -> None:
        self.counts[self.at][0] += 1

    def message(self) -> None:
        self.counts[self.at][1] += 1


@dataclass
class Counted(Somebody):
    """Somebody whose every press and message is counted."""

    tally: Tally = field(default_factory=Tally)

    @classmethod
    def of(cls, person: Somebody, tally: Tally) -> "Counted":
        return cls(person.line, person.chat_id, person.language, tally=tally)

    async def presses_again(self, message_id: int, data: str) -> str:
        self.tally.tap()
        return await super().presses_again(message_id, data)

    async def _send(self, **content: Any) -> str:
        # What stands on the keyboard below the chat, a command of the list and an opened link are
        # tapped on, though they arrive as text.
        text = str(content.get("text", ""))
        tapped = text.startswith("/") or text in (menu_texts.todo(), menu_texts.new_case())
        (self.tally.tap if tapped else self.tally.message)()
        return await super()._send(**content)
