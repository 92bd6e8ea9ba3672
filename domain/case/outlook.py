"""What is open in a case, worked out once and good until a day: what lists and reminders ask of a
case, without its entries.

Worked example, a candidate on 2026-11-25 whose probation ends on 2027-03-02:

    15  approved on 2026-03-01    open: 16 (possible), 23 (from 2027-03-02)
                                  since 2026-11-25, until 2027-03-02

On every day from the first to the day before the second the same steps are open, and the same of
them possible. On 2027-03-02 that of 23 changes, and all is worked out anew.

It also says of which days the calendar was asked, since another calendar that says the same of them
changes nothing. A notice posted on 2026-12-28 for five working days, which is over on the next:

    8a  posted on 2026-12-28      open: 8b (from 2027-01-05)
                                  asked 2026-12-29 … 2027-01-05

A plan that moves the Spring Festival leaves it as it is, one for New Year's Day doesn't.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.calendar.calendar import WatchedCalendar
from domain.case.entry_validation import turning_days
from domain.case.facts import Deadline, Progress
from domain.case.progress import blockers_of, deadlines_of, ranked
from domain.case.replay import Fold
from domain.rulebook.schema import Role, Rulebook, Step


@dataclass(frozen=True)
class Pending:
    """An open step without what blocks it. The names are those of OpenStep."""

    step: Step
    possible: bool
    deadlines: tuple[Deadline, ...] = ()
    waits_for: frozenset[Role] = frozenset()

    @property
    def turn(self) -> frozenset[Role]:
        return self.waits_for or frozenset(self.step.actors)


@dataclass(frozen=True)
class Outlook:
    """`pending`: the open steps, in the rulebook's order. `since`: the day on which it was worked
    out. `until`: the first day on which it may be otherwise, None where days alone change nothing.
    `asked`: the first and last day of which the calendar was asked, None where it wasn't.
    """

    pending: tuple[Pending, ...]
    since: date
    until: date | None = None
    asked: tuple[date, date] | None = None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def open_on(self, today: date) -> tuple[Pending, ...]:
        """Return the open steps in the order in which `assess` gives them."""
        return ranked(self.pending, today)


def outlook_of(fold: Fold, progress: Progress, today: date) -> Outlook:
    """Return the outlook of a case. `progress`: what `assess` made of this fold today."""
    places = _places(fold.book)
    items = sorted(progress.open, key=lambda item: places[item.step.id])
    pending = tuple(
        Pending(item.step, item.possible, item.deadlines, item.waits_for) for item in items
    )
    watched = WatchedCalendar.over(fold.calendar)
    days = _days(fold.under(watched), [item.step for item in items], today)
    return Outlook(pending, today, min(days, default=None), watched.span)


def _days(fold: Fold, steps: Iterable[Step], today: date) -> list[date]:
    """Return the days after today on which it may change which of these steps are possible."""
    found: list[date] = []
    for step in steps:
        found += _changes(fold, step, today)
        # For the calendar alone, which is asked here as it was for the progress.
        blockers_of(fold, step, today)
        deadlines_of(fold, step)
    return found


def _changes(fold: Fold, step: Step, today: date) -> Iterator[date]:
    """Yield the days after today on which it may change whether a step is possible."""
    for limit in fold.limits(step):
        moved = fold.day_of(limit) if limit.blocks else None
        if moved is not None and moved[0] > today:
            yield moved[0]
    yield from turning_days(fold, step, today)


def _places(book: Rulebook) -> dict[str, int]:
    return {step.id: place for place, step in enumerate(book.steps)}
