"""Whether an answer, and a whole entry, can stand: what to ask, what is wrong, by which rule."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from domain.ballots import check_totals, judge, known_bases, totals_of
from domain.calendar import WorkCalendar
from domain.facts import Answers, CaseFacts, Entry, Problem, Value, Verdict
from domain.progress import Fold, chosen
from domain.schema import Field, FieldType, LimitKind, Option, Rulebook, Step, Strength

LONGEST = 2000
EARLIEST_DAY = date(1900, 1, 1)
LISTS = (FieldType.CHOICES, FieldType.CHECKLIST, FieldType.PROOF, FieldType.PERSONS)


def verdict_of(step: Step, answers: Answers) -> Verdict | None:
    """What the numbers allow; None for a step without a ballot or while numbers are missing."""
    totals = totals_of(step, answers)
    if not step.ballot or not known_bases(step.ballot, totals):
        return None
    return judge(step.ballot, totals)


def offered(field: Field, verdict: Verdict | None) -> tuple[Option, ...]:
    """The options that the verdict leaves."""
    return tuple(
        option
        for option in field.options
        if option.needs_verdict is None
        or (verdict is not None and option.needs_verdict is verdict.passed)
    )


def fields_to_ask(step: Step, answers: Answers) -> tuple[Field, ...]:
    """The fields that the answers so far call for, in their order."""
    asked: dict[str, Field] = {}
    for field in step.fields:
        if field.shown_if is None or (
            field.shown_if[0] in asked and _holds(answers.get(field.shown_if[0]), field.shown_if[1])
        ):
            asked[field.id] = field
    return tuple(asked.values())


def _holds(value: Value | None, wanted: tuple[str, ...]) -> bool:
    if isinstance(value, bool):
        return str(value).lower() in wanted
    if isinstance(value, tuple):
        return bool(set(value) & set(wanted))
    return value in wanted


def check_answer(field: Field, value: Value, today: date) -> Problem | None:
    """What is wrong with one answer by itself, or None."""
    return CHECKS[field.type](field, value, today)


def _wrong(code: str, field: Field, **values: object) -> Problem:
    return Problem(code=code, field=field.id, values=values)


def _text(field: Field, value: Value, today: date) -> Problem | None:
    if not isinstance(value, str) or not value.strip():
        return _wrong("required", field)
    longest = field.maximum or LONGEST
    if len(value) > longest:
        return _wrong("too_long", field, maximum=longest, given=len(value))
    if len(value.strip()) < (field.minimum or 0):
        return _wrong("too_short", field, minimum=field.minimum, given=len(value.strip()))
    return None


def _number(field: Field, value: Value, today: date) -> Problem | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return _wrong("not_a_number", field)
    lowest = 0 if field.minimum is None else field.minimum
    highest = 99_999 if field.maximum is None else field.maximum
    if value < lowest:
        return _wrong("too_small", field, minimum=lowest, given=value)
    if value > highest:
        return _wrong("too_big", field, maximum=highest, given=value)
    return None


def _date(field: Field, value: Value, today: date) -> Problem | None:
    if not isinstance(value, date) or value < EARLIEST_DAY:
        return _wrong("not_a_day", field)
    if value > today and not field.future:
        return _wrong("day_ahead", field, day=value, today=today)
    return None


def _flag(field: Field, value: Value, today: date) -> Problem | None:
    return None if isinstance(value, bool) else _wrong("unknown_option", field)


def _choice(field: Field, value: Value, today: date) -> Problem | None:
    known = {option.id for option in field.options}
    return None if value in known else _wrong("unknown_option", field)


def _person(field: Field, value: Value, today: date) -> Problem | None:
    return None if isinstance(value, str) and value else _wrong("required", field)


def _list(field: Field, value: Value, today: date) -> Problem | None:
    if not isinstance(value, tuple):
        return _wrong("unknown_option", field)
    known = {option.id for option in field.options}
    if (known and not set(value) <= known) or len(set(value)) != len(value):
        return _wrong("unknown_option", field)
    lowest = field.minimum if field.minimum is not None else int(not field.optional)
    if len(value) < lowest and not (field.optional and not value):
        return _wrong("too_few", field, minimum=lowest, given=len(value))
    if field.maximum is not None and len(value) > field.maximum:
        return _wrong("too_many", field, maximum=field.maximum, given=len(value))
    return None


CHECKS: Mapping[FieldType, Callable[[Field, Value, date], Problem | None]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.FLAG: _flag,
    FieldType.CHOICE: _choice,
    FieldType.PERSON: _person,
    **dict.fromkeys(LISTS, _list),
}


def check_entry(
    book: Rulebook,
    facts: CaseFacts,
    step_id: str,
    answers: Answers,
    today: date,
    calendar: WorkCalendar,
    replaces: int | None = None,
) -> tuple[Problem, ...]:
    """Everything wrong with an entry, what refuses it first. `replaces`: the number of the entry
    that this one corrects; then the entries after it must still be possible."""
    step = book.step(step_id)
    before = tuple(e for e in facts.entries if replaces is None or e.number < replaces)
    fold = Fold(book, CaseFacts(facts.opened_on, before, facts.holds), calendar)
    found = [*_not_open(fold, step), *_answers(step, answers, today), *_sums(step, answers)]
    day = answers.get(step.day)
    if isinstance(day, date):
        own = Entry(replaces or _next_number(facts), step.id, day, answers, today)
        found += _days(fold, step, own)
        if replaces is not None and not any(problem.refuses for problem in found):
            found += _later(book, facts, own, calendar)
    return tuple(sorted(found, key=lambda problem: not problem.refuses))


def _next_number(facts: CaseFacts) -> int:
    return max((entry.number for entry in facts.entries), default=0) + 1


def _not_open(fold: Fold, step: Step) -> Iterator[Problem]:
    if fold.ended is not None:
        yield Problem("case_ended", values={"status": fold.ended})
    elif not fold.is_open(step):
        missing = tuple(name for name in step.after if name not in fold.done)
        yield Problem("step_not_open", source=step.source, values={"missing": missing})
    elif step.gate and fold.facts.holds:
        holds = tuple(hold.reason for hold in fold.facts.holds)
        yield Problem("hold_open", values={"holds": holds})


def _answers(step: Step, answers: Answers, today: date) -> Iterator[Problem]:
    verdict = verdict_of(step, answers)
    asked = fields_to_ask(step, answers)
    for field in asked:
        value = answers.get(field.id)
        if value is None or value == ():
            if not field.optional:
                yield _wrong("required", field)
        elif problem := check_answer(field, value, today):
            yield problem
        elif field.type is FieldType.CHOICE and step.ballot:
            option = next(item for item in field.options if item.id == value)
            if option not in offered(field, verdict):
                code = "verdict_fails" if option.needs_verdict else "verdict_passes"
                yield _wrong(code, field, option=option.id)
    unasked = answers.keys() - {field.id for field in asked}
    for name in sorted(unasked):
        yield Problem("unknown_field", field=name)


def _sums(step: Step, answers: Answers) -> tuple[Problem, ...]:
    of_count = {field.count: field.id for field in step.fields if field.count}
    return tuple(
        Problem(p.code, of_count.get(p.field, ""), p.refuses, p.source, p.values)
        for p in check_totals(totals_of(step, answers))
    )


def _days(fold: Fold, step: Step, own: Entry) -> Iterator[Problem]:
    """The day of the entry against its conditions (refused) and its limits (a breach is noted)."""
    for name in step.after:
        entry = fold.done.get(name)
        if entry is not None and own.done_on < entry.done_on:
            values = {"day": own.done_on, "before": entry.done_on, "step": name}
            yield Problem("day_before_condition", step.day, True, step.source, values)
    for limit in step.limits:
        moved = fold.day_of(limit, own)
        if moved is None or limit.kind is LimitKind.EVERY:
            continue
        values = {"day": own.done_on, "limit": moved[0], "text": limit.text}
        if limit.kind is LimitKind.NOT_BEFORE and own.done_on < moved[0]:
            refuses = limit.strength is not Strength.ADVISED
            yield Problem("too_early", step.day, refuses, limit.source, values)
        elif limit.kind is LimitKind.WITHIN and own.done_on > moved[0]:
            yield Problem("too_late", step.day, False, limit.source, values)


def _later(
    book: Rulebook, facts: CaseFacts, own: Entry, calendar: WorkCalendar
) -> Iterator[Problem]:
    """A correction may not pull the ground from under what came after it."""
    entries = [own if e.number == own.number else e for e in facts.entries]
    for entry in sorted(entries, key=lambda item: item.number):
        if entry.number <= own.number:
            continue
        before = tuple(e for e in entries if e.number < entry.number)
        fold = Fold(book, CaseFacts(facts.opened_on, before), calendar)
        step = book.step(entry.step)
        fits = step.id in fold.unsigned or fold.is_open(step)
        if not fits or any(problem.refuses for problem in _days(fold, step, entry)):
            yield Problem("later_entry", values={"step": step.id, "day": entry.done_on})


__all__ = ["check_answer", "check_entry", "chosen", "fields_to_ask", "offered", "verdict_of"]
