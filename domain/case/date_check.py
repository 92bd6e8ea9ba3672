"""核对: all dates of a case against the rules, and against what makes them look written up later.

Entries are taken again one after the other, each judged by what stood when it was entered.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from operator import attrgetter

from domain.calendar.calendar import WorkCalendar
from domain.case.entry_validation import problems_after, problems_brought
from domain.case.facts import (
    Ahead,
    CaseFacts,
    DateKind,
    Entry,
    Finding,
    Problem,
    ProblemCode,
    Progress,
)
from domain.case.replay import Fold, forget, remember, remembered
from domain.rulebook.kinds import MANY_ON_ONE_DAY, RECORDED_LATE
from domain.rulebook.schema import LimitKind, Rulebook, Step, Strength

SAME_DAY = ProblemCode.SAME_DAY
MISSED = ProblemCode.MISSED
BINDING = {DateKind.LEGAL: Strength.LEGAL, DateKind.LOCAL: Strength.LOCAL}
NOT_OF_DATES = frozenset(
    {
        ProblemCode.UNKNOWN_FIELD,
        ProblemCode.UNKNOWN_OPTION,
        ProblemCode.HOLD_OPEN,
        ProblemCode.AWAITED,
        ProblemCode.CASE_ENDED,
    }
)
"""What a later rulebook or a closed case says of an old entry is nothing about its dates."""


OF_ALL_DAYS = frozenset(
    {ProblemCode.RECORDED_LATE, ProblemCode.SAME_DAY, ProblemCode.MANY_ON_ONE_DAY}
)
"""What isn't found by judging an entry, but by the days of all."""


class Judging(Fold):
    """A fold that judges each entry by what stood when it was entered: one reading for the check of
    dates and for all that follows from the entries."""

    def __init__(self, book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> None:
        # Without today's holds: they say nothing of what was entered before them.
        super().__init__(book, CaseFacts(facts.opened_on), calendar)
        self.findings: list[Finding] = []
        last = 0
        for entry in sorted(facts.entries, key=attrgetter("number")):
            step = book.by_id.get(entry.step)
            # Not what the register enters, nor what lapsed with what had called for it.
            lapsed = step is not None and step.lapses and step.id not in self.calls
            if step is not None and not (step.by_report or lapsed):
                # By items: `dict` of a mapping would ask for each sealed answer by itself.
                answers = dict(entry.answers.items())
                step = book.step_on(step.id, answers.get(step.day))
                found = (
                    problems_brought(self, step, entry, entry.recorded_on)
                    if entry.brought
                    else problems_after(self, step, answers, last + 1, entry.recorded_on)
                )
                self.findings += _of(entry, found) if found else ()
            self.take(entry)
            last = entry.number
        self.know(facts)


def check_case(
    book: Rulebook, facts: CaseFacts, progress: Progress, today: date, calendar: WorkCalendar
) -> tuple[Finding, ...]:
    """Everything that doesn't fit, in the order of the steps entered; missed dates last."""
    found = [*judged(book, facts, calendar).findings, *_afterwards(book, _acts(book, facts))]
    found.sort(key=attrgetter("number"))
    return (*found, *missed(progress.open, today))


def check_added(
    book: Rulebook, facts: CaseFacts, progress: Progress, today: date, problems: Iterable[Problem]
) -> tuple[Finding, ...]:
    """What an entry more may change of `check_case`: the `problems` found with it, what the days of
    all entries say together, missed dates. Those before it were judged by what stood then."""
    together = _afterwards(book, _acts(book, facts))
    return (*_of(facts.entries[-1], problems), *together, *missed(progress.open, today))


def _acts(book: Rulebook, facts: CaseFacts) -> list[Entry]:
    """The entries in order, without what the register enters: that is no act of whoever leads the
    case, and isn't shown to them."""
    reported = book.reported.id if book.reported else ""
    entries = sorted(facts.entries, key=attrgetter("number"))
    return [entry for entry in entries if entry.step != reported]


def judged(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Judging:
    """Return the replay of a case with its findings, to be read only. It is remembered in place of
    the plain one, so that an update replays its case once (docs/decisions/0027)."""
    known = remembered(book, facts, calendar)
    if not isinstance(known, Judging):
        known = Judging(book, facts, calendar)
        remember(facts, known)
    return known


def carry_on(before: CaseFacts, after: CaseFacts, problems: Iterable[Problem]) -> bool:
    """Hand the replay of a case on to the same case with one entry more, in which `problems` were
    found, and return whether that was possible. Where anything else has changed nothing is handed
    on, and the case is replayed anew."""
    # By identity: an entry that was corrected or signed since is another object.
    same = len(before.entries) + 1 == len(after.entries)
    if not same or any(a is not b for a, b in zip(before.entries, after.entries, strict=False)):
        return False
    # Forgotten, since it is changed in place and would answer wrongly for `before`.
    fold, entry = forget(before), after.entries[-1]
    if fold is None:
        return False
    fold.take(entry)
    fold.know(after)
    if isinstance(fold, Judging):
        fold.findings += _of(entry, problems)
    remember(after, fold)
    return True


def _of(entry: Entry, problems: Iterable[Problem]) -> Iterator[Finding]:
    for problem in problems:
        if problem.code not in NOT_OF_DATES:
            yield Finding(entry.step, entry.number, entry.done_on, problem)


def _afterwards(book: Rulebook, entries: list[Entry]) -> Iterator[Finding]:
    days: dict[date, list[Entry]] = defaultdict(list)
    limit = book.date_check.record_within_days
    for entry in entries:
        days[entry.done_on].append(entry)
        # What a sheet brought was recorded on paper in its time.
        if limit and (entry.recorded_on - entry.done_on).days > limit and not entry.brought:
            yield _late(entry)
    for same in days.values():
        if len(same) > 1:
            yield from _together(book, same)


def _late(entry: Entry) -> Finding:
    passed = (entry.recorded_on - entry.done_on).days
    values = {"day": entry.done_on, "recorded": entry.recorded_on, "days": passed}
    late = Problem(ProblemCode.RECORDED_LATE, values=values, source="P", rule=RECORDED_LATE)
    return _advised(entry, late)


def _together(book: Rulebook, same: list[Entry]) -> Iterator[Finding]:
    """Entries of one day: reviews that should lie apart, and too much for one day."""
    seen: set[str] = set()
    for entry in same:
        step = book.by_id.get(entry.step)
        if step is not None and entry.step in seen and _apart(step):
            values = {"day": entry.done_on, "strength": step.strength.value}
            problem = Problem(SAME_DAY, source=step.source, values=values, rule=f"step_{step.id}")
            yield Finding(entry.step, entry.number, entry.done_on, problem)
        seen.add(entry.step)
    # Counted by step: an entry that repeats on a day is said above already.
    most = book.date_check.most_on_one_day
    if most and len(seen) > most:
        number: dict[str, object] = {"day": same[-1].done_on, "number": len(seen)}
        problem = Problem(
            ProblemCode.MANY_ON_ONE_DAY, values=number, source="P", rule=MANY_ON_ONE_DAY
        )
        yield _advised(same[-1], problem)


def _apart(step: Step) -> bool:
    return any(limit.kind is LimitKind.EVERY for limit in step.limits)


def _advised(entry: Entry, problem: Problem) -> Finding:
    values = {**(problem.values or {}), "strength": Strength.ADVISED.value}
    return Finding(entry.step, entry.number, entry.done_on, replace(problem, values=values))


def missed(items: Iterable[Ahead], today: date) -> Iterator[Finding]:
    """Dates of open steps that have passed: what days alone bring, without any entry."""
    for item in items:
        for deadline in item.deadlines:
            strength = BINDING.get(deadline.kind)
            # A provisional day may still move when the year's calendar is published: no fault yet.
            if strength is None or deadline.on >= today or deadline.provisional:
                continue
            values = {"limit": deadline.on, "text": deadline.text, "strength": strength.value}
            problem = Problem(
                MISSED, source=deadline.source, values=values, rule=deadline.limit, refuses=False
            )
            yield Finding(item.step.id, 0, deadline.on, problem)
