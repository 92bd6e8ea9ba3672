"""The questions of a step and the answers that are offered."""

from dataclasses import dataclass
from functools import cached_property

from domain.rulebook.kinds import Effect, FieldType, Requirement, Role, Text
from domain.rulebook.links import Cover, Each, Fewer, OnlyIf, ShownIf


@dataclass(frozen=True)
class Option:
    """One answer of a choice. `needs_verdict`: only offered when the ballot's stricter verdict
    passes (True), only when it fails (False), or always (None). `once`: a case may be decided so
    a single time. `rule`: the rule that this answer breaks, or, with `once`, the one behind it.
    `bars`: answers to later steps ("24.approve_full") that can't be given while this one stands.
    `covers`: steps that count as done with this answer, in their order. `releases`: whoever holds
    this role in the case is free of it. `sends_back`: what it reopens is as if never decided.
    `sends_home`: a case that moved goes back to where it came from, as if it had never arrived."""

    id: str
    text: Text
    effect: Effect = Effect.DONE
    reopens: tuple[str, ...] = ()
    status: str = ""
    needs_verdict: bool | None = None
    once: bool = False
    rule: Requirement | None = None
    bars: tuple[str, ...] = ()
    covers: tuple[Cover, ...] = ()
    releases: Role | None = None
    sends_back: bool = False
    sends_home: bool = False

    @cached_property
    def decides(self) -> bool:
        """Whether a case stands elsewhere for this answer than for another one."""
        ends = self.effect in (Effect.END, Effect.HOLD)
        return ends or bool(self.reopens or self.covers or self.sends_home)


@dataclass(frozen=True)
class Field:
    """A question of a step.

    `count` names the ballot number this field holds (entitled, due, present, written, issued,
    returned, valid, yes, no, abstain). `shown_if`: asked only when another choice holds one of
    some options. `minimum`/`maximum`: of a number, of the picks of a list, or of the characters
    of a text. `future`: a date may lie ahead. `appoints`: who is chosen here gets this role in
    the case. `shared`: one answer for all candidates of a meeting. `rule`: the rule behind
    `minimum`, `maximum` and the options, or behind `expects`: the answer to a yes-or-no
    question that keeps it. `told`: what was written is said to the others in the case.
    `only_if`: asked only where a setting is chosen so. `each`: one for each pick of another
    list.
    `fewer`: asked only where a ballot number is less than another.
    """

    id: str
    type: FieldType
    label: Text
    hint: Text | None = None
    optional: bool = False
    options: tuple[Option, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    count: str | None = None
    shown_if: ShownIf | None = None
    future: bool = False
    appoints: Role | None = None
    shared: bool = False
    rule: Requirement | None = None
    expects: bool | None = None
    told: bool = False
    only_if: OnlyIf | None = None
    each: Each | None = None
    fewer: Fewer | None = None

    @cached_property
    def chooses(self) -> bool:
        return self.type in (FieldType.CHOICE, FieldType.CHOICES)
