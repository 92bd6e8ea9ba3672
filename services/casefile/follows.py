"""What follows from the entries of a case and is stored beside them: as values, not as rows.

Nothing here needs the database or a key, so that a process of its own can work it out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain.calendar.calendar import WorkCalendar
from domain.case.date_check import check_case, judged
from domain.case.facts import CaseFacts, DateKind, Finding, OpenStep, Progress
from domain.case.progress import assess
from domain.figures.counting import counted
from domain.figures.placing import Placed, placed
from domain.plans import LEVELS
from domain.rulebook.schema import Role, Rulebook
from domain.states import Status

NOTHING: Mapping[tuple[str, str, date], date] = {}
Values = Mapping[str, Any]
"""Columns of a row that don't say of which case it is."""


@dataclass(frozen=True)
class Follows:
    """`title`: of the next step, or how the case stands where there is none. `counts`: in which
    figures it counts. `roles`: whom it waits for. `dates`, `breaches`: of DeadlineRow and
    BreachRow."""

    status: Status
    stage: str
    title: str
    counts: Placed
    roles: tuple[str, ...]
    dates: tuple[Values, ...]
    breaches: tuple[Values, ...]


def follows(
    book: Rulebook, calendar: WorkCalendar, facts: CaseFacts, today: date, place: str
) -> Follows:
    """Return what follows from the entries of a new case at an organisation."""
    # With judgement first: what asks later then shares that one replay.
    judged(book, facts, calendar)
    progress = assess(book, facts, today, calendar)
    found = check_case(book, facts, progress, today, calendar)
    return Follows(
        status=progress.status,
        stage=progress.stage,
        title=title_of(progress),
        counts=placed({}, counted(book, facts, calendar), place),
        roles=waits_for(progress),
        dates=tuple(dates_of(progress, calendar, today)),
        breaches=tuple(breaches_of(book, found, today)),
    )


def title_of(progress: Progress) -> str:
    """Return what the next step is called, or how the case stands where there is none."""
    return progress.next.step.title.zh if progress.next else progress.status.value


def waits_for(progress: Progress) -> tuple[str, ...]:
    """Return the roles that a case waits for."""
    roles = frozenset[Role]().union(*(_waits(item) for item in progress.open))
    return tuple(sorted(role.value for role in roles))


def _waits(item: OpenStep) -> frozenset[Role]:
    """Return the roles on whose to-do list a step may stand: a superset, since it is stored and
    some of what decides changes without an act on the case."""
    # A name climbs the levels of the plan while its case doesn't change.
    if item.step.planned:
        return LEVELS
    # Somebody asked by name may become unreachable any day; then the secretary confirms on paper.
    named = item.waits_for & set(item.step.each_signs)
    return item.turn | {Role.SECRETARY} if named else item.turn


def dates_of(
    progress: Progress,
    calendar: WorkCalendar,
    today: date,
    unsaid: Mapping[tuple[str, str, date], date] = NOTHING,
) -> Iterator[Values]:
    """Yield the dates of a case. `unsaid`: when to look for those whose rung has come and wasn't
    said yet, by step, limit and due day."""
    # By it a changed calendar finds what it has to count anew.
    version = calendar.version
    for one in progress.deadlines:
        look = unsaid.get((one.step, one.limit, one.on))
        yield {
            "step": one.step,
            "limit_id": one.limit,
            "kind": one.kind.value,
            "due_on": one.on,
            "source": one.source,
            "ladder": one.ladder,
            "provisional": one.provisional,
            "calendar_version": version,
            "next_look": look or next_look(one.on, one.kind, one.ladder, today),
        }


def next_look(due: date, kind: DateKind, ladder: Iterable[int], after: date) -> date | None:
    """Return the next day after `after` on which to remind of a deadline due on `due`; None once
    the ladder (days before it, negative: after) has ended. An earliest date is told on its day
    where it names none."""
    rungs = tuple(ladder) or ((0,) if kind == DateKind.EARLIEST else ())
    left = (due - after).days
    ahead = [rung for rung in rungs if rung < left]
    return due - timedelta(days=max(ahead)) if ahead else None


def breaches_of(book: Rulebook, found: Sequence[Finding], today: date) -> Iterator[Values]:
    """Yield what is noted of findings: each that binds, once. Advice binds nobody, so passing it
    over is no breach."""
    each = {breach_key(item): item for item in found}
    return (breach_of(book, item, today) for item in each.values() if item.binding)


def breach_key(item: Finding) -> tuple[str, int, str, str]:
    """What makes a breach one of a case: step, number of the entry, code and rule."""
    return item.step, item.number, item.problem.code, item.problem.rule


def breach_of(book: Rulebook, item: Finding, today: date) -> Values:
    """Return what is noted of a finding."""
    return {
        "step": item.step,
        "number": item.number,
        "code": item.problem.code,
        "rule": item.problem.rule,
        "source": item.problem.source,
        "day": item.day,
        "body": book.step(item.step).actors[0].value,
        "found_on": today,
    }
