"""What differs between two rulebooks, rule by rule, and which steps that touches."""

from dataclasses import dataclass, replace
from hashlib import blake2b

from domain.rulebook.listing.rules import Rule, rules_of
from domain.rulebook.schema import Rulebook, Step


@dataclass(frozen=True)
class Changes:
    """Rule ids, and the ids of the steps that would be taken otherwise."""

    added: frozenset[str]
    removed: frozenset[str]
    changed: frozenset[str]
    steps: frozenset[str]


def changes(old: Rulebook, new: Rulebook) -> Changes:
    """From `old` to `new`. Another source of the same rule is no change, nor is another wording
    of a question or a guide."""
    before = {rule.id: rule for rule in rules_of(old)}
    after = {rule.id: rule for rule in rules_of(new)}
    both = before.keys() & after.keys()
    changed = {name for name in both if _said(before[name]) != _said(after[name])}
    rules = [before[name] for name in before.keys() - after.keys()]
    rules += [after[name] for name in (after.keys() - before.keys()) | changed]
    steps = {rule.step for rule in rules if rule.step}
    # What is asked is no rule, but whoever has to answer should hear of it.
    steps |= {step.id for step in new.steps if _asks(step) != _asks(old.by_id.get(step.id))}
    return Changes(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        changed=frozenset(changed),
        steps=frozenset(steps),
    )


def marks_of(book: Rulebook) -> dict[str, str]:
    """Of each step a mark that changes with its rules and with what its answers do, and with no
    wording and no source."""
    rules: dict[str, list[Rule]] = {step.id: [] for step in book.steps}
    for rule in rules_of(book):
        if rule.step in rules:
            rules[rule.step].append(_said(rule))
    return {step.id: _mark((rules[step.id], _asks(step))) for step in book.steps}


def _mark(said: object) -> str:
    return blake2b(repr(said).encode(), digest_size=8, person=b"yinlu rules").hexdigest()


def _said(rule: Rule) -> Rule:
    return replace(rule, source="", text=replace(rule.text, zh="", en=""))


def _asks(step: Step | None) -> tuple[object, ...]:
    """What a step asks and what its answers do, without words."""
    if step is None:
        return ()
    return tuple(
        (
            field.id,
            field.type,
            field.optional,
            field.shown_if,
            tuple((option.id, option.effect, option.reopens) for option in field.options),
        )
        for field in step.fields
    )
