"""Points that the sources leave open, laid over a rulebook once it is read (docs/procedure.md § 6).

Nothing else looks at a setting: what it changes are the rows themselves. Steps, questions and
shares that stand only where a setting is chosen so (`only_if`) are left out elsewhere.
"""

from collections.abc import Callable, Mapping

from domain.rulebook.kinds import OnlyIf
from domain.rulebook.layers.removal import taken_out
from domain.rulebook.layers.replaced import replaced
from domain.rulebook.schema import Landmark, Limit, LimitKind, OpenPoint, Rulebook, Step, Unit

Change = Callable[[Rulebook], Rulebook]


DAYS_OF_WEEK, WEEK = 7, 5
"""Days in a week, and working days."""


def carried_out(book: Rulebook, setting: OpenPoint) -> Rulebook:
    """The rulebook with one of its settings carried out."""
    change = CHANGES.get((setting.id, setting.chosen))
    return _chosen(change(book) if change else book, setting)


def _chosen(book: Rulebook, setting: OpenPoint) -> Rulebook:
    """Without what stands only where the setting is chosen otherwise."""

    def stands(condition: OnlyIf | None) -> bool:
        elsewhere = condition is None or condition.setting != setting.id
        return elsewhere or (condition is not None and setting.chosen in condition.any_of)

    def kept(step: Step) -> Step:
        fields = tuple(field for field in step.fields if stands(field.only_if))
        ballot = tuple(rule for rule in step.ballot if stands(rule.only_if))
        return replaced(step, fields=fields, ballot=ballot)

    # By `taken_out`: what stood on such a step has to stand on something else.
    gone = [step.id for step in book.steps if not stands(step.only_if)]
    return _steps(taken_out(book, gone) if gone else book, kept)


def _steps(book: Rulebook, change: Callable[[Step], Step]) -> Rulebook:
    steps = tuple(change(step) for step in book.steps)
    return replaced(book, steps=steps, by_id={step.id: step for step in steps})


def _limits(book: Rulebook, setting: str, change: Callable[[Limit], Limit]) -> Rulebook:
    def changed(limit: Limit) -> Limit:
        return change(limit) if limit.setting == setting else limit

    landmarks = tuple(Landmark(mark.after, changed(mark.by)) for mark in book.landmarks)
    return _steps(replaced(book, landmarks=landmarks), lambda step: _with_limits(step, changed))


def _with_limits(step: Step, change: Callable[[Limit], Limit]) -> Step:
    """A step with its limits and those of its questions changed."""
    fields = (replaced(f, limits=tuple(change(one) for one in f.limits)) for f in step.fields)
    limits = tuple(change(limit) for limit in step.limits)
    return replaced(step, limits=limits, fields=tuple(fields))


def posting_day_counts(book: Rulebook) -> Rulebook:
    return _steps(book, lambda step: replaced(step, notice_from=0) if step.has_notice else step)


def week_in_working_days(book: Rulebook) -> Rulebook:
    """Where the answer is due within a week; another time isn't one."""
    if book.report_days != DAYS_OF_WEEK:
        return book
    # The same week, counted as offices work.
    return replaced(book, report_days=WEEK, report_unit=Unit.WORKING_DAYS)


def earliest_days_roll_over(book: Rulebook) -> Rulebook:
    """Where the target month has no such day: an earliest day, and a day on which a period is full,
    is the first of the next month. A last day stays at the end of the month, so that no time gets
    longer for whoever has to act, nor shorter for whoever has to wait."""

    def rolling(limit: Limit) -> Limit:
        months = limit.unit is Unit.MONTHS and limit.kind is LimitKind.NOT_BEFORE
        return replaced(limit, rolls_over=months)

    landmarks = (Landmark(m.after, replaced(m.by, rolls_over=True)) for m in book.landmarks)
    book = replaced(book, landmarks=tuple(landmarks))
    return _steps(book, lambda step: _with_limits(step, rolling))


def judged_by_one_text(book: Rulebook) -> Rulebook:
    return replaced(book, earlier=None)


def long_notice_in_working_days(book: Rulebook) -> Rulebook:
    def longer(step: Step) -> Step:
        most = max(step.notice_days, step.notice_working_days)
        return replaced(step, notice_days=0, notice_working_days=most)

    return _steps(book, longer)


def probation_ends_the_day_before(book: Rulebook) -> Rulebook:
    """The meeting, on the day after the end at the earliest, may then be a day earlier: never
    before the year is full."""
    return _limits(
        book, "probation_end", lambda limit: replaced(limit, minus_days=limit.minus_days + 1)
    )


def approval_runs_from_the_meeting(book: Rulebook) -> Rulebook:
    # Of "15.submitted_on|15" the last is the day of the meeting itself.
    return _limits(
        book, "approval_clock", lambda limit: replaced(limit, of=limit.of.split("|")[-1].strip())
    )


CHANGES: Mapping[tuple[str, str], Change] = {
    ("posting_day", "counts"): posting_day_counts,
    ("long_notice", "working"): long_notice_in_working_days,
    ("one_week", "working"): week_in_working_days,
    ("month_end", "next_month"): earliest_days_roll_over,
    ("older_text", "current"): judged_by_one_text,
    ("probation_end", "day_before"): probation_ends_the_day_before,
    ("approval_clock", "meeting"): approval_runs_from_the_meeting,
}
