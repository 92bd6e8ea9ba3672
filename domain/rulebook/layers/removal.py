"""Steps taken out of a rulebook: what stood on them stands on what they stood on."""

from collections.abc import Iterable, Mapping

from domain.rulebook.layers.replaced import replaced
from domain.rulebook.schema import Field, Limit, Option, Rulebook, Step


def taken_out(book: Rulebook, gone: Iterable[str]) -> Rulebook:
    """`book` without these steps and without everything that names them."""
    names = frozenset(gone)
    if not names:
        return book
    steps = without(book.steps, names)
    return replaced(
        book,
        steps=steps,
        by_id={step.id: step for step in steps},
        landmarks=tuple(mark for mark in book.landmarks if mark.after not in names),
        approved_by=tuple(name for name in book.approved_by if name not in names),
    )


def without(steps: Iterable[Step], gone: Iterable[str]) -> tuple[Step, ...]:
    """`steps` in their order without those named, and without limits that count from them."""
    by_id, names = {step.id: step for step in steps}, frozenset(gone)
    kept = (step for step in by_id.values() if step.id not in names)
    return tuple(_standing(step, by_id, names) for step in kept)


def _standing(step: Step, by_id: Mapping[str, Step], gone: frozenset[str]) -> Step:
    return replaced(
        step,
        after=_conditions(step, by_id, gone),
        limits=_limits(step.limits, gone),
        fields=tuple(_field(field, gone) for field in step.fields),
        called_by=tuple(call for call in step.called_by if call.step not in gone),
        when=_left(step.when, gone),
        not_while=_left(step.not_while, gone),
        until="" if step.until in gone else step.until,
        regular=tuple(need for need in step.regular if need.step not in gone),
    )


def _left(names: Iterable[str], gone: frozenset[str]) -> tuple[str, ...]:
    """Of step ids, or of "step.field"."""
    return tuple(name for name in names if name.strip().split(".")[0] not in gone)


def _limits(limits: Iterable[Limit], gone: frozenset[str]) -> tuple[Limit, ...]:
    left = (_limit(limit, gone) for limit in limits if limit.when not in gone)
    # A limit that counts from nothing any more is none.
    return tuple(limit for limit in left if limit.of)


def _limit(limit: Limit, gone: frozenset[str]) -> Limit:
    """Of several days to count from, those left; `of` is empty where none is."""
    of = "|".join(_left(limit.of.split("|"), gone))
    return replaced(limit, of=of, extended_by="|".join(_left(limit.extended_by.split("|"), gone)))


def _conditions(step: Step, by_id: Mapping[str, Step], gone: frozenset[str]) -> tuple[str, ...]:
    """Those left, and those inherited that no other one stands on."""
    after: list[str] = []
    waiting = list(step.after)
    while waiting:
        name = waiting.pop(0)
        if name in gone and name in by_id:
            # Inherit in place, not behind the others: the order stays that of the work.
            waiting = [*by_id[name].after, *waiting]
        elif name not in after:
            after.append(name)
    # An inherited condition on which another one stands anyway would only be said twice.
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
        return replaced(
            option,
            reopens=_left(option.reopens, gone),
            bars=_left(option.bars, gone),
            used_up_by=_left(option.used_up_by, gone),
            bars_until="" if option.bars_until in gone else option.bars_until,
        )

    options = tuple(left(option) for option in field.options)
    same = field.same_as if field.same_as and _left((field.same_as.of,), gone) else None
    known = "|".join(
        one for one in field.known_from if one.removeprefix("count:").split(".")[0] not in gone
    )
    limits = _limits(field.limits, gone)
    return replaced(field, options=options, limits=limits, same_as=same, known=known)
