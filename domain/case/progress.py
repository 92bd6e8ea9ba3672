"""Derive where a case stands from its entries under a rulebook: a pure function, run each time.

What counts as done, what is open and for whom, what blocks it by which rule, and every date with
its source follow from the entries in their order; none of it is stored as a state of its own.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from operator import attrgetter
from typing import TypeVar

from domain.calendar.calendar import WorkCalendar
from domain.case.entry_validation import blocking
from domain.case.facts import (
    Ahead,
    Blocker,
    BlockerKind,
    CaseFacts,
    DateKind,
    Deadline,
    OpenStep,
    Progress,
    Start,
)
from domain.case.replay import Fold, chosen, counted, fold_of, last_day
from domain.rulebook.schema import Limit, LimitKind, Rulebook, Step, Strength, Text, Unit
from domain.states import Status

KINDS = {
    Strength.LEGAL: DateKind.LEGAL,
    Strength.LOCAL: DateKind.LOCAL,
    Strength.ADVISED: DateKind.ADVISED,
}
SOON = timedelta(days=30)
Item = TypeVar("Item", bound=Ahead)


def assess(book: Rulebook, facts: CaseFacts, today: date, calendar: WorkCalendar) -> Progress:
    """Return where a case stands on `today`: what is done, what is open, what blocks it, by when.

    Open steps stand in the rulebook's order, those that can be taken now before those that still
    wait, a repeating one that isn't due within a month after what has to be done.
    """
    fold = fold_of(book, facts, calendar)
    reached = _reached(fold)
    items = [_open(fold, step, today) for step in reached]
    # What may happen at any time waits for nobody and is never next (docs/decisions/0008).
    waiting = (item for item in items if not item.step.anytime or item.call is not None)
    open_steps = ranked(waiting, today)
    passed = fold.done.keys() | fold.waived | {step.id for step in reached}
    later = tuple(step for step in book.steps if step.id not in passed and not step.repeats)
    ahead = () if fold.over else (d for step in later for d in deadlines_of(fold, step))
    return Progress(
        status=fold.status,
        stage=_stage(fold, reached),
        done=fold.counting(),
        open=open_steps,
        later=later,
        deadlines=_by_date(d for item in open_steps for d in item.deadlines),
        total=sum(not step.repeats and step.id not in fold.waived for step in book.steps),
        ahead=_by_date(d for d in ahead if d.kind is not DateKind.EARLIEST),
        outcome=fold.ended or "",
        landmarks=_landmarks(fold),
        anytime=tuple(i for i in items if i.step.anytime and i.possible and i.call is None),
        awaited=() if fold.over else fold.awaited,
        standing=_standing(fold),
    )


def dates_of(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> tuple[Deadline, ...]:
    """The `deadlines` of `assess` and nothing else, for work that goes through all cases."""
    fold = Fold(book, facts, calendar)
    steps = (s for s in _reached(fold) if not s.anytime or s.id in fold.calls)
    return _by_date(d for step in steps for d in deadlines_of(fold, step))


def why_not(
    book: Rulebook, facts: CaseFacts, step_id: str, today: date, calendar: WorkCalendar
) -> tuple[Blocker, ...]:
    """Everything that keeps a step from being taken today, of any step; () if nothing does.
    Raises KeyError for a step the rulebook doesn't know."""
    fold, step = fold_of(book, facts, calendar), book.step(step_id)
    if fold.over and not fold.outlives(step):
        # Alone: of a case that is over, no condition is worth naming.
        return (Blocker(BlockerKind.ENDED, step.source, step.title, step=step_id),)
    if not fold.wanted(step):
        return (Blocker(BlockerKind.CONDITION, step.source, step.title, step=step_id),)
    conditions = tuple(
        Blocker(BlockerKind.CONDITION, step.source, book.step(name).title, step=name)
        for name in fold.missing(step)
    )
    return conditions + blockers_of(fold, step, today)


def _reached(fold: Fold) -> list[Step]:
    # Archived, what repeats or may happen at any time would still be open by its own conditions.
    if fold.status is Status.ARCHIVED:
        return [step for step in fold.book.steps if step.after_archive and fold.is_open(step)]
    return [step for step in fold.book.steps if fold.is_open(step)]


def deadlines_of(fold: Fold, step: Step) -> tuple[Deadline, ...]:
    """Every date of a step whose clock runs, by date."""
    if not step.limits:
        return ()
    return _by_date(d for limit in fold.limits(step) if (d := _deadline(fold, step, limit)))


def blockers_of(fold: Fold, step: Step, today: date) -> tuple[Blocker, ...]:
    """Earliest days that haven't come, what regularly had to be done and wasn't, and holds before a
    gate. Advice never blocks."""
    found = [
        Blocker(BlockerKind.EARLIEST, limit.source, limit.text, step=step.id, until=moved[0])
        for limit in fold.limits(step)
        if limit.blocks and (moved := fold.day_of(limit)) is not None and today < moved[0]
    ]
    found += [
        Blocker(BlockerKind.LACKING, lack.need.rule.source, lack.text, step=lack.need.step)
        for lack in blocking(fold, step, today)
    ]
    if step.gate:
        holds = fold.facts.holds
        found += [
            Blocker(BlockerKind.HOLD, h.id, Text(h.reason, h.reason), step=step.id) for h in holds
        ]
        found += [Blocker(BlockerKind.AWAITED, s.source, s.title, step=s.id) for s in fold.awaited]
    return tuple(found)


def _open(fold: Fold, step: Step, today: date) -> OpenStep:
    entry = fold.unsigned.get(step.id)
    waits = frozenset(step.signed_by) - entry.signed if entry else frozenset()
    blockers, deadlines = blockers_of(fold, step, today), deadlines_of(fold, step)
    return OpenStep(step, blockers, deadlines, waits, fold.calls.get(step.id))


def _deadline(fold: Fold, step: Step, limit: Limit) -> Deadline | None:
    start = fold.start_of(step, limit)
    if start is None:
        return None
    return deadline_by(step, limit, fold.counted(limit, start), start)


def deadline_by(
    step: Step, limit: Limit, moved: tuple[date, bool], start: Start | None = None
) -> Deadline:
    """Return the date of a step by one of its limits. `moved`: the day, and whether it is
    provisional. `start`: from what it is counted."""
    earliest = limit.kind is LimitKind.NOT_BEFORE
    kind = DateKind.EARLIEST if earliest else KINDS[limit.strength]
    moves = start is not None and (start.notice or limit.unit is Unit.WORKING_DAYS)
    return _dated(step.id, limit, moved, kind, start if moves else None)


def _dated(
    step: str,
    limit: Limit,
    moved: tuple[date, bool],
    kind: DateKind,
    start: Start | None = None,
) -> Deadline:
    return Deadline(
        step=step,
        limit=limit.id,
        kind=kind,
        on=moved[0],
        source=limit.source,
        text=limit.text,
        provisional=moved[1],
        ladder=limit.ladder,
        start=start,
    )


def dates_by(
    book: Rulebook, dates: Iterable[Deadline], calendar: WorkCalendar
) -> tuple[Deadline, ...]:
    """Return dates of a case as they are by another calendar, without its entries: as `dates_of`
    finds them, whose steps no calendar opens."""

    ends: dict[tuple[str, date], tuple[date, bool]] = {}

    def begin(start: Start) -> tuple[date, bool]:
        if not start.notice:
            return start.day, False
        # Mostly several dates of a case are counted from the same notice.
        notice = start.notice, start.day
        if notice not in ends:
            ends[notice] = last_day(book, *notice, calendar)
        return ends[notice]

    def anew(known: Deadline) -> Deadline:
        if known.start is None:
            return known
        step = book.step(known.step)
        limit = next(limit for limit in step.limits if limit.id == known.limit)
        return deadline_by(step, limit, counted(limit, known.start, begin, calendar), known.start)

    return _by_date(map(anew, dates))


def _landmarks(fold: Fold) -> tuple[Deadline, ...]:
    """Days that follow from the entries and are only shown."""
    found = []
    for landmark in fold.book.landmarks:
        moved = fold.day_of(landmark.by) if landmark.after in fold.done else None
        if moved is not None:
            found.append(_dated(landmark.after, landmark.by, moved, DateKind.ACTUAL))
    return tuple(found)


def _by_date(deadlines: Iterable[Deadline]) -> tuple[Deadline, ...]:
    return tuple(sorted(deadlines, key=attrgetter("on")))


def ranked(items: Iterable[Item], today: date) -> tuple[Item, ...]:
    """Sort what can be done now before what waits, and what rests last; else keep the order."""
    return tuple(sorted(items, key=lambda item: (not item.possible, rests(item, today))))


def rests(item: Ahead, today: date) -> bool:
    """What comes again and again and isn't due within a month: it can be done, and needn't yet."""
    return item.step.repeats and all(d.on > today + SOON for d in item.deadlines)


def _stage(fold: Fold, reached: list[Step]) -> str:
    for step in reached:
        if not step.repeats:
            return step.stage
    newest = max(fold.done.values(), key=lambda entry: entry.number, default=None)
    return fold.book.step(newest.step).stage if newest else fold.book.stages[0].id


def _standing(fold: Fold) -> Text | None:
    """What the person is called: what the last step that makes somebody something made of them."""
    called = [
        stage.called
        for stage in fold.book.stages
        if stage.called is not None and (stage.since is None or _has_made(fold, stage.since))
    ]
    return called[-1] if called else None


def _has_made(fold: Fold, step_id: str) -> bool:
    # Where a city asks for a ballot more, the approval alone admits nobody.
    approval = step_id in fold.book.approved_by
    return step_id in fold.done and (not approval or fold.approved)


__all__ = ["assess", "blockers_of", "chosen", "dates_of", "deadlines_of", "rests", "why_not"]
