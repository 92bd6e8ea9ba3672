"""Where the national core and a profile differ: both said with their sources (docs/procedure.md).

Nothing is decided here. Two shares of one ballot are both computed, two lengths of a notice both
counted, and the stricter one decides; where two bodies are named, the national one is followed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.rulebook.listing import texts
from domain.rulebook.schema import BallotRule, Field, Rulebook, Step, Strength, Text


@dataclass(frozen=True)
class Side:
    """What one layer says."""

    rule: str
    layer: Strength
    source: str
    text: Text


@dataclass(frozen=True)
class Conflict:
    """`matter`: quorum | pass | notice | body. `follows`: the layer that decides; None where that
    depends on the numbers. `field`: the question at which it matters, of a body."""

    step: str
    matter: str
    national: Side
    local: Side
    follows: Strength | None
    field: str = ""


def conflicts_of(step: Step) -> tuple[Conflict, ...]:
    """Where the two layers of a step differ."""
    return (*_ballots(step), *_notice(step), *_bodies(step))


def bodies_asked(step: Step, asked: Iterable[Field]) -> tuple[Conflict, ...]:
    """Where the layers name different bodies for what is asked now."""
    names = {field.id for field in asked}
    return tuple(found for found in _bodies(step) if found.field in names)


def conflicts(book: Rulebook) -> tuple[Conflict, ...]:
    return tuple(found for step in book.steps for found in conflicts_of(step))


def _ballots(step: Step) -> Iterator[Conflict]:
    for ours in (rule for rule in step.ballot if rule.layer is Strength.LEGAL):
        for theirs in (rule for rule in step.ballot if rule.layer is not Strength.LEGAL):
            if ours.purpose == theirs.purpose and _differ(ours, theirs):
                follows = Strength.LEGAL if ours.base == theirs.base else None
                yield Conflict(step.id, ours.purpose, _side(ours), _side(theirs), follows)


def _differ(one: BallotRule, other: BallotRule) -> bool:
    return (one.of, one.op, one.share, one.base) != (other.of, other.op, other.share, other.base)


def _side(rule: BallotRule) -> Side:
    return Side(rule.id, rule.layer, rule.source, rule.text)


def _notice(step: Step) -> Iterator[Conflict]:
    if not (step.notice_source and step.notice_days and step.notice_working_days):
        return
    working = texts.working_days(step.notice_working_days)
    days = texts.calendar_days(step.notice_days)
    name = f"notice_{step.id}"
    yield Conflict(
        step=step.id,
        matter="notice",
        national=Side(f"{name}_working_days", step.strength, step.source, working),
        local=Side(f"{name}_days", Strength.LOCAL, step.notice_source, days),
        follows=None,
    )


def _bodies(step: Step) -> Iterator[Conflict]:
    for ours in (rule for rule in step.bodies if rule.layer is Strength.LEGAL):
        for theirs in (rule for rule in step.bodies if rule.layer is not Strength.LEGAL):
            if ours.matter == theirs.matter and ours.body != theirs.body:
                yield Conflict(
                    step.id,
                    "body",
                    Side(ours.id, ours.layer, ours.source, ours.text),
                    Side(theirs.id, theirs.layer, theirs.source, theirs.text),
                    Strength.LEGAL,
                    ours.field,
                )
