"""Steps taken out of a rulebook: what stood on them stands on what they stood on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain.rulebook.schema import Field, Option, Step


def without(steps: Iterable[Step], gone: Iterable[str]) -> tuple[Step, ...]:
    """`steps` in their order without those named, and without limits that count from them."""
    by_id, names = {step.id: step for step in steps}, frozenset(gone)
    kept = (step for step in by_id.values() if step.id not in names)
    return tuple(_standing(step, by_id, names) for step in kept)


def _standing(step: Step, by_id: Mapping[str, Step], gone: frozenset[str]) -> Step:
    limits = tuple(limit for limit in step.limits if limit.of.split(".")[0] not in gone)
    fields = tuple(_field(field, gone) for field in step.fields)
    return replace(step, after=_conditions(step, by_id, gone), limits=limits, fields=fields)


def _conditions(step: Step, by_id: Mapping[str, Step], gone: frozenset[str]) -> tuple[str, ...]:
    """Those left, and those inherited that no other one stands on."""
    after: list[str] = []
    waiting = list(step.after)
    while waiting:
        name = waiting.pop(0)
        if name in gone:
            waiting = [*by_id[name].after, *waiting]
        elif name not in after:
            after.append(name)
    own = set(step.after)
    return tuple(
        name
        for name in after
        if name in own or not any(_stands_on(other, name, by_id) for other in after)
    )


def _stands_on(name: str, condition: str, by_id: Mapping[str, Step]) -> bool:
    """Unknown names are left to the consistency check."""
    below = by_id[name].after if name in by_id else ()
    return condition in below or any(_stands_on(other, condition, by_id) for other in below)


def _field(field: Field, gone: frozenset[str]) -> Field:
    def left(option: Option) -> Option:
        return replace(option, reopens=tuple(n for n in option.reopens if n not in gone))

    return replace(field, options=tuple(left(option) for option in field.options))
