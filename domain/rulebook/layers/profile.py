"""Lays a profile over the rulebook it extends.

A profile adds steps (at `before`), and to existing steps fields, limits, ballot rules, conditions;
it may say from where advice counts.
Nothing of the core can be taken away here; `domain.rulebook.validation.strictness` refuses what
would soften it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from domain.rulebook.layers.replaced import replaced
from domain.rulebook.questions import Each, StepTrigger
from domain.rulebook.schema import (
    BallotRule,
    BodyRule,
    Field,
    Limit,
    Option,
    Paper,
    Requirement,
    Role,
    Step,
    StepGuide,
    Strength,
    Text,
)

T = TypeVar("T", Step, Field)


@dataclass(frozen=True, kw_only=True)
class PlacedStep(Step):
    """A step of a profile's own."""

    before: str = ""
    """The step that it stands before; left out: at the end."""
    instead_of: str = ""
    """A step of the core that is advised and called for, and that falls away for this one."""

    def plain(self) -> Step:
        return Step(**{item.name: getattr(self, item.name) for item in fields(Step)})


@dataclass(frozen=True, kw_only=True)
class PlacedField(Field):
    """A question that a profile adds."""

    before: str = ""
    """The question that it is asked before; left out: at the end."""

    def plain(self) -> Field:
        return Field(**{item.name: getattr(self, item.name) for item in fields(Field)})


@dataclass(frozen=True)
class AddedGuide:
    """What a city adds to the guide of a step; why the step is there, the core says."""

    prepare: tuple[Text, ...] = ()
    """What to have at hand; said before the core's."""
    acts: tuple[Text, ...] = ()
    """What to do, in order; said before the core's."""
    faults: tuple[Text, ...] = ()
    """What is often done wrong; said after the core's."""


@dataclass(frozen=True)
class AddedEach:
    """A list of the core that holds at least one for each pick of another list."""

    field: str
    """The list of the core."""
    of: str
    """The other list, asked before it."""
    rule: Requirement
    """The rule behind it."""


@dataclass(frozen=True)
class CountedFrom:
    """Advice of the core that counts from what a profile put in between."""

    limit: str
    """An advised limit of the core."""
    of: str
    """The day from which it counts here."""


@dataclass(frozen=True)
class AddedVerdict:
    """An answer of the core that the ballot decides on here."""

    field: str
    """The choice of the core."""
    option: str
    """The answer, which the core offers whatever the numbers are."""
    needs_verdict: bool
    """`true`: only offered when the ballot passes by every rule; `false`: only when it fails."""


@dataclass(frozen=True)
class Addition:
    """What a profile adds to a step of its core. What is left out stays as it is."""

    step: str
    """The step of the core that is added to."""
    fields: tuple[PlacedField, ...] = ()
    """More questions."""
    limits: tuple[Limit, ...] = ()
    """More time limits, none of them softer than the core's."""
    ballot: tuple[BallotRule, ...] = ()
    """More quorums and majorities; all have to pass."""
    papers: tuple[Paper, ...] = ()
    """More papers."""
    after: tuple[str, ...] = ()
    """More steps that must be done before it."""
    called_by: tuple[StepTrigger, ...] = ()
    """More that calls for it."""
    not_while: tuple[str, ...] = ()
    """More steps that keep it shut while they are called for."""
    actors: tuple[Role, ...] = ()
    """Others who may enter it as well."""
    signed_by: tuple[Role, ...] = ()
    """Others who must sign it as well."""
    each_signs: tuple[Role, ...] = ()
    """Roles of which everybody signs."""
    notice_days: int | None = None
    """A longer notice, in calendar days."""
    notice_working_days: int | None = None
    """A longer notice, in working days."""
    notice_source: str = ""
    """Where the longer notice stands."""
    gate: bool | None = None
    """`true`: it can't be passed while a report is open."""
    guide: AddedGuide | None = None
    """More of its guide."""
    bodies: tuple[BodyRule, ...] = ()
    """Who decides what here, by the city's document."""
    each: tuple[AddedEach, ...] = ()
    """Lists of the core of which one is wanted for each pick of another."""
    counts_from: tuple[CountedFrom, ...] = ()
    """Advice of the core that counts from elsewhere."""
    verdicts: tuple[AddedVerdict, ...] = ()
    """Answers of the core that the ballot decides on."""


class NotAdvised(Exception):
    """There is no such limit, or it binds."""


class NotOpen(Exception):
    """There is no such answer, or the core lets the ballot decide on it already."""


def insert(items: Iterable[T], added: Iterable[tuple[T, str]]) -> tuple[T, ...]:
    """Each added one before the one it names, else at the end. KeyError(id) for a name unknown."""
    found = list(items)
    for new, before in added:
        if not before:
            found.append(new)
            continue
        places = [place for place, item in enumerate(found) if item.id == before]
        if not places:
            raise KeyError(before)
        found.insert(places[0], new)
    return tuple(found)


def extend(step: Step, added: Addition) -> Step:
    """Add to a step of the core. Limits and ballot rules go behind the core's, where
    `validation.strictness` looks for them. KeyError(id) for a field that isn't in the step,
    NotAdvised(id) for a limit that can't be counted anew, NotOpen(id) for an answer that the ballot
    can't decide on."""
    fields = insert(_each(step, added), ((f.plain(), f.before) for f in added.fields))
    return replaced(
        step,
        fields=tuple(_decided(fields, added)),
        limits=(*_counted_anew(step, added), *added.limits),
        ballot=step.ballot + added.ballot,
        papers=step.papers + added.papers,
        after=_union(step.after, added.after),
        called_by=step.called_by + added.called_by,
        not_while=_union(step.not_while, added.not_while),
        actors=_union(step.actors, added.actors),
        signed_by=_union(step.signed_by, added.signed_by),
        each_signs=_union(step.each_signs, added.each_signs),
        **_notice(step, added),
        gate=step.gate if added.gate is None else added.gate,
        guide=_guide(step.guide, added.guide),
        bodies=step.bodies + added.bodies,
    )


def _notice(step: Step, added: Addition) -> dict[str, Any]:
    """Whichever length a city gives stands in its document, the other one where it stood."""
    given: dict[str, Any] = {}
    if added.notice_days is not None:
        given["notice_days"] = added.notice_days
        given["notice_source"] = added.notice_source or step.notice_source
    if added.notice_working_days is not None:
        given["notice_working_days"] = added.notice_working_days
        given["notice_working_days_source"] = added.notice_source or step.notice_working_days_source
    return given


def _decided(fields: Iterable[Field], added: Addition) -> Iterator[Field]:
    wanted = {(item.field, item.option): item.needs_verdict for item in added.verdicts}

    def option(field: Field, item: Option) -> Option:
        # Taken out as it is found: what is left at the end names no answer of the core.
        needs = wanted.pop((field.id, item.id), item.needs_verdict)
        if item.needs_verdict not in (None, needs):
            raise NotOpen(item.id)
        return replaced(item, needs_verdict=needs)

    for field in fields:
        yield replaced(field, options=tuple(option(field, item) for item in field.options))
    if wanted:
        raise NotOpen(min(wanted)[1])


def _each(step: Step, added: Addition) -> Iterator[Field]:
    each = {item.field: Each(item.of, item.rule) for item in added.each}
    if unknown := each.keys() - {field.id for field in step.fields}:
        raise KeyError(min(unknown))
    for field in step.fields:
        yield replaced(field, each=each.get(field.id, field.each))


def _counted_anew(step: Step, added: Addition) -> Iterator[Limit]:
    """Advice counts from what a profile put in between. What binds counts from where it did."""
    advised = {limit.id for limit in step.limits if limit.strength is Strength.ADVISED}
    anew = {item.limit: item.of for item in added.counts_from}
    if others := anew.keys() - advised:
        raise NotAdvised(min(others))
    for limit in step.limits:
        yield replaced(limit, of=anew.get(limit.id, limit.of))


U = TypeVar("U")


def _union(old: tuple[U, ...], new: tuple[U, ...]) -> tuple[U, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _guide(old: StepGuide | None, new: AddedGuide | None) -> StepGuide | None:
    if old is None or new is None:
        return old
    return replaced(
        old,
        prepare=new.prepare + old.prepare,
        acts=new.acts + old.acts,
        faults=old.faults + new.faults,
    )


def interposed(core: tuple[Step, ...], steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Reopen, with what the core reopens, the steps that a profile put in between: a visit before
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
        # Between: it stands on a step that is open again, and another one of those stands on it.
        between = [
            name
            for name, conditions in above.items()
            if name not in core
            and conditions & set(option.reopens)
            and any(name in above.get(later, ()) for later in option.reopens)
        ]
        return replaced(option, reopens=_union(option.reopens, tuple(between)))

    fields = (replaced(f, options=tuple(wider(o) for o in f.options)) for f in step.fields)
    return replaced(step, fields=tuple(fields))
