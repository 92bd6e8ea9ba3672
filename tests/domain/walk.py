"""Walks cases through a rulebook: by the straight way, or filling in by chance what is asked."""

from datetime import date, timedelta
from functools import cache
from random import Random

from domain.case.entry_validation import check_entry, fields_to_ask
from domain.case.facts import CaseFacts, Entry, OpenStep, Progress, Value
from domain.case.progress import assess
from domain.rulebook.kinds import LISTS
from domain.rulebook.schema import Effect, Field, FieldType, LimitKind, Role, Rulebook, Step
from tests.domain.books import CALENDAR

START = date(2026, 5, 31)
NONE = timedelta(0)
DAYS = {"began_on": timedelta(days=2)}
"""Before the day of the step."""


def totals(chance: Random, won: bool | None) -> dict[str, int]:
    """Numbers that fit together; `won`: with a clear majority, None: as it comes."""
    everybody = chance.randint(4, 40)
    present = everybody if won else chance.randint(everybody // 2, everybody)
    yes = present if won else chance.randint(0, present)
    return {
        "entitled": everybody, "due": everybody, "present": present, "written": 0,
        "issued": present, "returned": present, "valid": present,
        "yes": yes, "no": present - yes, "abstain": 0,
    }  # fmt: skip


def value(field: Field, counts: dict[str, int], chance: Random, on: date, straight: bool) -> Value:
    if field.count:
        return counts[field.count]
    if field.type in LISTS:
        wanted = max(field.minimum or 1, 1)
        known = [option.id for option in field.options] or ["one", "two", "three"]
        return tuple(known[:wanted])
    if field.type is FieldType.CHOICE:
        done = [option for option in field.options if option.effect is Effect.DONE]
        return ((done or field.options)[0] if straight else chance.choice(field.options)).id
    if field.type is FieldType.NUMBER and (straight or field.id == "year"):
        return on.year if field.id == "year" else field.minimum or 1
    if field.type is FieldType.NUMBER:
        return chance.randint(field.minimum or 0, field.maximum or 50)
    if field.type is FieldType.DATE:
        return date(1990, 5, 5) if field.id == "born_on" else on - DAYS.get(field.id, NONE)
    if field.type is FieldType.FLAG:
        return True if straight else chance.random() < 0.5
    return "办理情况如实记录"


def fill(step: Step, on: date, chance: Random, straight: bool = False) -> dict[str, Value]:
    """Answers to all a step asks, asked again until nothing new is asked."""
    counts = totals(chance, True if straight else None)
    answers: dict[str, Value] = {step.day: on}
    while missing := [f for f in fields_to_ask(step, answers) if f.id not in answers]:
        field = missing[0]
        answers[field.id] = value(field, counts, chance, on, straight)
    return answers


def made(case: CaseFacts, step: Step, on: date, answers: dict[str, Value]) -> CaseFacts:
    entry = Entry(len(case.entries) + 1, step.id, on, answers, on, "book", frozenset(Role))
    return CaseFacts(case.opened_on, (*case.entries, entry), case.holds)


def due(item: OpenStep, today: date) -> bool:
    """What has to be done now: a step once, what repeats when its day has come."""
    return not item.step.repeats or any(deadline.on <= today for deadline in item.deadlines)


def review(progress: Progress) -> tuple[Step, date] | None:
    """The step that comes again, and the day by which it is taken once more."""
    for item in progress.open:
        every = {limit.id for limit in item.step.limits if limit.kind is LimitKind.EVERY}
        for deadline in item.deadlines:
            if deadline.limit in every:
                return item.step, deadline.on
    return None


def next_day(progress: Progress, today: date) -> date:
    """The next one on which something may have changed by itself: until then only time is missing,
    and each day would be looked at in vain."""
    if any(item.possible and due(item, today) for item in progress.open):
        return today + timedelta(days=1)
    days = []
    for item in progress.open:
        until = [blocker.until for blocker in item.blockers]
        known = [day for day in until if day is not None]
        if len(known) == len(until):
            days.append(max([*known, *([] if known else [d.on for d in item.deadlines])]))
    later = [day for day in days if day > today]
    return min(later, default=today + timedelta(days=1))


def faultless(
    book: Rulebook, case: CaseFacts, step: Step, answers: dict[str, Value], on: date
) -> bool:
    return not check_entry(book, case, step.id, answers, on, CALENDAR)


@cache
def straight_way(book: Rulebook) -> tuple[tuple[Entry, CaseFacts], ...]:
    """A case from application to archive without a fault, each entry with the case before it. A day
    goes by while only time is missing, or while something would be noted."""
    case, today, chance = CaseFacts(START), START, Random(1)
    way = list[tuple[Entry, CaseFacts]]()
    while len(way) < 200:
        progress = assess(book, case, today, CALENDAR)
        ready = [item.step for item in progress.open if item.possible and due(item, today)]
        if not progress.open:
            return tuple(way)
        answered = ((step, fill(step, today, chance, straight=True)) for step in ready)
        taken = next((item for item in answered if faultless(book, case, *item, today)), None)
        if taken is None:
            today = next_day(progress, today)
            assert today < START + timedelta(days=2000), [step.id for step in ready]
            continue
        step, answers = taken
        after = made(case, step, today, answers)
        way.append((after.entries[-1], case))
        case = after
    raise AssertionError(f"no end in sight: {[entry.step for entry, _ in way]}")
