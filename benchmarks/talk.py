"""The visit conversation as many chats hold it, whatever carries the updates."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from benchmarks.quiet import Quiet, kept, pressed, said
from services.messages.inbox import Incoming

SAY, PRESS = "say", "press"
NOTE = "一、肯学肯干，二、走访了三户，三、都说他肯帮忙，四、邻居跟着他干。"
CHECKS = ("④ 积极向上", "⑤ 一般", "⑦ 反映好", "⑧ 能带动")
VISIT: Sequence[tuple[str, str]] = (
    (SAY, "昨天"),
    (PRESS, "走访群众"),
    (PRESS, "实地察看"),
    (SAY, "8"),
    *((PRESS, check) for check in CHECKS),
    (SAY, NOTE),
    (PRESS, "确认，保存"),
)
UPDATES = len(VISIT) + 1
"""Updates of one visit note, with the one that opens it."""

NUMBERS = count(1)
"""Of updates, never the same twice: a house knows what it has seen, and takes it in once."""

Handle = Callable[[Incoming], Awaitable[object]]


class WentWrong(Exception):
    """Stop the measurement when a conversation can't be finished."""


@dataclass
class Talks:
    """`handle` gets an update as the messenger gives it, and returns once it is handled to its
    end."""

    line: Quiet
    handle: Handle
    numbers: "count[int]" = field(default_factory=lambda: NUMBERS)

    async def all_of(self, cases: Mapping[int, Sequence[str]]) -> float:
        """Every chat goes through its cases, all side by side; gives updates per second."""
        begin = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for chat, mine in cases.items():
                group.create_task(self._one(chat, mine))
        spent = time.perf_counter() - begin
        return sum(len(mine) for mine in cases.values()) * UPDATES / spent

    async def _one(self, chat: int, cases: Sequence[str]) -> None:
        for case in cases:
            await self.handle(kept(pressed(next(self.numbers), chat, 1, f"f:{case}:21a")))
            for kind, text in VISIT:
                await self.handle(self._update(chat, kind, text))
            # A conversation that went astray would be quick, and the figure wrong.
            if "已保存" not in self.line.said[chat]:
                raise WentWrong(self.line.said[chat])

    def _update(self, chat: int, kind: str, text: str) -> Incoming:
        number = next(self.numbers)
        if kind == SAY:
            return kept(said(number, chat, text))
        buttons = self.line.buttons[chat]
        data = next((data for label, data in buttons.items() if text in label), None)
        if data is None:
            raise WentWrong(f"no button {text!r} under: {self.line.said[chat]}")
        return kept(pressed(number, chat, self.line.newest[chat], data))
