"""What the public bot remembers while somebody writes, and where they stand: in memory only, for
half an hour."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from secrets import token_bytes

from telegram import InlineKeyboardMarkup

from domain.calendar.office_hours import day_of
from services.attachments.formats import CleanFile
from services.intake.intake import MOST_BYTES, MOST_FILES, Filed, Intake
from services.intake.rate_limits import Busy, Caller

ABOUT, WHOM, WHAT, EVIDENCE, SUMMARY, CODE, SHOWN, MORE, WITHDRAW = range(9)
END = -1


KEPT = timedelta(minutes=30)
FREE_TRIES = 3
LONGEST_WAIT = 3600
HELD_IN_ALL = 96 * 1024 * 1024
"""Bytes of attachments that all unfinished reports may hold together."""


@dataclass
class ReportDraft:
    """An unfinished report, and every message that has to be taken off the chat afterwards."""

    touched: datetime
    notice: str = ""
    about: str = ""
    texts: list[str] = field(default_factory=list)
    files: list[CleanFile] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def size(self) -> int:
        return sum(len(file.content) for file in self.files)

    @property
    def full(self) -> bool:
        return len(self.files) >= MOST_FILES or self.size >= MOST_BYTES


@dataclass
class PendingCode:
    """A filed report whose code isn't known to have arrived. What is said of it is put into words
    while the language of its writer is known, which is kept nowhere.

    `message`: the placeholder that the code is written into. `shown`: it stands there for certain.
    `lock`: the writer's next message and the minute's sweep don't write at once."""

    filed: Filed
    code_text: str
    keys: InlineKeyboardMarkup
    not_filed_text: str
    placeholder_text: str
    message: int
    since: datetime
    shown: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class UnconfirmedSentence:
    """A sentence about something that was done, not known to have arrived."""

    text: str
    keys: InlineKeyboardMarkup | None
    since: datetime


@dataclass
class OpenedReport:
    """Somebody who has shown their code a moment ago."""

    touched: datetime
    code: str


@dataclass
class KeptReceipt:
    """A receipt that its reporter may still ask for, as a file."""

    since: datetime
    line: str


@dataclass
class NotedMessages:
    """Messages of a chat that have to go."""

    touched: datetime
    ids: set[int] = field(default_factory=set)


class Backoff:
    """Wrong codes of one chat cost it more and more time. The chats are known under a key that
    dies with the process."""

    def __init__(self) -> None:
        self._key = token_bytes(32)
        self._tries: dict[bytes, tuple[int, datetime]] = {}
        self._told: set[bytes] = set()

    def _name(self, chat: int) -> bytes:
        return blake2b(str(chat).encode(), key=self._key, digest_size=16).digest()

    def wait(self, chat: int, now: datetime) -> int:
        """Seconds until this chat may try again; 0 where it may now."""
        tries, last = self._tries.get(self._name(chat), (0, now))
        if tries < FREE_TRIES:
            return 0
        # Twice as long each time: eight characters can't be guessed, and a slip costs seconds.
        pause = min(2 ** (tries - FREE_TRIES + 2), LONGEST_WAIT)
        # Rounded up: whoever waits as long as they were told isn't turned away once more.
        return max(0, int((last + timedelta(seconds=pause) - now).total_seconds() + 0.999))

    def should_tell(self, chat: int) -> bool:
        """True once for each wait: whoever goes on all the same is answered no more."""
        name = self._name(chat)
        new = name not in self._told
        self._told.add(name)
        return new

    def rank(self, chat: int) -> int:
        """How often this chat failed: who failed least is served first."""
        return self._tries.get(self._name(chat), (0, None))[0]

    def caller(self, chat: int) -> Caller:
        return Caller(self.rank(chat))

    def failed(self, chat: int, now: datetime) -> None:
        self._tries[self._name(chat)] = (self.rank(chat) + 1, now)
        self._told.discard(self._name(chat))

    def forgive(self, chat: int) -> None:
        """A right code takes back one wrong one: who has one can't guess others for free."""
        tries, last = self._tries.pop(self._name(chat), (0, None))
        if tries > 1 and last is not None:
            self._tries[self._name(chat)] = (tries - 1, last)

    def forget(self, now: datetime) -> None:
        # Longer than the longest wait, so that waiting long enough forgives nobody early.
        limit = now - timedelta(seconds=2 * LONGEST_WAIT)
        self._tries = {key: value for key, value in self._tries.items() if value[1] > limit}
        self._told &= self._tries.keys()


@dataclass
class Sessions:
    """`now` gives an aware time. Everything is lost when the process ends, on purpose: nothing that
    could tell who writes may outlive the conversation (docs/promises.md P1).

    `states`: where each chat stands; `languages`: which was chosen there;
    `backoff`, `filing`: of wrong codes and of filed reports."""

    intake: Intake
    now: Callable[[], datetime]
    page_address: str = ""
    states: dict[int, int] = field(default_factory=dict)
    languages: dict[int, str] = field(default_factory=dict)
    drafts: dict[int, ReportDraft] = field(default_factory=dict)
    pending: dict[int, PendingCode] = field(default_factory=dict)
    unsaid: dict[int, list[UnconfirmedSentence]] = field(default_factory=dict)
    opened: dict[int, OpenedReport] = field(default_factory=dict)
    receipts: dict[int, KeptReceipt] = field(default_factory=dict)
    noted: dict[int, NotedMessages] = field(default_factory=dict)
    backoff: Backoff = field(default_factory=Backoff)
    filing: Backoff = field(default_factory=Backoff)

    @property
    def today(self) -> date:
        return day_of(self.now())

    def begin(self, chat: int) -> ReportDraft:
        self.drafts[chat] = ReportDraft(self.now())
        return self.drafts[chat]

    def draft(self, chat: int) -> ReportDraft | None:
        """The unfinished report of a chat; None once its time is over."""
        found = self.drafts.get(chat)
        # Not left to the sweep, which comes once a minute.
        if found is None or found.touched <= self.now() - KEPT:
            self.drafts.pop(chat, None)
            return None
        found.touched = self.now()
        return found

    def code(self, chat: int) -> str | None:
        found = self.opened.get(chat)
        if found is None or found.touched <= self.now() - KEPT:
            self.opened.pop(chat, None)
            return None
        return found.code

    def receipt(self, chat: int) -> str | None:
        found = self.receipts.get(chat)
        # Not left to the sweep, which comes once a minute.
        return found.line if found and found.since > self.now() - KEPT else None

    def renewed(self, chat: int) -> bool:
        """Give an opened report another half hour, so that what is begun now can be ended; False
        where its time is over."""
        if self.code(chat) is None:
            return False
        self.opened[chat].touched = self.now()
        return True

    def sweep(self) -> None:
        """Forgets what is older than half an hour."""
        limit = self.now() - KEPT
        self.drafts = {c: d for c, d in self.drafts.items() if d.touched > limit}
        self.opened = {c: a for c, a in self.opened.items() if a.touched > limit}
        self.receipts = {c: r for c, r in self.receipts.items() if r.since > limit}
        self.backoff.forget(self.now())
        self.filing.forget(self.now())

    def note(self, chat: int, message: int) -> None:
        """Note a message to delete when the report is filed, or half an hour later."""
        noted = self.noted.setdefault(chat, NotedMessages(self.now()))
        noted.touched = self.now()
        noted.ids.add(message)

    def keep_message(self, chat: int, message: int) -> None:
        """Take a message off the list of those to delete."""
        if chat in self.noted:
            self.noted[chat].ids.discard(message)

    def idle_chats(self) -> list[int]:
        """Chats in which nothing happened for half an hour."""
        # But for those that wait for a code: its placeholder has to stay until it is delivered.
        limit = self.now() - KEPT
        idle = [chat for chat, noted in self.noted.items() if noted.touched <= limit]
        return [chat for chat in idle if chat not in self.pending]

    def keep(self, draft: ReportDraft, file: CleanFile) -> None:
        """Keep a cleaned file with a draft. Raises Busy where all drafts together hold too much."""
        if sum(draft.size for draft in self.drafts.values()) + len(file.content) > HELD_IN_ALL:
            raise Busy
        draft.files.append(file)

    def chats(self) -> list[int]:
        """Chats in which there is something to take off."""
        return list(self.noted)

    def take_noted(self, chat: int) -> Iterator[list[int]]:
        """The messages to take off a chat, in batches of at most a hundred."""
        noted = self.noted.pop(chat, None)
        ids = sorted(noted.ids) if noted else []
        # The messenger deletes no more with one request.
        for start in range(0, len(ids), 100):
            yield ids[start : start + 100]
