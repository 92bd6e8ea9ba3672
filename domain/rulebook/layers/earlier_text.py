"""An earlier text, said from the later one by what differs: steps it lacked or had otherwise.

Its articles aren't the later text's, so that its rules name the text and no article.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.rulebook.layers.replaced import replaced
from domain.rulebook.schema import (
    Field,
    Landmark,
    Limit,
    Option,
    Requirement,
    Rulebook,
    Step,
    StepGuide,
    StepKind,
    Strength,
    Text,
)

OLD = "O"
"""The source of every national rule of an earlier text."""


@dataclass(frozen=True)
class EarlierStep:
    """What a step was before. What is left out was as it is now."""

    step: str
    """The step of the later text."""
    title: Text | None = None
    """What it was called."""
    kind: StepKind | None = None
    """Its behaviour then."""
    gate: bool | None = None
    """Whether it was a gate."""
    after: tuple[str, ...] | None = None
    """What it waited for where somebody took it, though no text asked for it."""
    fields: tuple[Field, ...] | None = None
    """All its questions then."""
    guide: StepGuide | None = None
    """How it was taken."""
    without: tuple[str, ...] = ()
    """Ids of limits and of rules behind a question or an answer that weren't there; such a question
    may be left open."""


@dataclass(frozen=True)
class Own:
    """Steps that a city had before the national text demanded them."""

    steps: tuple[str, ...]
    """Steps that the earlier text lacked and the city had."""
    source: str
    """Where they stand."""


NOTHING_OWN = Own((), "")


def earlier_text(
    later: Rulebook,
    *,
    id: str,
    version: str,
    title: Text,
    in_force: date,
    changes: Iterable[EarlierStep],
    own: Own,
) -> Rulebook:
    """The earlier text as a rulebook of its own, with the steps it hadn't: they are taken out once
    a city was laid over it. KeyError(id) for a step the later one lacks."""
    by_id = {step.id: step for step in later.steps}
    for change in changes:
        step = _changed(by_id[change.step], change)
        # Only where the city had the step; for all others it says what counts for who took it
        # unasked.
        if change.after is not None and change.step in own.steps:
            step = replaced(step, after=change.after)
        by_id[change.step] = step
    steps = tuple(
        as_the_citys_own(step, own.source) if step.id in own.steps else _sourced(step)
        for step in by_id.values()
    )
    return replaced(
        later,
        id=id,
        version=version,
        title=title,
        in_force=in_force,
        steps=steps,
        by_id={step.id: step for step in steps},
        landmarks=tuple(Landmark(mark.after, _old(mark.by)) for mark in later.landmarks),
        principles=tuple(replaced(item, source=_of(item.source)) for item in later.principles),
        duties=tuple(
            replaced(item, source=_of(item.source), day_source=_of(item.day_source))
            for item in later.duties
        ),
    )


def as_the_citys_own(step: Step, source: str) -> Step:
    """A step that the earlier text lacked and the city had: without what the nation asks of it."""
    # No working days: the nation asks for five of them only since 2026 (N13).
    limits = tuple(replaced(_old(limit), strength=Strength.LOCAL, source=source)
                   for limit in step.limits if limit.strength is not Strength.ADVISED)  # fmt: skip
    # Nor its rules behind the questions, such as both places for mobile persons.
    asked = frozenset(
        field.rule.id for field in step.fields if field.rule and field.rule.source.startswith("N")
    )
    fields = tuple(_field(field) for field in _without_rules(step, asked).fields)
    return replaced(
        step,
        limits=limits,
        fields=fields,
        strength=Strength.LOCAL,
        source=source,
        notice_working_days=0,
    )


def as_nobody_asked(step: Step, changes: Iterable[EarlierStep]) -> Step:
    """A step that no text of its day asked for, where somebody took it all the same: its questions,
    most of which may be left open, and its order of days. `changes`: what that text says of it."""
    # The order of days alone: nothing else can be wrong about a step that nobody asked for.
    kept = tuple(limit for limit in step.limits if limit.refuses)
    fields = _without_rules(step, frozenset(_asked(step))).fields
    after = next((c.after for c in changes if c.step == step.id and c.after is not None), None)
    return replaced(
        step,
        after=step.after if after is None else after,
        limits=kept,
        fields=tuple(_left_open(field, step.day) for field in fields),
        strength=Strength.ADVISED,
        source="P",
        notice_days=0,
        notice_working_days=0,
        ballot=(),
        bodies=(),
        regular=(),
    )


def _left_open(field: Field, day: str) -> Field:
    """Old papers may say nothing of it, but for its day and what moves the case."""
    needed = field.id == day or any(option.decides for option in field.options)
    return replaced(field, each=None, optional=field.optional or not needed)


def _asked(step: Step) -> Iterator[str]:
    """The ids of the rules behind questions and answers, but for orders of days."""
    for field in step.fields:
        yield from (limit.id for limit in field.limits if not limit.refuses)
        yield from (rule.id for rule in (field.rule, *(o.rule for o in field.options)) if rule)


def _changed(step: Step, change: EarlierStep) -> Step:
    named: dict[str, Any] = {"title": change.title, "kind": change.kind, "gate": change.gate}
    named |= {"fields": change.fields, "guide": change.guide}
    changed = replaced(step, **{key: value for key, value in named.items() if value is not None})
    return _without_rules(changed, frozenset(change.without))


def _without_rules(step: Step, gone: frozenset[str]) -> Step:
    """KeyError(id) for a rule that the step hasn't."""
    if unknown := gone - set(_rule_ids(step)):
        raise KeyError(min(unknown))

    def option(item: Option) -> Option:
        return replaced(item, rule=None) if item.rule and item.rule.id in gone else item

    def field(item: Field) -> Field:
        # Without its rule a question is optional: old papers may hold no answer to it.
        left = tuple(limit for limit in item.limits if limit.id not in gone)
        item = replaced(item, options=tuple(option(o) for o in item.options), limits=left)
        if item.rule is None or item.rule.id not in gone:
            return item
        return replaced(item, rule=None, minimum=None, expects=None, optional=True)

    limits = tuple(limit for limit in step.limits if limit.id not in gone)
    return replaced(step, limits=limits, fields=tuple(field(item) for item in step.fields))


def _rule_ids(step: Step) -> Iterator[str]:
    yield from (limit.id for limit in step.limits)
    for field in step.fields:
        yield from (limit.id for limit in field.limits)
        yield from (rule.id for rule in (field.rule, *(o.rule for o in field.options)) if rule)


def _sourced(step: Step) -> Step:
    return replaced(
        step,
        source=OLD,
        limits=tuple(_old(limit) for limit in step.limits),
        ballot=tuple(replaced(rule, source=_of(rule.source)) for rule in step.ballot),
        bodies=tuple(replaced(rule, source=_of(rule.source)) for rule in step.bodies),
        fields=tuple(_field(field) for field in step.fields),
        regular=tuple(replaced(n, rule=_said(n.rule)) for n in step.regular),
    )


def _old(limit: Limit) -> Limit:
    return replaced(limit, source=_of(limit.source))


def _of(source: str) -> str:
    return OLD if source.startswith("N") else source


def _rule(rule: Requirement | None) -> Requirement | None:
    return _said(rule) if rule else None


def _said(rule: Requirement) -> Requirement:
    return replaced(rule, source=_of(rule.source))


def _field(field: Field) -> Field:
    options = tuple(replaced(option, rule=_rule(option.rule)) for option in field.options)
    return replaced(
        field,
        rule=_rule(field.rule),
        options=options,
        limits=tuple(_old(limit) for limit in field.limits),
        fits=field.fits and replaced(field.fits, rule=_said(field.fits.rule)),
        same_as=field.same_as and replaced(field.same_as, rule=_said(field.same_as.rule)),
    )
