"""Replay the entries of a case in their order: what counts, what was put off, what runs since when.

Nothing here looks at today. `domain.case.progress` says what is open now,
`domain.case.entry_validation` what may still be entered; both use this one reading of the entries.

Worked example, the end of a probation (steps and answers of national_2026):

    1  15  2026-07-01 admitted                     done 15
    2  23  2027-07-05 extend, by 6 months          done 15 23
    3  24  2027-07-15 send_back                    done 15      reopened 23 24, sent_back 2 3
    4  23  2027-07-25 extend, by 6 months          done 15 23
    5  24  2027-08-05 approve_extension, 6 months  done 15      reopened 21 22 23 24, calls 24b

Entry 4 is no second extension, since entry 2 was sent back. After entry 5 step 23 is possible from
2028-01-02 (`day_of`): 12 months after entry 1, the 6 that entry 5 granted although it reopened its
own step, and the day after (N31).
"""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from operator import attrgetter

from domain.calendar.calendar import WorkCalendar
from domain.case.dates import add_months, shift
from domain.case.facts import CaseFacts, Entry, Start
from domain.case.public_notice import last_day_of
from domain.rulebook.questions import Cover, StepTrigger
from domain.rulebook.schema import Effect, Field, Limit, LimitKind, Option, Rulebook, Step, Unit
from domain.states import Status

ARCHIVED = "archived"
CALL, PREVIOUS = "call", "previous"
REMEMBERED = "_fold"


class Fold:
    """The entries of a case, taken in order.

    `taken`: all of them. `done`: the entry that counts, by step. `repeated`: all of a repeating
    step. `waived`: steps of a later text that were passed before it came into force. `unsigned`:
    entered, but a signature is missing. `put_off`: the option that holds a step up. `reopened`: the
    entry that made a step not done again. `calls`: the entry that calls for a step, until that is
    entered. `sent_back`: entries that are as if they had never been decided. `ended`: how the case
    ended.
    """

    def __init__(self, book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> None:
        self.book, self.facts, self.calendar = book, facts, calendar
        self.taken: list[Entry] = []
        self.done: dict[str, Entry] = {}
        self.repeated: dict[str, list[Entry]] = {}
        self.unsigned: dict[str, Entry] = {}
        self.put_off: dict[str, Option] = {}
        self.reopened: dict[str, Entry] = {}
        self.waived: set[str] = set()
        self.calls: dict[str, Entry] = {}
        self.sent_back: set[int] = set()
        self.ended: str | None = None
        self._ended_by = 0
        self._calling = book.calling
        self._last_days: dict[tuple[str, date], tuple[date, bool]] = {}
        self._stages = book.stage_places
        for entry in sorted(facts.entries, key=attrgetter("number")):
            self.take(entry)
        self.know(facts)

    def know(self, facts: CaseFacts) -> None:
        """Set what is known of the case beside its entries (its holds), once all were taken."""
        self.facts = facts

    def branch(self) -> "Fold":
        """Return the same fold, to go on from here by itself."""
        other = copy(self)
        other.taken, other.done = [*self.taken], {**self.done}
        other.repeated = {step: [*entries] for step, entries in self.repeated.items()}
        other.unsigned, other.put_off = {**self.unsigned}, {**self.put_off}
        other.reopened, other.calls = {**self.reopened}, {**self.calls}
        other.waived, other.sent_back = {*self.waived}, {*self.sent_back}
        return other

    def under(self, calendar: WorkCalendar) -> "Fold":
        """Return the same fold by another calendar, to be read only. No calendar decides how
        entries are taken; days are counted when they are asked for."""
        other = copy(self)
        other.calendar, other._last_days = calendar, {}
        return other

    def take(self, entry: Entry) -> None:
        """Replay the next entry. One of a step that this rulebook doesn't know changes nothing."""
        if entry.step not in self.book.by_id:
            return
        # Signatures and decisions follow the text of the entry's day (docs/decisions/0007).
        version = self.book.on(entry.done_on)
        step = version.by_id.get(entry.step) or self.book.step_on(entry.step, entry.done_on)
        # What lapses counts only where it was called for: a finding corrected to untrue takes the
        # ballot with it that it had led to.
        if step.lapses and step.id not in self.calls:
            return
        self.taken.append(entry)
        if not entry.signed.issuperset(step.signed_by):
            # Nothing it decides may move the case before everybody has signed.
            self.unsigned[step.id] = entry
            return
        self.unsigned.pop(step.id, None)
        self.put_off.pop(step.id, None)
        picks = decisions(step, entry.answers) if step.deciding else ()
        # Refused by its new branch, a case is as if it had never come (docs/decisions/0017).
        if step.repeats and not any(option.sends_home for option in picks):
            self.repeated.setdefault(step.id, []).append(entry)
        elif not step.repeats:
            self.done[step.id] = entry
        if step.id in self.calls:
            self._answer_call(step)
        if version is not self.book or entry.brought:
            self._leave_out(entry, version)
        for option in picks:
            self._follow(entry, option)
        # Last: whether a call applies depends on what this entry itself ended or approved.
        if entry.step in self._calling:
            self.calls |= dict.fromkeys(self.called_by(entry), entry)

    def _answer_call(self, step: Step) -> None:
        """Close the call for a step, and release what was put off until its result."""
        call = self.calls.pop(step.id)
        if step.holds_gates:
            self.put_off.pop(call.step, None)

    def called_by(self, entry: Entry) -> Iterator[str]:
        """The steps that an entry calls for as the case stands. A report about somebody whose case
        is over moves nothing, nor does what is over by then: no meeting extends or cancels the
        probation of a full member."""
        if self.ended is not None and self.book.by_id[entry.step].by_report:
            return
        for other, call in self._calling.get(entry.step, ()):
            called = calls(call, entry) and call.approved in (None, self.approved)
            if called and not self._outgrown(self.book.by_id[other]):
                yield other

    def _route_anew(self) -> None:
        """Hand what waits for the body before the approval to the one after it, once somebody turns
        out to be a member already: no finding ends a member's case (N31)."""
        for name, entry in [*self.calls.items()]:
            by = self.book.by_id[name].called_by
            if self.approved and any(c.approved is False and calls(c, entry) for c in by):
                del self.calls[name]
                self.calls |= dict.fromkeys(self.called_by(entry), entry)

    def _leave_out(self, entry: Entry, version: Rulebook) -> None:
        """Waive what stands before an entry and wasn't asked for, or wasn't told."""
        if version is not self.book:
            self._waive(entry.step, version)
        if entry.brought:
            self._pass_over(entry)

    def _waive(self, step: str, version: Rulebook) -> None:
        """Waive what a later text put before a step: the text of its day didn't ask for it."""
        for name in self.book.by_id[step].after:
            if name in self.book.by_id and name not in self.done:
                if name not in version.by_id:
                    self.waived.add(name)
                self._waive(name, version)

    def _pass_over(self, entry: Entry) -> None:
        """Waive what a sheet says nothing of before a step that it names: it was passed, on a day
        that nobody told."""
        waiting = [entry.step]
        self.waived.discard(entry.step)
        while waiting:
            for name in self.book.by_id[waiting.pop()].after:
                if name in self.book.by_id and name not in self.done and name not in self.waived:
                    self.waived.add(name)
                    waiting.append(name)

    def _follow(self, entry: Entry, option: Option) -> None:
        if option.effect is Effect.END:
            # With the entry: only what this very end calls for is still done (`outlives`).
            self.ended, self._ended_by = option.status or option.id, entry.number
        for cover in option.covers:
            self._cover(entry, cover)
        if option.covers:
            self._route_anew()
        if option.effect is Effect.HOLD:
            # Reopened too, so that the step is not dated before the decision to wait.
            self.put_off[entry.step] = option
            self.done.pop(entry.step, None)
            self.reopened[entry.step] = entry
        for name in option.reopens:
            if option.sends_back and name in self.done:
                # Sent back, a resolution doesn't use up what may be resolved once (N31).
                self.sent_back.add(self.done[name].number)
            self.reopened[name] = entry
            self.waived.discard(name)
            # All three: whatever state the step was in, it begins anew.
            for state in (self.done, self.unsigned, self.put_off):
                state.pop(name, None)

    def _cover(self, entry: Entry, cover: Cover) -> None:
        """Count what was done elsewhere, on the day that is known of it."""
        # The order of the file is the order of the work (`validation.references` holds it to that).
        day = entry.answers.get(cover.day)
        places = [step.id for step in self.book.steps]
        for step in self.book.steps[: places.index(cover.up_to) + 1]:
            if not step.repeats and step.id not in self.done and type(day) is date:
                self.done[step.id] = replace(entry, step=step.id, done_on=day, answers={})

    @property
    def status(self) -> Status:
        if self.ended is not None:
            return Status.ARCHIVED if self.ended == ARCHIVED else Status.ENDED
        once = self.book.once
        # By their number first, since it is asked at every entry, and too few can't be all.
        if len(self.done) + len(self.waived) >= len(once) and once <= (
            self.done.keys() | self.waived
        ):
            return Status.ARCHIVED
        return Status.PUT_OFF if self.put_off else Status.RUNNING

    @property
    def over(self) -> bool:
        return self.status in (Status.ENDED, Status.ARCHIVED)

    @property
    def approved(self) -> bool:
        """Whether the admission is approved: from then on the general meeting decides (N31)."""
        names = self.book.approved_by
        return bool(names) and all(n in self.done or n in self.waived for n in names)

    @property
    def awaited(self) -> tuple[Step, ...]:
        """What was called for, and has to have a result before a gate is passed."""
        holding = self.book.holding
        return tuple([s for s in holding if s.id in self.calls and not self._outgrown(s)])

    def counting(self) -> tuple[Entry, ...]:
        """The entries that count, in order."""
        groups = [list(self.done.values()), *self.repeated.values()]
        return tuple(sorted((e for group in groups for e in group), key=attrgetter("number")))

    def newest(self, step_id: str) -> Entry | None:
        """The entry of a step that counts; the newest one of a repeating step."""
        repeated = self.repeated.get(step_id)
        return repeated[-1] if repeated else self.done.get(step_id)

    def missing(self, step: Step) -> tuple[str, ...]:
        """The conditions of a step that aren't met."""
        # Lists, not generators, for speed: counting all cases anew asks this of every step.
        done, waived = self.done, self.waived
        unmet = tuple([name for name in step.after if name not in done and name not in waived])
        if not step.not_while:
            return unmet
        return unmet + tuple([name for name in step.not_while if name in self.calls])

    def is_open(self, step: Step) -> bool:
        """Whether nothing but time, a hold or a signature stands between the case and a step."""
        if self.ended is not None:
            return self.outlives(step)
        if step.id in self.done or step.id in self.waived:
            return False
        if not (step.unbidden or self.wanted(step)):
            return False
        return not self.missing(step) and not (step.repeats and self._outgrown(step))

    def wanted(self, step: Step) -> bool:
        """Whether what has to call for a step, or to have happened before, is there."""
        free = step.anytime or not (step.called_by or step.by_report)
        called = step.id in self.calls or free
        return called and (not step.when or any(self.newest(name) for name in step.when))

    def outlives(self, step: Step) -> bool:
        """What the end of a case itself calls for is still done: somebody who was struck out is
        told why. That somebody was wrongly admitted may come out after the archive (N41)."""
        if step.after_archive and self.status is Status.ARCHIVED:
            return not self.missing(step)
        call = self.calls.get(step.id)
        return call is not None and call.number >= self._ended_by

    def bars(self, step: Step) -> dict[str, Entry]:
        """Options of a step that can't be chosen, each with the entry that stands against it."""
        found: dict[str, Entry] = {}
        # Few steps can be barred: most are spared the way through all entries.
        barring = self.book.barring.get(step.id)
        if barring is None:
            return found
        for entry in self.counting():
            if entry.step not in barring:
                continue
            for option in chosen(self.book.step(entry.step), entry.answers):
                if option.bars_until and self._taken_since(option.bars_until, entry):
                    continue
                here = (name.partition(".") for name in option.bars)
                found |= {barred: entry for name, _, barred in here if name == step.id}
        return found

    def _taken_since(self, step_id: str, entry: Entry) -> bool:
        later = (e for e in self.taken if e.step == step_id and e.number > entry.number)
        return any(e.number not in self.sent_back for e in later)

    def used_up(self, step: Step) -> frozenset[str]:
        """Options of a step that an answer to another one has used up for good."""
        return frozenset([option.id for option in step.given_once if self.spent(option)])

    def spent(self, option: Option) -> bool:
        """Whether the case was decided so elsewhere, and what was sent back doesn't count."""
        # `taken`, not `done`: approving an extension reopens the very step that approved it (N31).
        return any(
            entry.number not in self.sent_back and f"{entry.step}.{one.id}" in option.used_up_by
            for entry in self.taken
            for one in chosen(self.book.step(entry.step), entry.answers)
        )

    def _outgrown(self, step: Step) -> bool:
        """A repeating step ends with its `until`, else with its stage, once the next one began; one
        that is called for, or may happen at any time, has no other end."""
        if step.until:
            return step.until in self.done
        if step.called_by or step.anytime:
            return False
        place = self._stages[step.stage]
        # Beginning the next stage isn't enough: a step of this one may have been reopened since.
        begun = any(self._stage(entry.step) > place for entry in self.taken)
        return begun and all(
            other.repeats or other.id in self.done or other.id in self.waived
            for other in self.book.steps
            if self._stages[other.stage] <= place
        )

    def _stage(self, step_id: str) -> int:
        return self._stages[self.book.by_id[step_id].stage]

    def date_of(self, reference: str, own: Entry | None = None) -> tuple[date, bool] | None:
        """The day that "15", "8a.posted_on" or "8a.last_day" names, and whether it is provisional;
        of "a|b" the first there is. `own` is an entry about to be made."""
        found = self._start(reference, own)
        return None if found is None else self._begin(found)

    def _start(self, reference: str, own: Entry | None) -> Start | None:
        """The same day as it is found without a calendar."""
        for name in reference.split("|"):
            step_id, _, field_id = name.strip().partition(".")
            # The entry about to be made stands for its step: a preview is judged as if it were
            # entered.
            entry = own if own and own.step == step_id else self.newest(step_id)
            if field_id == PREVIOUS:
                entry, field_id = self.previous(step_id, own), ""
            elif field_id.partition(".")[0] == CALL:
                entry, field_id = self.calls.get(step_id), field_id.partition(".")[2]
            if entry and not field_id:
                return Start(entry.done_on)
            if entry and (found := self._start_in(entry, field_id)):
                return found
        return None

    def previous(self, step_id: str, own: Entry | None) -> Entry | None:
        """The last time that a repeating step was taken, before an entry about to be made."""
        # By its day, not its number: a time that was forgotten is entered after later ones.
        until = own.done_on if own else date.max
        before = (e for e in self.repeated.get(step_id, ()) if e.done_on <= until)
        return max(before, key=lambda entry: entry.done_on, default=None)

    def _start_in(self, entry: Entry, field_id: str) -> Start | None:
        value = entry.answers.get(field_id)
        if type(value) is date:
            return Start(value)
        if field_id not in ("first_day", "last_day"):
            return None
        # As long as the text of its day asked for: an older one knew no length.
        step = self.book.step_on(entry.step, entry.done_on)
        if not step.has_notice:
            return None
        if field_id == "last_day":
            return Start(entry.done_on, notice=step.id)
        return Start(entry.done_on + timedelta(days=step.notice_from))

    def _begin(self, start: Start) -> tuple[date, bool]:
        if not start.notice:
            return start.day, False
        # Remembered: finding the last day walks the calendar day by day.
        key = (start.notice, start.day)
        if key not in self._last_days:
            self._last_days[key] = last_day(self.book, *key, self.calendar)
        return self._last_days[key]

    def extension(self, reference: str) -> int:
        """Sum the months granted by every entry of the fields, also by one that no longer counts:
        approving an extension reopens the very step that approved it (N31)."""
        total = 0
        for name in reference.split("|"):
            step_id, _, field_id = name.partition(".")
            for entry in self.taken:
                if entry.step == step_id and isinstance(m := entry.answers.get(field_id), int):
                    total += m
        return total

    def day_of(self, limit: Limit, own: Entry | None = None) -> tuple[date, bool] | None:
        """The day a limit falls on, and whether it is provisional; None while it doesn't run."""
        start = self._start_of(limit, own)
        return None if start is None else self.counted(limit, start)

    def counted(self, limit: Limit, start: Start) -> tuple[date, bool]:
        """The day a limit falls on that is counted from `start`."""
        return counted(limit, start, self._begin, self.calendar)

    def _start_of(self, limit: Limit, own: Entry | None) -> Start | None:
        found = self._start(limit.of, own)
        if found is None or (limit.when and self.newest(limit.when) is None):
            return None
        if not limit.extended_by:
            return found
        return replace(found, months=self.extension(limit.extended_by))

    def limits(self, step: Step, field: Field | None = None) -> tuple[Limit, ...]:
        """The limits of a step, or of a field of it, that run now: some only while an option of the
        step holds it up."""
        limits = (field or step).limits
        if not limits:
            return limits
        option = self.put_off.get(step.id)
        held = option.id if option else ""
        return tuple(
            [
                limit
                for limit in limits
                if limit.if_held in ("", held) and not (held and limit.unless_held == held)
            ]
        )

    def due(self, step: Step, limit: Limit, own: Entry | None = None) -> tuple[date, bool] | None:
        """As `day_of`; what comes again and again is counted from the newest entry as well."""
        start = self.start_of(step, limit, own)
        return None if start is None else self.counted(limit, start)

    def start_of(self, step: Step, limit: Limit, own: Entry | None = None) -> Start | None:
        """From what `due` counts; None while the limit doesn't run."""
        start = self._start_of(limit, own)
        if start is None or limit.kind is not LimitKind.EVERY:
            return start
        days = [entry.done_on for entry in self.repeated.get(step.id, ())]
        days += [day for day in (self.resumed(step),) if day]
        return replace(start, again=max(days)) if days else start

    def resumed(self, step: Step) -> date | None:
        """The day from which a repeating step goes on, after the one that had ended it was opened
        again by another."""
        entry = self.reopened.get(step.until)
        return entry.done_on if entry and entry.step != step.until else None


def last_day(
    book: Rulebook, notice: str, posted_on: date, calendar: WorkCalendar
) -> tuple[date, bool]:
    """The last day of a notice by the text of its day, and whether it is provisional."""
    return last_day_of(book.step_on(notice, posted_on), posted_on, calendar)


def counted(
    limit: Limit,
    start: Start,
    begin: Callable[[Start], tuple[date, bool]],
    calendar: WorkCalendar,
) -> tuple[date, bool]:
    """The day a limit falls on, and whether it is provisional. `begin`: the day itself from which
    it is counted."""
    day, unsure = begin(start)
    if limit.unit is Unit.MONTHS:
        # In one go: by way of a shorter month the end of a month would be lost.
        moved, provisional = add_months(day, start.months + limit.value, limit.rolls_over), False
    else:
        day = add_months(day, start.months, limit.rolls_over) if start.months else day
        moved, provisional = shift(day, limit.value, limit.unit, calendar)
    found = moved + timedelta(days=limit.more_days), provisional or unsure
    if start.again is None:
        return found
    return max(found, shift(start.again, limit.value, limit.unit, calendar))


def fold_of(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Fold:
    """Return the replay of a case, to be read only. It is remembered, since whoever looks at a case
    mostly asks several things of it."""
    known = remembered(book, facts, calendar)
    if known is None:
        known = Fold(book, facts, calendar)
        remember(facts, known)
    return known


def remembered(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Fold | None:
    known: Fold | None = facts.__dict__.get(REMEMBERED)
    # By identity: by value, two rulebooks would be compared step by step.
    fits = known is not None and known.book is book and known.calendar is calendar
    return known if fits else None


def remember(facts: CaseFacts, fold: Fold) -> None:
    """Beside the fields of what is frozen: it neither counts for equality nor is copied."""
    facts.__dict__[REMEMBERED] = fold


def forget(facts: CaseFacts) -> Fold | None:
    """Take out what was remembered, for a caller that changes it."""
    known: Fold | None = facts.__dict__.pop(REMEMBERED, None)
    return known


def calls(call: StepTrigger, entry: Entry) -> bool:
    """Whether an entry calls as this call says."""
    if entry.step != call.step:
        return False
    value = entry.answers.get(call.field)
    picked = value if isinstance(value, tuple) else (value,)
    return not call.field or bool(set(picked) & set(call.any_of))


def chosen(step: Step, answers: Mapping[str, object]) -> tuple[Option, ...]:
    """The options picked in the choice fields of a step."""
    return tuple(option for field in step.choices for option in picked(field, answers))


def concluded(step: Step, answers: Mapping[str, object]) -> Option | None:
    """What was concluded: the pick in a field that moves the case; where none does, the first."""
    return next(iter(decisions(step, answers) or chosen(step, answers)), None)


def decisions(step: Step, answers: Mapping[str, object]) -> tuple[Option, ...]:
    """As `chosen`, of the fields that move a case: the others aren't looked at."""
    return tuple([option for field in step.deciding for option in picked(field, answers)])


def picked(field: Field, answers: Mapping[str, object]) -> tuple[Option, ...]:
    """The options picked in one field; () unless it is a choice."""
    value = answers.get(field.id)
    if not value or not field.chooses:
        return ()
    if isinstance(value, tuple):
        return tuple([option for option in field.options if option.id in value])
    option = field.by_option_id.get(value) if isinstance(value, str) else None
    return (option,) if option else ()
