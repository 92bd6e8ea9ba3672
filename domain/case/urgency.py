"""How soon a date matters to the person who has to act, and when to remind of it: the rungs of its
ladder (docs/design.md § 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.case.facts import Ahead, DateKind, Deadline

SOON = timedelta(days=7)


class Urgency(StrEnum):
    OVERDUE = "overdue"
    WEEK = "week"
    READY = "ready"
    LATER = "later"


RANK: Mapping[str, int] = {each: place for place, each in enumerate(Urgency)}


def urgency(deadline: Deadline | None, today: date) -> Urgency:
    """An earliest date is never overdue; without a date there is no hurry."""
    if deadline is None or deadline.kind is DateKind.EARLIEST:
        return Urgency.LATER
    return by_day(deadline.on, today)


def step_urgency(item: Ahead, today: date) -> Urgency:
    """Of a step that somebody can take. Without a last day it stands before what has time until
    one: the case waits for nothing but this."""
    deadline = nearest(item.deadlines)
    free = deadline is None and not_yet_advised(item.deadlines, today) is None
    return Urgency.READY if free else urgency(deadline, today)


def since(deadlines: Iterable[Deadline], today: date) -> date | None:
    """The day from which a step could be taken, where a rule names one that has come."""
    come = [d.on for d in deadlines if d.kind is DateKind.EARLIEST and d.on <= today]
    return max(come, default=None)


def by_day(day: date, today: date) -> Urgency:
    """By the day on which something must be done."""
    if day < today:
        return Urgency.OVERDUE
    return Urgency.WEEK if day <= today + SOON else Urgency.LATER


def nearest(deadlines: Iterable[Deadline]) -> Deadline | None:
    """The first date by which something must be done; earliest dates don't press."""
    binding = [d for d in deadlines if d.kind is not DateKind.EARLIEST]
    return min(binding, key=lambda deadline: deadline.on, default=None)


def not_yet_advised(deadlines: Iterable[Deadline], today: date) -> date | None:
    """The last earliest day that is still ahead. A step that is possible all the same is only
    advised to wait: nothing keeps it from being entered before."""
    ahead = [d.on for d in deadlines if d.kind is DateKind.EARLIEST and d.on > today]
    return max(ahead, default=None)


def pressing(deadline: Deadline, today: date) -> tuple[int, date]:
    """For sorting: what is overdue first, then this week's, then the rest, each by its day."""
    return RANK[urgency(deadline, today)], deadline.on


SNOOZES = (1, 3, 7)
"""Days for which somebody may hear nothing of a step."""


def snoozes(due: date | None, today: date) -> tuple[int, ...]:
    """For how many days a step may be left alone: never past the day by which it must be done, and
    a single day once that has passed."""
    if due is None:
        return SNOOZES
    if due < today:
        return SNOOZES[:1]
    return tuple(days for days in SNOOZES if today + timedelta(days=days) <= due)


@dataclass(frozen=True)
class Slot:
    """One rung. `days`: before the due day (negative: after it). `on`: the day to say it.
    `level`: 0 tells whoever has to act, 1 the next level up as well."""

    days: int
    on: date
    level: int = 0

    @property
    def name(self) -> str:
        """Unique within a deadline, the same each time it is derived."""
        return f"{self.days:+d}"


def ladder(deadline: Deadline) -> tuple[Slot, ...]:
    """All rungs, earliest first. The last one, when it lies after the due day and another one did
    before it, also goes to the next level up; then it ends."""
    rungs = sorted(set(deadline.ladder), reverse=True)
    late = [days for days in rungs if days < 0]
    top = late[-1] if len(late) > 1 else None
    return tuple(Slot(days, deadline.on - timedelta(days=days), int(days == top)) for days in rungs)


def slots(deadline: Deadline, today: date) -> tuple[Slot, ...]:
    """The rungs that have come by `today`, newest first: the first is the one to say, the others
    were said before or are merged into it after a pause."""
    return tuple(slot for slot in reversed(ladder(deadline)) if slot.on <= today)


def current_slot(deadline: Deadline, today: date) -> Slot | None:
    """The newest rung that has come by `today`; None while there is nothing to say yet."""
    return next(iter(slots(deadline, today)), None)


def next_look(deadline: Deadline, today: date) -> date | None:
    """The day of the next rung after `today`; None once the ladder has ended."""
    return next((slot.on for slot in ladder(deadline) if slot.on > today), None)
