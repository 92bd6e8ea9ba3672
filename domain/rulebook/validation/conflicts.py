"""Where the national core and a profile differ: both said with their sources (docs/procedure.md).

Nothing is decided here. Two shares of one ballot are both computed, two lengths of a notice both
counted, and the stricter one decides; where two bodies are named, the national one is followed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.rulebook.listing import texts
from domain.rulebook.schema import BallotRule, Field, Rulebook, Step, Strength, Text, Unit


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
    """Two lengths by different layers, counted in different days: either may end later."""
    sides = {
        length.strength: Side(
            f"notice_{step.id}_{length.unit.value}",
            length.strength,
            length.source,
            _SAID[length.unit](length.value),
        )
        for length in step.notice_lengths
    }
    local = sides.pop(Strength.LOCAL, None)
    if local and sides:
        # One is left: a step has two lengths at most, in calendar and in working days.
        (national,) = sides.values()
        yield Conflict(step.id, "notice", national, local, follows=None)


_SAID = {Unit.WORKING_DAYS: texts.working_days, Unit.DAYS: texts.calendar_days}


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
