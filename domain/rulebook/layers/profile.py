"""Lays a profile over the rulebook it extends.

A profile adds steps (at `before`), and to existing steps fields, limits, ballot rules, conditions;
it may say from where advice counts.
Nothing of the core can be taken away here; `domain.rulebook.validation.strictness` refuses what
would soften it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from domain.rulebook.links import Each
from domain.rulebook.schema import (
    BallotRule,
    BodyRule,
    Field,
    Guide,
    Limit,
    Option,
    Paper,
    Role,
    Step,
    Strength,
)

T = TypeVar("T", Step, Field)
P = TypeVar("P")


@dataclass(frozen=True)
class Placed(Generic[P]):
    """Something to be put before the one with this id; at the end where `before` is empty."""

    item: P
    before: str


@dataclass(frozen=True)
class Addition:
    """What a profile adds to a step of its core. None: left as it is."""

    step: str
    fields: tuple[Placed[Field], ...]
    limits: tuple[Limit, ...]
    ballot: tuple[BallotRule, ...]
    papers: tuple[Paper, ...]
    after: tuple[str, ...]
    not_while: tuple[str, ...]
    actors: tuple[Role, ...]
    signed_by: tuple[Role, ...]
    each_signs: tuple[Role, ...]
    notice_days: int | None
    notice_working_days: int | None
    notice_source: str
    gate: bool | None
    guide: Guide | None
    bodies: tuple[BodyRule, ...]
    each: Mapping[str, Each]
    counts_from: Mapping[str, str]


class NotAdvised(Exception):
    """There is no such limit, or it binds."""


def insert(items: Iterable[T], added: Iterable[Placed[T]]) -> tuple[T, ...]:
    """Each added one before the one it names, else at the end. KeyError(id) for a name unknown."""
    found = list(items)
    for new in added:
        if not new.before:
            found.append(new.item)
            continue
        places = [place for place, item in enumerate(found) if item.id == new.before]
        if not places:
            raise KeyError(new.before)
        found.insert(places[0], new.item)
    return tuple(found)


def extend(step: Step, added: Addition) -> Step:
    """The step with everything added. KeyError(id) for a field that
    isn't in the step, NotAdvised(id) for a limit that can't be counted anew."""
    return replace(
        step,
        fields=insert(_each(step, added), added.fields),
        limits=(*_counted_anew(step, added), *added.limits),
        ballot=step.ballot + added.ballot,
        papers=step.papers + added.papers,
        after=_union(step.after, added.after),
        not_while=_union(step.not_while, added.not_while),
        actors=_union(step.actors, added.actors),
        signed_by=_union(step.signed_by, added.signed_by),
        each_signs=_union(step.each_signs, added.each_signs),
        notice_days=step.notice_days if added.notice_days is None else added.notice_days,
        notice_working_days=(
            step.notice_working_days
            if added.notice_working_days is None
            else added.notice_working_days
        ),
        notice_source=added.notice_source or step.notice_source,
        gate=step.gate if added.gate is None else added.gate,
        guide=_guide(step.guide, added.guide),
        bodies=step.bodies + added.bodies,
    )


def _each(step: Step, added: Addition) -> Iterator[Field]:
    if unknown := added.each.keys() - {field.id for field in step.fields}:
        raise KeyError(min(unknown))
    for field in step.fields:
        yield replace(field, each=added.each.get(field.id, field.each))


def _counted_anew(step: Step, added: Addition) -> Iterator[Limit]:
    """Advice counts from what a profile put in between. What binds counts from where it did."""
    advised = {limit.id for limit in step.limits if limit.strength is Strength.ADVISED}
    if others := added.counts_from.keys() - advised:
        raise NotAdvised(min(others))
    for limit in step.limits:
        yield replace(limit, of=added.counts_from.get(limit.id, limit.of))


U = TypeVar("U")


def _union(old: tuple[U, ...], new: tuple[U, ...]) -> tuple[U, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _guide(old: Guide | None, new: Guide | None) -> Guide | None:
    if old is None or new is None:
        return old
    return replace(
        old,
        prepare=new.prepare + old.prepare,
        acts=new.acts + old.acts,
        faults=old.faults + new.faults,
    )


def interposed(core: tuple[Step, ...], steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """What the core reopens is reopened with the steps a profile put in between: a visit before
    full membership is due again where the application for it is."""
    own = {step.id for step in core}
    above = _ancestors(steps)
    return tuple(_reopening(step, above, own) if step.id in own else step for step in steps)


def _ancestors(steps: tuple[Step, ...]) -> dict[str, frozenset[str]]:
    """All conditions of each step, with the conditions of those. Unknown ones are left to the
    consistency check, as are circles: a step is only looked at once."""
    found: dict[str, frozenset[str]] = {}
    for step in steps:
        further = [found.get(name, frozenset()) for name in step.after]
        found[step.id] = frozenset(step.after).union(*further)
    return found


def _reopening(step: Step, above: dict[str, frozenset[str]], core: set[str]) -> Step:
    def wider(option: Option) -> Option:
        if not option.reopens:
            return option
        between = [
            name
            for name, conditions in above.items()
            if name not in core
            and conditions & set(option.reopens)
            and any(name in above.get(later, ()) for later in option.reopens)
        ]
        return replace(option, reopens=_union(option.reopens, tuple(between)))

    fields = (replace(f, options=tuple(wider(o) for o in f.options)) for f in step.fields)
    return replace(step, fields=tuple(fields))
