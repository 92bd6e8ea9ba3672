"""The one clock of this machine's conversations, which a person may move on."""

import re
from datetime import UTC, datetime, timedelta

STEP = re.compile(r"(\d{1,4})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Clock:
    def __init__(self, start: datetime | None = None) -> None:
        # An offset, not a moment: between two moves of a person it has to go on.
        self._offset = start - datetime.now(UTC) if start else timedelta()
        self._next: datetime | None = None

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, step: str) -> None:
        """By "90m", "2h" or "7d". ValueError for anything else."""
        found = STEP.fullmatch(step)
        if found is None:
            raise ValueError("expected a number and m, h or d, for example 7d")
        self._offset += timedelta(**{UNITS[found[2]]: int(found[1])})

    def move_to(self, moment: datetime) -> None:
        """On to a moment; never back. ValueError where it lies behind or has no zone."""
        if moment.tzinfo is None:
            raise ValueError("expected a time with its zone")
        # Rows hold times that have passed; a clock that went back would make deadlines come
        # twice.
        if moment < self.now():
            raise ValueError("the clock only moves on")
        self._offset = moment - datetime.now(UTC)

    @property
    def next_deadline(self) -> datetime | None:
        """What a bot said is due next; nothing once that has come, until it says more."""
        return self._next if self._next is not None and self._next > self.now() else None

    def expect(self, moment: datetime | None) -> None:
        """What is due next. ValueError where it has no zone."""
        if moment is not None and moment.tzinfo is None:
            raise ValueError("expected a time with its zone")
        self._next = moment

    def move_to_next(self) -> None:
        """On to the next deadline. ValueError where none is known."""
        if self.next_deadline is None:
            raise ValueError("no deadline is known")
        self.move_to(self.next_deadline)
