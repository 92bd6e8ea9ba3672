"""The entries of a case taken in their order: what counts, what was put off, what runs since when.

Nothing here looks at today. `domain.progress` says what is open now, `domain.checks` what may still
be entered; both stand on this one reading of the entries.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from domain.calendar import WorkCalendar
from domain.dates import add_months, shift
from domain.facts import CaseFacts, Entry, Status
from domain.notice import notice_of
from domain.schema import Effect, Field, FieldType, Limit, LimitKind, Option, Rulebook, Step

ARCHIVED, PUT_OFF = "archived", "put_off"
CHOOSING = (FieldType.CHOICE, FieldType.CHOICES)


class Fold:
    """The entries of a case, taken in order.

    `taken`: all of them. `done`: the entry that counts, by step. `repeated`: all of a repeating
    step. `unsigned`: entered, but a signature is missing. `put_off`: the option that holds a step
    up. `reopened`: the entry that made a step not done again. `ended`: how the case ended.
    """

    def __init__(self, book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> None:
        self.book, self.facts, self.calendar = book, facts, calendar
        self.taken: list[Entry] = []
        self.done: dict[str, Entry] = {}
        self.repeated: dict[str, list[Entry]] = {}
        self.unsigned: dict[str, Entry] = {}
        self.put_off: dict[str, Option] = {}
        self.reopened: dict[str, Entry] = {}
        self.ended: str | None = None
        self._stages = {stage.id: place for place, stage in enumerate(book.stages)}
        for entry in sorted(facts.entries, key=lambda item: item.number):
            self.take(entry)
        self.ended = facts.closed or self.ended

    def take(self, entry: Entry) -> None:
        """The next entry. One of a step that this rulebook doesn't know changes nothing."""
        step = self.book.by_id.get(entry.step)
        if step is None:
            return
        self.taken.append(entry)
        if not entry.signed.issuperset(step.signed_by):
            self.unsigned[step.id] = entry
            return
        self.unsigned.pop(step.id, None)
        self.put_off.pop(step.id, None)
        if step.repeats:
            self.repeated.setdefault(step.id, []).append(entry)
        else:
            self.done[step.id] = entry
        for option in chosen(step, entry.answers):
            self._follow(entry, option)

    def _follow(self, entry: Entry, option: Option) -> None:
        if option.effect is Effect.END:
            self.ended = option.status or option.id
        if option.effect is Effect.HOLD:
            self.put_off[entry.step] = option
            self.done.pop(entry.step, None)
            self.reopened[entry.step] = entry
        for name in option.reopens:
            self.reopened[name] = entry
            for state in (self.done, self.unsigned, self.put_off):
                state.pop(name, None)

    @property
    def status(self) -> Status:
        if self.ended is not None:
            return Status.ARCHIVED if self.ended == ARCHIVED else Status.ENDED
        if all(step.repeats or step.id in self.done for step in self.book.steps):
            return Status.ARCHIVED
        held = any(hold.reason == PUT_OFF for hold in self.facts.holds)
        return Status.PUT_OFF if self.put_off or held else Status.RUNNING

    @property
    def over(self) -> bool:
        return self.status in (Status.ENDED, Status.ARCHIVED)

    def counting(self) -> tuple[Entry, ...]:
        """The entries that count, in order."""
        groups = [list(self.done.values()), *self.repeated.values()]
        return tuple(sorted((e for group in groups for e in group), key=lambda e: e.number))

    def newest(self, step_id: str) -> Entry | None:
        """The entry of a step that counts; the newest one of a repeating step."""
        repeated = self.repeated.get(step_id)
        return repeated[-1] if repeated else self.done.get(step_id)

    def missing(self, step: Step) -> tuple[str, ...]:
        """The conditions of a step that aren't met."""
        return tuple(name for name in step.after if name not in self.done)

    def is_open(self, step: Step) -> bool:
        """Whether nothing but time, a hold or a signature stands between the case and a step."""
        if step.id in self.done or self.ended is not None:
            return False
        return not self.missing(step) and not (step.repeats and self._outgrown(step))

    def _outgrown(self, step: Step) -> bool:
        """A repeating step ends with its `until`, else with its stage, once the next one began."""
        if step.until:
            return step.until in self.done
        place = self._stages[step.stage]
        begun = any(self._stage(entry.step) > place for entry in self.taken)
        return begun and all(
            other.repeats or other.id in self.done
            for other in self.book.steps
            if self._stages[other.stage] <= place
        )

    def _stage(self, step_id: str) -> int:
        return self._stages[self.book.by_id[step_id].stage]

    def date_of(self, reference: str, own: Entry | None = None) -> date | None:
        """The day that "15", "8a.posted_on" or "8a.last_day" names; of "a|b" the first there is.
        `own` is an entry about to be made."""
        for name in reference.split("|"):
            step_id, _, field_id = name.strip().partition(".")
            entry = own if own and own.step == step_id else self.newest(step_id)
            if entry and (found := self._date_in(entry, field_id)):
                return found
        return None

    def _date_in(self, entry: Entry, field_id: str) -> date | None:
        if not field_id:
            return entry.done_on
        value = entry.answers.get(field_id)
        if isinstance(value, date):
            return value
        step = self.book.step(entry.step)
        if field_id not in ("first_day", "last_day") or not step.has_notice:
            return None
        period = notice_of(step, entry.done_on, self.calendar)
        return period.last_day if field_id == "last_day" else period.first_day

    def extension(self, reference: str) -> int:
        """Months granted by every entry of a field, also by those that reopened their step."""
        step_id, _, field_id = reference.partition(".")
        months = (e.answers.get(field_id) for e in self.taken if e.step == step_id)
        return sum(number for number in months if isinstance(number, int))

    def day_of(self, limit: Limit, own: Entry | None = None) -> tuple[date, bool] | None:
        """The day a limit falls on, and whether it is provisional; None while it doesn't run."""
        start = self.date_of(limit.of, own)
        if start is None:
            return None
        if limit.extended_by:
            start = add_months(start, self.extension(limit.extended_by))
        moved, provisional = shift(start, limit.value, limit.unit, self.calendar)
        return moved - timedelta(days=limit.minus_days), provisional

    def limits(self, step: Step) -> tuple[Limit, ...]:
        """The limits of a step that run now: some only while an option of its own holds it up."""
        option = self.put_off.get(step.id)
        held = option.id if option else ""
        return tuple(
            limit
            for limit in step.limits
            if limit.if_held in ("", held) and not (held and limit.unless_held == held)
        )

    def due(self, step: Step, limit: Limit, own: Entry | None = None) -> tuple[date, bool] | None:
        """As `day_of`; what comes again and again is counted from the newest entry as well."""
        moved = self.day_of(limit, own)
        if moved is None or limit.kind is not LimitKind.EVERY or step.id not in self.repeated:
            return moved
        last = max(entry.done_on for entry in self.repeated[step.id])
        return max(moved, shift(last, limit.value, limit.unit, self.calendar))


def chosen(step: Step, answers: Mapping[str, object]) -> tuple[Option, ...]:
    """The options picked in the choice fields of a step."""
    return tuple(option for field in step.fields for option in picked(field, answers))


def picked(field: Field, answers: Mapping[str, object]) -> tuple[Option, ...]:
    """The options picked in one field; () unless it is a choice."""
    value = answers.get(field.id)
    if field.type not in CHOOSING or not value:
        return ()
    ids = value if isinstance(value, tuple) else (value,)
    return tuple(option for option in field.options if option.id in ids)
