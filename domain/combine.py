"""Lays a profile over the rulebook it extends.

A profile adds steps (at `before`), and to existing steps fields, limits, ballot rules, conditions.
Nothing of the core can be taken away here; `domain.weaker` refuses what would soften it.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from domain.parts import Addition, Placed
from domain.schema import Field, Guide, Step

T = TypeVar("T", Step, Field)


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
    """The step with everything added. KeyError(id) for an added field before an unknown one."""
    return replace(
        step,
        fields=insert(step.fields, added.fields),
        limits=step.limits + added.limits,
        ballot=step.ballot + added.ballot,
        papers=step.papers + added.papers,
        after=_union(step.after, added.after),
        actors=_union(step.actors, added.actors),
        signed_by=_union(step.signed_by, added.signed_by),
        notice_days=step.notice_days if added.notice_days is None else added.notice_days,
        notice_working_days=(
            step.notice_working_days
            if added.notice_working_days is None
            else added.notice_working_days
        ),
        gate=step.gate if added.gate is None else added.gate,
        guide=_guide(step.guide, added.guide),
    )


U = TypeVar("U")


def _union(old: tuple[U, ...], new: tuple[U, ...]) -> tuple[U, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _guide(old: Guide | None, new: Guide | None) -> Guide | None:
    if old is None or new is None:
        return old
    return replace(
        old,
        prepare=old.prepare + new.prepare,
        acts=old.acts + new.acts,
        faults=old.faults + new.faults,
    )
