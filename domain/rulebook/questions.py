"""The questions of a step and the answers that are offered."""

from dataclasses import dataclass
from functools import cached_property

from domain.rulebook.kinds import Effect, FieldType, Requirement, Role, Text
from domain.rulebook.limits import Limit
from domain.rulebook.links import Cover, Each, Fewer, Fits, OnlyIf, SameAs, ShownIf


@dataclass(frozen=True)
class Option:
    """One answer of a choice."""

    id: str
    """What is stored; never changed once it was used."""
    text: Text
    """What stands on the button."""
    effect: Effect = Effect.DONE
    """What it does to the case."""
    reopens: tuple[str, ...] = ()
    """The steps that are open again, with the effect `reopen` or `hold`."""
    status: str = ""
    """How the case ended, with the effect `end`."""
    needs_verdict: bool | None = None
    """`true`: only offered when the ballot passes by every rule; `false`: only when it fails. Left
    out: always offered, whatever the numbers are."""
    shown_if: ShownIf | None = None
    """Only offered when another question was answered so."""
    once: bool = False
    """A case may be decided so a single time."""
    rule: Requirement | None = None
    """The rule that this answer breaks; with `once`, the one behind that."""
    bars: tuple[str, ...] = ()
    """Answers to later steps that can't be given while this one stands, as `"step.option"`."""
    covers: tuple[Cover, ...] = ()
    """Steps that count as done with this answer, in their order."""
    releases: Role | None = None
    """Whoever holds this role in the case is free of it."""
    sends_back: bool = False
    """What it reopens is as if it had never been decided."""
    sends_home: bool = False
    """A case that moved goes back to where it came from, as if it had never arrived."""

    @cached_property
    def decides(self) -> bool:
        """Whether a case stands elsewhere for this answer than for another one."""
        ends = self.effect in (Effect.END, Effect.HOLD)
        return ends or bool(self.reopens or self.covers or self.sends_home)


@dataclass(frozen=True)
class Field:
    """A question of a step."""

    id: str
    """What the answer is stored under; never changed once it was used."""
    type: FieldType
    """How it is answered."""
    label: Text
    """The question as it is asked."""
    hint: Text | None = None
    """A line below the question."""
    optional: bool = False
    """It may be left open."""
    options: tuple[Option, ...] = ()
    """What a `choice`, `choices` or `checklist` offers."""
    minimum: int | None = None
    """The least: of a number, of the picks of a list, or of the characters of a text."""
    maximum: int | None = None
    """The most, of the same."""
    count: str | None = None
    """The number of a ballot that this field holds: `entitled`, `due`, `present`, `written`,
    `issued`, `returned`, `valid`, `yes`, `no` or `abstain`."""
    shown_if: ShownIf | None = None
    """Asked only when another question was answered so."""
    future: bool = False
    """The date may lie ahead."""
    appoints: Role | None = None
    """Who is chosen here gets this role in the case."""
    shared: bool = False
    """One answer for everybody on the agenda of a meeting."""
    rule: Requirement | None = None
    """The rule behind `minimum`, `maximum` and the options, or behind `expects`."""
    expects: bool | None = None
    """The answer to a yes-or-no question that keeps the rule."""
    told: bool = False
    """What was written is said to the others in the case."""
    only_if: OnlyIf | None = None
    """Asked only where a setting is chosen so."""
    each: Each | None = None
    """One for each pick of another list."""
    fewer: Fewer | None = None
    """Asked only where one number of the ballot is less than another."""
    limits: tuple[Limit, ...] = ()
    """The earliest and the latest of a date, or of the number of a year (`unit = "years"`)."""
    fits: Fits | None = None
    """No more days than lie between two dates of this step."""
    same_as: SameAs | None = None
    """Answered as it was at another step."""

    @cached_property
    def chooses(self) -> bool:
        return self.type in (FieldType.CHOICE, FieldType.CHOICES)
