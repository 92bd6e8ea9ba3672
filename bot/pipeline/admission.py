"""Which updates are stored at all: a flood of people who aren't invited must cost next to nothing.

Who isn't invited can only be told so. That is done once an hour; what else they send meanwhile is
neither stored nor answered. A link that is open lets its bearer in at once, whatever they sent
before.

Worked example: a chat nobody knows sends ten messages a second. The first is stored and answered,
35,999 are dropped, the next one is answered. In between its owner opens an invitation: that update
is stored before all others, and from then on the chat is known.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from handlers.meant_texts import join_token
from services.messages.inbox import Inbox, Incoming
from services.people.newcomers import LINK_PRESS

AGAIN = timedelta(hours=1)
KNOWN_FOR = timedelta(minutes=5)
"""How long a chat isn't looked up again. Whether it may do anything is asked with every update."""
K = TypeVar("K")
MOST = 50_000
"""Chats remembered; the ones that were answered longest ago are forgotten first."""


class KnownChats(Protocol):
    async def known(self, chats: frozenset[int]) -> frozenset[int]: ...

    async def open_links(self, tokens: frozenset[str], at: datetime) -> frozenset[str]: ...


@dataclass
class Admitted:
    """`people` go first; `strangers` are told that they aren't invited."""

    people: list[Incoming] = field(default_factory=list)
    strangers: list[Incoming] = field(default_factory=list)


async def everybody(rows: Sequence[Incoming], at: datetime) -> Admitted:
    return Admitted(people=list(rows))


@dataclass(frozen=True)
class Admissions:
    """How updates get into the inbox. `wake_others` hears of the chats of `Admitted.strangers`."""

    admit: Callable[[Sequence[Incoming], datetime], Awaitable[Admitted]] = everybody
    wake_others: Callable[[Iterable[str]], None] = lambda chats: None

    async def store(
        self,
        bot: str,
        inbox: Inbox,
        rows: Sequence[Incoming],
        at: datetime,
        wake: Callable[[Iterable[str]], None],
    ) -> None:
        admitted = await self.admit(rows, at)
        if admitted.people:
            wake(await inbox.store(bot, admitted.people, at))
        if admitted.strangers:
            self.wake_others(await inbox.store(bot, admitted.strangers, at))


OPEN_DOORS = Admissions()


class Admission:
    """In memory only: after a restart, who isn't invited may be told so once more."""

    def __init__(self, known: KnownChats) -> None:
        self.known = known
        self._known_at: dict[int, datetime] = {}
        self._told_at: dict[tuple[int, str], datetime] = {}

    async def __call__(self, rows: Sequence[Incoming], at: datetime) -> Admitted:
        await self._look_up({row.chat_id for row in rows}, at)
        admitted = Admitted()
        # Read unknown chats only: what they say decides whether they are let in or told.
        said = {row.update_id: _text(row) for row in rows if not self._is_known(row.chat_id, at)}
        tokens = frozenset(token for text in said.values() if (token := _token(text)))
        links = await self.known.open_links(tokens, at) if tokens else frozenset()
        for row in rows:
            if _token(said.get(row.update_id, "")) in links:
                # What they send before they have joined isn't lost.
                self._known_at[row.chat_id] = at
            if self._is_known(row.chat_id, at):
                admitted.people.append(row)
            elif self._to_be_told(row.chat_id, _kind(said[row.update_id]), at):
                admitted.strangers.append(row)
        return admitted

    async def _look_up(self, chats: set[int], at: datetime) -> None:
        unsure = frozenset(chat for chat in chats if not self._is_known(chat, at))
        if unsure:
            self._known_at |= dict.fromkeys(await self.known.known(unsure), at)
            _forget(self._known_at)

    def _is_known(self, chat: int, at: datetime) -> bool:
        since = self._known_at.get(chat)
        return since is not None and since > at - KNOWN_FOR

    def _to_be_told(self, chat: int, kind: str, at: datetime) -> bool:
        """Once an hour, and as often for a link that isn't open and for /privacy: whoever tries
        those asks something else."""
        told = self._told_at.get((chat, kind))
        if told is not None and told > at - AGAIN:
            return False
        # Last in the order in which they are forgotten.
        self._told_at.pop((chat, kind), None)
        self._told_at[chat, kind] = at
        _forget(self._told_at)
        return True


def _text(row: Incoming) -> str:
    """What was written, or what a pressed button carries."""
    update = json.loads(row.payload)
    for event, part in (("message", "text"), ("callback_query", "data")):
        held = update.get(event)
        text = held.get(part) if isinstance(held, dict) else None
        if isinstance(text, str):
            return text
    return ""


def _token(text: str) -> str:
    """What `/start` of a link carries, the same in words, and the answer to whether it is for
    whoever opened it."""
    if text.startswith(f"{LINK_PRESS}:"):
        return text.split(":")[1]
    command, _, rest = text.partition(" ")
    return rest.strip() if command.partition("@")[0] == "/start" else join_token(text)


def _kind(text: str) -> str:
    if _token(text):
        return "link"
    return "privacy" if text.startswith("/privacy") else ""


def _forget(kept: dict[K, datetime]) -> None:
    while len(kept) > MOST:
        del kept[next(iter(kept))]
