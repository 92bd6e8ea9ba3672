"""Where a case stands: its entries folded under a rulebook. Pure, and quick enough to do each time.

What counts as done, what is open and for whom, what blocks it by which rule, and every date with
its source follow from the entries in their order; nothing of it is stored as a state of its own.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from domain.calendar import WorkCalendar
from domain.dates import add_months, shift
from domain.facts import (
    Blocker,
    CaseFacts,
    DateKind,
    Deadline,
    Entry,
    OpenStep,
    Progress,
    Status,
)
from domain.notice import notice_period
from domain.schema import (
    Effect,
    FieldType,
    Limit,
    LimitKind,
    Option,
    Rulebook,
    Step,
    Strength,
    Text,
)

KINDS = {
    Strength.LEGAL: DateKind.LEGAL,
    Strength.LOCAL: DateKind.LOCAL,
    Strength.ADVISED: DateKind.ADVISED,
}
ARCHIVED = "archived"


class Fold:
    """The entries of a case, taken in order. `done`: the entry that counts, by step."""

    def __init__(self, book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> None:
        self.book, self.facts, self.calendar = book, facts, calendar
        self.done: dict[str, Entry] = {}
        self.repeated: dict[str, list[Entry]] = {}
        self.unsigned: dict[str, Entry] = {}
        self.put_off: dict[str, Option] = {}
        self.ended: str | None = None
        for entry in sorted(facts.entries, key=lambda item: item.number):
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        step = self.book.step(entry.step)
        if set(step.signed_by) - entry.signed:
            self.unsigned[step.id] = entry
            return
        self.unsigned.pop(step.id, None)
        self.put_off.pop(step.id, None)
        if step.repeats:
            self.repeated.setdefault(step.id, []).append(entry)
        else:
            self.done[step.id] = entry
        for option in chosen(step, entry.answers):
            self._follow(step, option)

    def _follow(self, step: Step, option: Option) -> None:
        if option.effect is Effect.END:
            self.ended = option.status or option.id
        elif option.effect is Effect.HOLD:
            self.put_off[step.id] = option
            self.done.pop(step.id, None)
        elif option.effect is Effect.REOPEN:
            for name in option.reopens:
                self.done.pop(name, None)
                self.unsigned.pop(name, None)

    @property
    def status(self) -> Status:
        if self.ended is not None:
            return Status.ARCHIVED if self.ended == ARCHIVED else Status.ENDED
        return Status.PUT_OFF if self.put_off else Status.RUNNING

    def date_of(self, reference: str, own: Entry | None = None) -> date | None:
        """The day that "15", "8a.posted_on" or "8a.last_day" names; of "a|b" the first there is.
        `own` is an entry about to be made."""
        for name in reference.split("|"):
            step_id, _, field_id = name.partition(".")
            entry = own if own and own.step == step_id else self.done.get(step_id)
            if entry and (found := self._date_in(entry, field_id)):
                return found
        return None

    def _date_in(self, entry: Entry, field_id: str) -> date | None:
        if not field_id:
            return entry.done_on
        if field_id == "last_day":
            step = self.book.step(entry.step)
            return notice_period(
                entry.done_on, step.notice_days, step.notice_working_days, self.calendar
            ).last_day
        value = entry.answers.get(field_id)
        return value if isinstance(value, date) else None

    def extension(self, reference: str) -> int:
        """Months granted by every entry of a field, also by those that reopened their step."""
        step_id, _, field_id = reference.partition(".")
        months = (e.answers.get(field_id) for e in self.facts.entries if e.step == step_id)
        return sum(number for number in months if isinstance(number, int))

    def day_of(self, limit: Limit, own: Entry | None = None) -> tuple[date, bool] | None:
        """The day a limit falls on, and whether it is provisional; None while it doesn't run."""
        start = self.date_of(limit.of, own)
        if start is None:
            return None
        if limit.extended_by:
            start = add_months(start, self.extension(limit.extended_by))
        return shift(start, limit.value, limit.unit, self.calendar)

    def deadlines(self, step: Step) -> tuple[Deadline, ...]:
        found = (self._deadline(step, limit) for limit in step.limits)
        return tuple(sorted((d for d in found if d), key=lambda deadline: deadline.on))

    def _deadline(self, step: Step, limit: Limit) -> Deadline | None:
        moved = self.day_of(limit)
        if moved is None:
            return None
        if limit.kind is LimitKind.EVERY and (entries := self.repeated.get(step.id)):
            newest = max(entry.done_on for entry in entries)
            moved = shift(newest, limit.value, limit.unit, self.calendar)
        kind = DateKind.EARLIEST if limit.kind is LimitKind.NOT_BEFORE else KINDS[limit.strength]
        return Deadline(
            step=step.id,
            limit=limit.id,
            kind=kind,
            on=moved[0],
            source=limit.source,
            text=limit.text,
            provisional=moved[1],
            ladder=limit.ladder,
        )

    def is_open(self, step: Step) -> bool:
        if self.ended is not None or step.id in self.done:
            return False
        if step.repeats and step.until in self.done:
            return False
        return all(before in self.done for before in step.after)

    def blockers(self, step: Step, on: date) -> tuple[Blocker, ...]:
        found = [self._too_early(step, limit, on) for limit in step.limits]
        if step.gate:
            found += [
                Blocker(kind="hold", source=hold.reason, text=Text(hold.reason, hold.reason))
                for hold in self.facts.holds
            ]
        return tuple(blocker for blocker in found if blocker)

    def _too_early(self, step: Step, limit: Limit, on: date) -> Blocker | None:
        if limit.kind is not LimitKind.NOT_BEFORE or limit.strength is Strength.ADVISED:
            return None
        moved = self.day_of(limit)
        if moved is None or on >= moved[0]:
            return None
        return Blocker("earliest", limit.source, limit.text, step=step.id, until=moved[0])

    def open_step(self, step: Step, today: date) -> OpenStep:
        entry = self.unsigned.get(step.id)
        waits = frozenset(step.signed_by) - entry.signed if entry else frozenset()
        return OpenStep(step, self.blockers(step, today), self.deadlines(step), waits)


def chosen(step: Step, answers: Mapping[str, object]) -> tuple[Option, ...]:
    """The options picked in the choice fields of a step."""
    return tuple(
        option
        for field in step.fields
        if field.type is FieldType.CHOICE
        for option in field.options
        if answers.get(field.id) == option.id
    )


def assess(book: Rulebook, facts: CaseFacts, today: date, calendar: WorkCalendar) -> Progress:
    """Everything there is to say of a case on `today`."""
    fold = Fold(book, facts, calendar)
    open_steps = [fold.open_step(step, today) for step in book.steps if fold.is_open(step)]
    open_steps.sort(
        key=lambda item: (not item.possible, item.step.repeats and not _due(item, today))
    )
    opened = {item.step.id for item in open_steps}
    later = tuple(
        step
        for step in book.steps
        if step.id not in fold.done and step.id not in opened and not step.repeats
    )
    counting = [*fold.done.values(), *(e for group in fold.repeated.values() for e in group)]
    deadlines = sorted((d for item in open_steps for d in item.deadlines), key=lambda d: d.on)
    return Progress(
        status=fold.status,
        stage=_stage(book, fold, open_steps),
        done=tuple(sorted(counting, key=lambda entry: entry.number)),
        open=tuple(open_steps),
        later=later if fold.ended is None else (),
        deadlines=tuple(deadlines),
        total=sum(not step.repeats for step in book.steps),
    )


def _due(item: OpenStep, today: date) -> bool:
    return any(deadline.on <= today + timedelta(days=30) for deadline in item.deadlines)


def _stage(book: Rulebook, fold: Fold, open_steps: list[OpenStep]) -> str:
    ours = [item.step for item in open_steps if not item.step.repeats]
    if ours:
        return min(ours, key=book.steps.index).stage
    if not fold.done:
        return book.stages[0].id
    newest = max(fold.done.values(), key=lambda entry: entry.number)
    return book.step(newest.step).stage
