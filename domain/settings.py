"""Points that the sources leave open, laid over a rulebook once it is read (RULES § 6).

Nothing else looks at a setting: what it changes are the rows themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.schema import Landmark, Limit, Rulebook, Step

Change = Callable[[Rulebook], Rulebook]


def settled(book: Rulebook) -> Rulebook:
    """The rulebook with its settings carried out."""
    for setting in book.settings:
        change = CHANGES.get((setting.id, setting.chosen))
        book = change(book) if change else book
    return book


def _steps(book: Rulebook, change: Callable[[Step], Step]) -> Rulebook:
    steps = tuple(change(step) for step in book.steps)
    return replace(book, steps=steps, by_id={step.id: step for step in steps})


def _limits(book: Rulebook, setting: str, change: Callable[[Limit], Limit]) -> Rulebook:
    def changed(limit: Limit) -> Limit:
        return change(limit) if limit.setting == setting else limit

    landmarks = tuple(Landmark(mark.after, changed(mark.by)) for mark in book.landmarks)
    book = replace(book, landmarks=landmarks)
    return _steps(book, lambda s: replace(s, limits=tuple(changed(limit) for limit in s.limits)))


def posting_day_counts(book: Rulebook) -> Rulebook:
    return _steps(book, lambda step: replace(step, notice_from=0) if step.has_notice else step)


def long_notice_in_working_days(book: Rulebook) -> Rulebook:
    def longer(step: Step) -> Step:
        most = max(step.notice_days, step.notice_working_days)
        return replace(step, notice_days=0, notice_working_days=most)

    return _steps(book, longer)


def probation_ends_the_day_before(book: Rulebook) -> Rulebook:
    """The last day moves; the earliest day of the meeting stays: a year can't be shortened."""
    return _limits(
        book, "probation_end", lambda limit: replace(limit, minus_days=limit.minus_days + 1)
    )


def approval_runs_from_the_meeting(book: Rulebook) -> Rulebook:
    return _limits(
        book, "approval_clock", lambda limit: replace(limit, of=limit.of.split("|")[-1].strip())
    )


CHANGES: Mapping[tuple[str, str], Change] = {
    ("posting_day", "counts"): posting_day_counts,
    ("long_notice", "working"): long_notice_in_working_days,
    ("probation_end", "day_before"): probation_ends_the_day_before,
    ("approval_clock", "meeting"): approval_runs_from_the_meeting,
}
