"""What had to be done again and again before a step: the half-yearly reviews
(docs/procedure.md § 1, step 6).

A review that came late still counts; one that wasn't made has to be made before the step is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.case import texts
from domain.case.dates import shift
from domain.case.replay import Fold
from domain.rulebook.kinds import Text
from domain.rulebook.questions import Regular
from domain.rulebook.schema import Limit, Step


@dataclass(frozen=True)
class Lack:
    """The `number`th time of what recurs is missing; it was due on `due`."""

    need: Regular
    number: int
    due: date
    title: Text

    @property
    def text(self) -> Text:
        return texts.time_missing(self.title, self.number, self.due)


def lacking(fold: Fold, step: Step, on: date) -> tuple[Lack, ...]:
    """What a step done on a day would lack: of each condition the first time that is missing."""
    found = (_lack(fold, need, on) for need in step.regular)
    return tuple(lack for lack in found if lack)


def blocking(fold: Fold, step: Step, today: date) -> tuple[Lack, ...]:
    """What keeps a step from being taken on any day until today. Time alone does, while its first
    day hasn't come; what was done under an earlier text is never kept back by this."""
    if not step.regular:
        return ()
    first = _first_day(fold, step)
    if first > today or first < fold.book.in_force:
        return ()
    # Between these days only more is asked for: what suffices on any day does on one of them.
    made = (e.done_on for need in step.regular for e in fold.repeated.get(need.step, ()))
    days = {first, *(day for day in made if first <= day <= today)}
    return lacking(fold, step, today) if all(lacking(fold, step, day) for day in days) else ()


def _lack(fold: Fold, need: Regular, on: date) -> Lack | None:
    again = fold.book.step(need.step)
    limit = next(limit for limit in again.limits if limit.id == need.limit)
    found, resumed = fold.date_of(limit.of), fold.resumed(again)
    if found is None:
        return None
    # Who is an activist again is reviewed from then on, not for the time as a candidate.
    start = max(found[0], resumed or found[0])
    asked = [day for day in _asked(fold, limit, start, on) if day > _elsewhere(fold, need)]
    made = fold.repeated.get(again.id, ())
    taken = sorted({entry.done_on for entry in made if start <= entry.done_on <= on})
    if len(taken) < len(asked):
        return Lack(need, len(taken) + 1, asked[len(taken)], again.title)
    # Enough in number isn't enough: no period after the last one may pass without another.
    following = shift(taken[-1], limit.value, limit.unit, fold.calendar)[0] if taken else on
    return Lack(need, len(taken) + 1, following, again.title) if following < on else None


def _asked(fold: Fold, limit: Limit, start: date, on: date) -> Iterator[date]:
    """Every day until `on` by which it had to be done once more."""
    # Each from the start: step by step, a short month would pull all later days forward.
    number = 1
    while (due := shift(start, limit.value * number, limit.unit, fold.calendar)[0]) <= on:
        yield due
        number += 1


def _elsewhere(fold: Fold, need: Regular) -> date:
    """The day until which another branch had to see to it: that of the person's arrival."""
    arrived = fold.newest(need.elsewhere) if need.elsewhere else None
    return arrived.done_on if arrived else date.min


def _first_day(fold: Fold, step: Step) -> date:
    """The earliest day that order and time allow."""
    days = [fold.done[name].done_on for name in step.after if name in fold.done]
    for limit in fold.limits(step):
        moved = fold.day_of(limit) if limit.blocks else None
        if moved is not None:
            days.append(moved[0])
    return max(days, default=date.min)
