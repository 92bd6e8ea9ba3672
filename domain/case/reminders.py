"""When to remind of a deadline: the rungs of its ladder (docs/design.md § 5)."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.case.facts import Deadline

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
