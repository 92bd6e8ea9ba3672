"""What a rulebook may not say: references to nothing, ids twice, a profile weaker than its core."""

from collections import Counter
from collections.abc import Iterable, Iterator

from domain.ballots import COUNTS
from domain.schema import FieldType, Rulebook, Step, Strength

Finding = tuple[str, str]
"""Key and reason."""


def contradictions(book: Rulebook, base: Rulebook | None) -> Iterator[Finding]:
    """Everything wrong with `book`; `base` is the rulebook that it extends."""
    yield from _twice("steps", (step.id for step in book.steps))
    stages = {stage.id for stage in book.stages}
    earlier: set[str] = set()
    for step in book.steps:
        key = f"steps[{step.id}]"
        if step.stage not in stages:
            yield f"{key}.stage", f"no such stage: {step.stage}"
        for before in step.after:
            if before not in earlier:
                yield f"{key}.after", f"not a step before this one: {before}"
        earlier.add(step.id)
        yield from _fields(key, step, book)
        yield from _limits(key, step, book)
        yield from _ballot(key, step)
    if base is not None:
        yield from _weaker(book, base)


def _twice(key: str, ids: Iterable[str]) -> Iterator[Finding]:
    for item, number in Counter(ids).items():
        if number > 1:
            yield f"{key}[{item}]", "this id stands here twice"


def _fields(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    yield from _twice(f"{key}.fields", (field.id for field in step.fields))
    types = {field.id: field.type for field in step.fields}
    if types.get(step.day) is not FieldType.DATE:
        yield f"{key}.day", f"no date field of this step: {step.day}"
    known: dict[str, set[str]] = {}
    for field in step.fields:
        here = f"{key}.fields[{field.id}]"
        if field.count is not None and field.count not in COUNTS:
            yield f"{here}.count", f"no such ballot number: {field.count}"
        if field.type in CHOOSING and not field.options:
            yield f"{here}.options", "a choice needs options"
        if field.shown_if and not set(field.shown_if[1]) <= known.get(field.shown_if[0], set()):
            yield f"{here}.shown_if", "no such option of an earlier field"
        known[field.id] = {option.id for option in field.options} | BOTH[field.type]
        yield from _twice(f"{here}.options", (option.id for option in field.options))
        for option in field.options:
            for name in option.reopens:
                if name not in book.by_id:
                    yield f"{here}.options[{option.id}].reopens", f"no such step: {name}"


CHOOSING = (FieldType.CHOICE, FieldType.CHOICES, FieldType.CHECKLIST)
BOTH: dict[FieldType, set[str]] = {
    kind: {"true", "false"} if kind is FieldType.FLAG else set() for kind in FieldType
}
"""A flag can be asked about as if it were a choice."""


def _limits(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    yield from _twice(f"{key}.limits", (limit.id for limit in step.limits))
    if step.until and step.until not in book.by_id:
        yield f"{key}.until", f"no such step: {step.until}"
    for limit in step.limits:
        here = f"{key}.limits[{limit.id}]"
        for reference in limit.of.split("|"):
            if not _refers(reference, book):
                yield f"{here}.of", f"no such step or date field: {reference}"
        if limit.extended_by and not _refers(limit.extended_by, book):
            yield f"{here}.extended_by", f"no such field: {limit.extended_by}"


def _refers(reference: str, book: Rulebook) -> bool:
    step_id, _, field_id = reference.partition(".")
    step = book.by_id.get(step_id)
    if step is None:
        return False
    if field_id == "last_day":
        return step.notice_days > 0 or step.notice_working_days > 0
    return not field_id or any(field.id == field_id for field in step.fields)


def _ballot(key: str, step: Step) -> Iterator[Finding]:
    yield from _twice(f"{key}.ballot", (rule.id for rule in step.ballot))
    counts = {field.count for field in step.fields if field.count}
    for rule in step.ballot:
        here = f"{key}.ballot[{rule.id}]"
        if rule.op not in (">", ">="):
            yield f"{here}.op", "expected > or >="
        if not 0 < rule.share <= 1:
            yield f"{here}.share", "expected a fraction above 0 and up to 1"
        for count in (*rule.of.split("+"), *rule.base.split("+")):
            if count not in counts:
                yield here, f"no field of this step holds this number: {count}"


def _weaker(book: Rulebook, base: Rulebook) -> Iterator[Finding]:
    """A profile may add and lengthen; it may not shorten, lift a gate or speak for the nation."""
    for core in base.steps:
        step = book.by_id[core.id]
        key = f"adds[{core.id}]"
        for name in ("notice_days", "notice_working_days"):
            ours, theirs = getattr(step, name), getattr(core, name)
            if ours < theirs:
                yield f"{key}.{name}", f"{ours} is shorter than {theirs} ({core.source})"
        if core.gate and not step.gate:
            yield f"{key}.gate", f"the core holds this gate ({core.source})"
        for limit in step.limits[len(core.limits) :]:
            if limit.strength is Strength.LEGAL:
                yield f"{key}.limits[{limit.id}].strength", "a profile can't set a national limit"
        for rule in step.ballot[len(core.ballot) :]:
            if rule.layer is Strength.LEGAL:
                yield f"{key}.ballot[{rule.id}].layer", "a profile can't set a national threshold"
