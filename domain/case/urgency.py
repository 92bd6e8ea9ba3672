"""How soon a date matters to the person who has to act."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from domain.case.facts import DateKind, Deadline, OpenStep

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


def step_urgency(item: OpenStep, today: date) -> Urgency:
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
