"""Whether a whole entry can stand: what is wrong with it, by which rule, refusals first.

What had to be done again and again before a step counts with it: the half-yearly reviews
(docs/procedure.md § 1, step 6). A review that came late still counts; one that wasn't made has to
be made before the step is taken.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter

from domain.calendar.calendar import WorkCalendar
from domain.case import texts
from domain.case.answers import (
    CHECKS,
    allowed_by,
    by_rule,
    called_for,
    check_answer,
    check_beside,
    check_totals,
    counts_of,
    fields_to_ask,
    is_missing,
    offered,
    shown_fields,
    totals_of,
    verdict_of,
    wrong,
)
from domain.case.dates import shift
from domain.case.facts import Answers, BallotShare, CaseFacts, Entry, Problem, ProblemCode, Verdict
from domain.case.replay import Fold, chosen, fold_of, picked
from domain.rulebook.kinds import Text
from domain.rulebook.questions import Regular, SameAs
from domain.rulebook.schema import (
    Field,
    Limit,
    LimitKind,
    Option,
    Requirement,
    Role,
    Rulebook,
    Step,
    Unit,
)


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


def turning_days(fold: Fold, step: Step, today: date) -> Iterator[date]:
    """Yield the days after today on which `blocking` may say something else than it does today."""
    if not step.regular:
        return
    if (first := _first_day(fold, step)) > today:
        yield first
    for need in step.regular:
        again = fold.book.step(need.step)
        limit = next(limit for limit in again.limits if limit.id == need.limit)
        found, resumed = fold.date_of(limit.of), fold.resumed(again)
        if found is not None:
            yield _next_asked(fold, limit, max(found[0], resumed or found[0]), today)
        for entry in fold.repeated.get(need.step, ()):
            # A period that ends on a day passes without another time from the day after it on.
            following = shift(entry.done_on, limit.value, limit.unit, fold.calendar)[0]
            days = (entry.done_on, following + timedelta(days=1))
            yield from (day for day in days if day > today)


def _next_asked(fold: Fold, limit: Limit, start: date, today: date) -> date:
    """The first day after today by which it has to be done once more."""
    number = 1
    while (due := shift(start, limit.value * number, limit.unit, fold.calendar)[0]) <= today:
        number += 1
    return due


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


REQUIRED = ProblemCode.REQUIRED
Day = date | int
"""A day, or the number of a year."""


def check_entry(
    book: Rulebook,
    facts: CaseFacts,
    step_id: str,
    answers: Answers,
    today: date,
    calendar: WorkCalendar,
    replaces: int | None = None,
    verdict: Verdict | None = None,
) -> tuple[Problem, ...]:
    """Everything wrong with an entry, what refuses it first. `replaces`: the number of the entry
    that this one corrects; then the entries after it must still be possible. `verdict`: of these
    answers, where the caller has it.

    The step is judged by the version in force on its day (docs/procedure.md § 6). A limit broken on
    that day: too early is refused, too late is noted; what was done under an earlier text is only
    noted. Raises KeyError for a step the rulebook doesn't know.
    """
    step = book.step_on(step_id, answers.get(book.step(step_id).day))
    before = facts
    if replaces is not None:
        # Without holds: a report that is open now says nothing against what was done before it.
        earlier = tuple(entry for entry in facts.entries if entry.number < replaces)
        before = CaseFacts(facts.opened_on, earlier)
    fold = fold_of(book, before, calendar)
    number = replaces or max((entry.number for entry in before.entries), default=0) + 1
    found = problems_after(fold, step, answers, number, today, verdict)
    day = answers.get(step.day)
    if replaces is not None and type(day) is date and not any(one.refuses for one in found):
        own = Entry(number, step.id, day, answers, today, signed=frozenset(Role))
        found = (*found, *_later(fold, facts, own))
    return tuple(sorted(found, key=lambda problem: not problem.refuses))


def problems_after(
    fold: Fold,
    step: Step,
    answers: Answers,
    number: int,
    today: date,
    verdict: Verdict | None = None,
) -> tuple[Problem, ...]:
    """What is wrong with an entry that follows on those of `fold`, what refuses it first. For
    whoever goes through many entries with one reading of them: a fold per entry costs the square
    of their number. `step`: as of the day of the entry."""
    found = [*_not_open(fold, step), *_answers(fold, step, answers, today, verdict)]
    if step.counted:
        found += _sums(step, answers)
    day = answers.get(step.day)
    # Nothing is counted from a day that can't be: a century before the year 1 is no date.
    if type(day) is date and not (found and any(p.code is ProblemCode.NOT_A_DAY for p in found)):
        # As if all had signed: who signs comes later and is no fault of the answers.
        own = Entry(number, step.id, day, answers, today, signed=frozenset(Role))
        found += _days(fold, step, own, today)
    return tuple(sorted(found, key=lambda problem: not problem.refuses))


def problems_brought(fold: Fold, step: Step, own: Entry, today: date) -> tuple[Problem, ...]:
    """What is wrong with an entry taken over from a sheet (`Entry.brought`), by the rules of its
    day: its days and what else the sheet says, not what no sheet says."""
    found = [*_brought(fold, step, own, today)]
    return tuple(sorted(found, key=lambda problem: not problem.refuses)) if found else ()


def refusal_brought(fold: Fold, step: Step, own: Entry, today: date) -> Problem | None:
    """The first of `problems_brought`, if it refuses. For whoever judges thousands of lines: what
    would only be noted isn't reckoned."""
    found = _brought(fold, step, own, today, noted=False)
    return next((problem for problem in found if problem.refuses), None)


def _brought(
    fold: Fold, step: Step, own: Entry, today: date, noted: bool = True
) -> Iterator[Problem]:
    """`noted`: also the limits that are only noted where they are broken."""
    yield from _told(fold, step, own.answers, today)
    if fold.over and not fold.outlives(step):
        yield Problem(ProblemCode.CASE_ENDED, values={"status": fold.ended or ""})
    if type(own.done_on) is date:
        yield from _against(fold, step, own)
        yield from _within(fold, step, own, today, noted)
        yield from _over_gaps(fold, step, own)


def _told(fold: Fold, step: Step, answers: Answers, today: date) -> list[Problem]:
    """What is wrong with what a sheet says, not with what it doesn't: it answers few of the many
    questions of a step, and the others aren't looked at."""
    # Most steps of most sheets: the day alone.
    if step.plain_day is not None and answers.keys() == {step.day}:
        alone = _each((step.plain_day,), answers, frozenset(), today)
        return [problem for problem in alone if problem.code is not REQUIRED]
    answers = {name: value for name, value in answers.items() if value is not None}
    shown = _told_fields(step, answers)
    alone = _each(shown, answers, frozenset(), today)
    found = [problem for problem in alone if problem.code is not REQUIRED]
    if len(shown) < len(answers) or any(f.chooses or f.same_as is not None for f in shown):
        found += _together(fold, step, shown, answers, None)
    return found


def _told_fields(step: Step, answers: Answers) -> list[Field]:
    """The questions that a sheet answers, also those that depend on one it says nothing of: on
    which day a training began stands there, not how its length was counted."""
    shown = {field.id for field in shown_fields(step, answers)}

    def told(field: Field) -> bool:
        on = field.shown_if
        return field.id in shown or (on is not None and answers.keys().isdisjoint(on.names))

    return [field for field in step.fields if field.id in answers and told(field)]


def _over_gaps(fold: Fold, step: Step, own: Entry) -> Iterator[Problem]:
    """The day against the nearest steps before it that the sheet names."""
    waiting = [name for name in step.after if name not in fold.done]
    if not waiting:
        return
    seen = set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in fold.book.by_id:
            continue
        seen.add(name)
        for before in fold.book.by_id[name].after:
            entry = fold.done.get(before)
            if entry is None:
                waiting.append(before)
            elif own.done_on < entry.done_on:
                yield _before(fold, step, own, entry)


def _not_open(fold: Fold, step: Step) -> Iterator[Problem]:
    if fold.over and not fold.outlives(step):
        yield Problem(ProblemCode.CASE_ENDED, values={"status": fold.ended or fold.status.value})
    # Not again while it waits for a signature: two entries of one act would wait for it.
    elif step.id in fold.unsigned or not fold.is_open(step):
        missing: dict[str, object] = {"missing": fold.missing(step), "done": step.id in fold.done}
        if entry := fold.unsigned.get(step.id):
            missing["unsigned"] = frozenset(step.signed_by) - entry.signed
        yield Problem(ProblemCode.STEP_NOT_OPEN, "", True, step.source, missing, f"step_{step.id}")
    elif step.gate and fold.facts.holds:
        holds = tuple(hold.reason for hold in fold.facts.holds)
        yield Problem(ProblemCode.HOLD_OPEN, values={"holds": holds}, rule=f"gate_{step.id}")
    elif step.gate and (awaited := fold.awaited):
        titles = tuple(other.title for other in awaited)
        yield Problem(ProblemCode.AWAITED, values={"titles": titles}, rule=f"gate_{step.id}")


def _answers(
    fold: Fold, step: Step, answers: Answers, today: date, verdict: Verdict | None
) -> Iterator[Problem]:
    # A number that may be left out is required where a rule of the ballot rests on it.
    missing = frozenset[str]()
    if step.ballot:
        missing = counts_of(step.ballot) - totals_of(step, answers).keys()
    shown = shown_fields(step, answers)
    yield from _each(shown, answers, missing, today)
    yield from _together(fold, step, shown, answers, verdict)


def _together(
    fold: Fold,
    step: Step,
    shown: Iterable[Field],
    answers: Answers,
    verdict: Verdict | None,
) -> Iterator[Problem]:
    """Answers against each other, and against what was decided before."""
    if step.ballot:
        verdict = verdict or verdict_of(step, answers)
    for field in shown:
        if field.same_as is not None:
            yield from _as_before(fold, field, field.same_as, answers)
    if step.choices:
        yield from _picks(fold, step, shown, answers, verdict)
    asked = step.field_ids if step.asks_all else {field.id for field in shown}
    for name in sorted(answers.keys() - asked):
        yield Problem(ProblemCode.UNKNOWN_FIELD, field=name)


def _each(
    fields: Iterable[Field], answers: Answers, counts: frozenset[str], today: date
) -> Iterator[Problem]:
    """Each answer by itself. `counts`: the numbers that the ballot lacks."""
    for field in fields:
        value = answers.get(field.id)
        if value is None or (not value and is_missing(field, value)):
            if not field.optional or (field.count is not None and field.count in counts):
                yield by_rule(wrong(ProblemCode.REQUIRED, field), field.rule)
            continue
        problem = CHECKS[field.type](field, value, today)
        if problem is None and not field.stands_alone:
            problem = check_beside(field, value, answers)
        if problem is not None:
            yield problem if problem.rule else by_rule(problem, field.rule)
        elif field.expects is not None and value is not field.expects and field.rule:
            yield breaks(field.rule, field)


def _as_before(fold: Fold, field: Field, same: SameAs, answers: Answers) -> Iterator[Problem]:
    """An answer against what was decided at another step."""
    step_id, _, name = same.of.partition(".")
    entry = fold.newest(step_id)
    before, value = entry and entry.answers.get(name), answers.get(field.id)
    if before is not None and value is not None and value != before:
        problem = wrong(
            ProblemCode.NOT_AS_DECIDED, field, given=value, decided=before, step=step_id
        )
        yield by_rule(problem, same.rule)


def _picks(
    fold: Fold,
    step: Step,
    fields: Iterable[Field],
    answers: Answers,
    verdict: Verdict | None,
) -> Iterator[Problem]:
    """What was picked, against the numbers, and against what was decided before."""
    barred = fold.bars(step)
    for field, option in [(one, o) for one in fields if one.chooses for o in picked(one, answers)]:
        if option.shown_if is not None and not called_for(option, answers):
            yield by_rule(
                wrong(ProblemCode.NOT_VOTED_ON, field, option=option.id), _voted(step, option)
            )
        elif field.concludes:
            yield from _conclusion(field, option, verdict)
        again = option.once and _decided_before(fold, step, field, option)
        if again or (option.used_up_by and fold.spent(option)):
            yield by_rule(wrong(ProblemCode.ONLY_ONCE, field, option=option.id), option.rule)
        elif option.rule and not (option.once or option.used_up_by):
            yield breaks(option.rule, field)
        if against := barred.get(option.id):
            yield _barred(fold, field, against)


def _decided_before(fold: Fold, step: Step, field: Field, option: Option) -> bool:
    """Whether a case was decided so already, and that wasn't sent back."""
    return any(
        option in picked(field, entry.answers)
        for entry in fold.taken
        if entry.step == step.id and entry.number not in fold.sent_back
    )


def breaks(rule: Requirement, field: Field) -> Problem:
    """An answer that a rule doesn't allow, or doesn't like."""
    values = {"text": rule.text, "strength": rule.strength.value}
    return Problem(ProblemCode.BREAKS_RULE, field.id, rule.refuses, rule.source, values, rule.id)


def _voted(step: Step, option: Option) -> Requirement | None:
    """The rule behind the question that an option depends on."""
    return step.field(option.shown_if.names[0]).rule if option.shown_if else None


def _conclusion(field: Field, option: Option, verdict: Verdict | None) -> Iterator[Problem]:
    """A conclusion against what the numbers allow. Without a quorum nothing can be concluded: what
    is concluded against the person all the same is noted."""
    shares = verdict.shares if verdict else ()
    if not allowed_by(verdict, option):
        # With the share that failed, so that the refusal can say how many were lacking.
        code = ProblemCode.VERDICT_FAILS if option.needs_verdict else ProblemCode.VERDICT_PASSES
        failed = next((share for share in shares if not share.passed), None)
        source, rule = (failed.source, failed.rule) if failed else ("", "")
        yield Problem(code, field.id, True, source, _numbers(failed), rule)
        return
    for share in shares:
        if share.purpose == "quorum" and not share.passed:
            numbers = _numbers(share)
            yield Problem(ProblemCode.NO_QUORUM, field.id, False, share.source, numbers, share.rule)


def _barred(fold: Fold, field: Field, against: Entry) -> Problem:
    step = fold.book.step_on(against.step, against.done_on)
    values = {"step": step.id, "title": step.title}
    return Problem(ProblemCode.OPTION_BARRED, field.id, True, step.source, values)


def barred_options(
    book: Rulebook, facts: CaseFacts, step_id: str, calendar: WorkCalendar
) -> frozenset[str]:
    """Options of a step that an earlier conclusion leaves no room for."""
    fold, step = fold_of(book, facts, calendar), book.step(step_id)
    return frozenset(fold.bars(step)) | fold.used_up(step)


def _numbers(share: BallotShare | None) -> dict[str, object]:
    if share is None:
        return {}
    return {"rule": share.rule, "have": share.have, "needed": share.needed, "base": share.base}


def _sums(step: Step, answers: Answers) -> tuple[Problem, ...]:
    of_count = {field.count: field.id for field in step.counted}
    return tuple(
        replace(problem, field=of_count.get(problem.field, ""))
        for problem in check_totals(totals_of(step, answers))
    )


def _days(fold: Fold, step: Step, own: Entry, today: date) -> Iterator[Problem]:
    """The day of the entry against its conditions (refused), what has to be done regularly, and its
    limits."""
    yield from _against(fold, step, own)
    if step.regular:
        yield from _regular(fold, step, own)
    yield from _within(fold, step, own, today)


def _against(fold: Fold, step: Step, own: Entry) -> Iterator[Problem]:
    """The day of the entry against its conditions."""
    conditions = map(fold.done.get, step.after)
    # What reopened a step, or called for it, comes before it as its conditions do.
    for entry in (*conditions, fold.reopened.get(step.id), fold.calls.get(step.id)):
        if entry is not None and own.done_on < entry.done_on:
            yield _before(fold, step, own, entry)


def _before(fold: Fold, step: Step, own: Entry, earlier: Entry) -> Problem:
    """The day of an entry lies before that of one it follows."""
    values = {
        "day": own.done_on,
        "before": earlier.done_on,
        "step": earlier.step,
        "title": fold.book.step_on(earlier.step, earlier.done_on).title,
    }
    code, rule = ProblemCode.DAY_BEFORE_CONDITION, f"step_{step.id}"
    return Problem(code, step.day, True, step.source, values, rule)


def _within(
    fold: Fold, step: Step, own: Entry, today: date, noted: bool = True
) -> Iterator[Problem]:
    """The days of the entry against their limits. `noted`: also against those that never refuse."""
    for limit in fold.limits(step):
        if not (noted or limit.may_refuse):
            continue
        moved = fold.due(step, limit, own)
        if moved is not None and _beyond(own.done_on, moved[0], limit):
            yield _broken(fold, limit, own, (step.day, own.done_on, moved[0]), today)
    for field in step.bounded:
        yield from _bounds(fold, step, field, own, today, noted)


def _bounds(
    fold: Fold, step: Step, field: Field, own: Entry, today: date, noted: bool
) -> Iterator[Problem]:
    """The earliest and the latest of a date, or of a year."""
    value = own.answers.get(field.id)
    if value is None:
        return
    for limit in fold.limits(step, field):
        if not (noted or limit.may_refuse):
            continue
        moved = fold.day_of(limit, own)
        if moved is None:
            continue
        of_year = isinstance(value, int) and limit.unit is Unit.YEARS
        on = moved[0].year if of_year else moved[0]
        if isinstance(value, Day) and _beyond(value, on, limit):
            yield _broken(fold, limit, own, (field.id, value, on), today)


def _regular(fold: Fold, step: Step, own: Entry) -> Iterator[Problem]:
    """What happened under an earlier text is noted, as with its limits."""
    judged = own.done_on >= fold.book.in_force
    for lack in lacking(fold, step, own.done_on):
        rule = lack.need.rule
        values = {"text": lack.text, "strength": rule.strength.value}
        refuses = rule.refuses and judged
        yield Problem(ProblemCode.LACKING, step.day, refuses, rule.source, values, rule.id)


def _broken(
    fold: Fold, limit: Limit, own: Entry, given: tuple[str, Day, Day], today: date
) -> Problem:
    """`given`: the question, what was answered, and the day or year of the limit."""
    name, value, on = given
    refuses = limit.refuses
    if refuses is None:
        # Under an earlier text it happened and is only noted; a day that is ahead can be kept to.
        not_yet = type(on) is date and today < on
        refuses = limit.blocks and (own.done_on >= fold.book.in_force or not_yet)
    values = {
        "day": value,
        "limit": on,
        "text": limit.text,
        "strength": limit.strength.value,
        "in_force": fold.book.on(own.done_on).in_force,
        "refused": refuses,
    }
    running = limit.of.endswith(".last_day")
    early = ProblemCode.NOTICE_RUNNING if running else ProblemCode.TOO_EARLY
    code = early if limit.kind is LimitKind.NOT_BEFORE else ProblemCode.TOO_LATE
    return Problem(code, name, refuses, limit.source, values, limit.id)


def _beyond(value: Day, on: Day, limit: Limit) -> bool:
    """Whether a day or a year lies before what it may not lie before, or after what it has to be
    done by. A year and a day have nothing to do with each other."""
    first = limit.kind is LimitKind.NOT_BEFORE
    if isinstance(value, int) and isinstance(on, int):
        return value < on if first else value > on
    if type(value) is date and type(on) is date:
        return value < on if first else value > on
    return False


def _later(before: Fold, facts: CaseFacts, own: Entry) -> Iterator[Problem]:
    """A correction may not pull the ground from under what came after it. `before`: of the entries
    before it."""
    entries = sorted(facts.entries, key=attrgetter("number"))
    old = next(entry for entry in entries if entry.number == own.number)
    after = [entry for entry in entries if entry.number > own.number]
    broken = _cracks(before, own, after)
    # A correction isn't blamed for what was broken before it.
    already = _cracks(before, old, after)
    for number, entry in broken.items():
        if number not in already:
            yield Problem(
                ProblemCode.LATER_ENTRY, values={"step": entry.step, "day": entry.done_on}
            )


def _cracks(before: Fold, own: Entry, after: Iterable[Entry]) -> dict[int, Entry]:
    """Find the entries after `own` that their predecessors don't allow, by number."""
    fold, found = before.branch(), {}
    fold.take(own)
    for entry in after:
        if entry.step in fold.book.by_id:
            step = fold.book.step_on(entry.step, entry.done_on)
            # No day lies ahead: whether one could still be kept to was judged at the entry.
            problems = _days(fold, step, entry, date.max)
            shut = not entry.brought and not fold.is_open(step)
            if shut or any(problem.refuses for problem in problems):
                found[entry.number] = entry
        fold.take(entry)
    return found


__all__ = [
    "check_answer",
    "check_entry",
    "chosen",
    "fields_to_ask",
    "offered",
    "verdict_of",
]
