"""The questions of a step and the answers offered, time limits, and how an entry reaches beyond its
own step."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from domain.rulebook.kinds import (
    Effect,
    FieldType,
    Given,
    LimitKind,
    OnlyIf,
    Requirement,
    Role,
    Strength,
    Text,
    Unit,
)


@dataclass(frozen=True)
class Limit:
    """A time limit of a step: from which day, how long, how binding, when to remind."""

    id: str
    """Names the rule everywhere; a test names it too."""
    kind: LimitKind
    """`within`: at the latest. `not_before`: at the earliest. `every`: again and again."""
    of: str
    """The day it counts from. `"15"`: the day step 15 was done; `"8a.first_day"`: a date field of
    it; `"21c.call"`: the day of the entry that called for 21c; `"21c.call.help_until"`: a date
    field of that entry; `"6a.previous"`: the last time before that a repeating step was taken. Of
    several, separated by `|`, the first that exists."""
    value: int
    """How many; less than nothing for a time before that day."""
    unit: Unit
    """Of what."""
    strength: Strength
    """How binding it is: `legal` of the nation, `local` of a city, `advised` of neither."""
    source: str
    """Where it stands."""
    text: Text
    """What it says, as people read it."""
    ladder: tuple[int, ...] = ()
    """Days on which to remind, relative to the due day: 30 is before it, -1 after it."""
    extended_by: str = ""
    """Adds the months of every entry of this number field, or of several, separated by `|`."""
    minus_days: int = 0
    """Goes back so many calendar days from there."""
    plus_days: int = 0
    """Goes on so many calendar days from there."""
    rolls_over: bool = False
    """Where the target month has no such day: the first of the next one."""
    if_held: str = ""
    """Runs only while the step is held up by this option of its own."""
    unless_held: str = ""
    """Runs only while the step isn't held up by this option of its own."""
    setting: str = ""
    """The open point that may change it."""
    when: str = ""
    """Runs only once this step was entered."""
    refuses: bool | None = None
    """`true`: what breaks it is never taken, whichever text was in force: an order of days that
    can't be otherwise. `false`: always taken, and noted. Left out: too early is refused where it
    binds, too late is noted."""

    @property
    def blocks(self) -> bool:
        """Whether nothing may be entered before its day."""
        binds = self.strength is not Strength.ADVISED
        return self.kind is LimitKind.NOT_BEFORE and (
            binds if self.refuses is None else self.refuses
        )

    @cached_property
    def may_refuse(self) -> bool:
        """Whether what breaks it may be refused; else it is only noted."""
        return self.blocks if self.refuses is None else self.refuses

    @cached_property
    def more_days(self) -> int:
        """Calendar days added to the period; less than nothing where it ends sooner."""
        return self.plus_days - self.minus_days


@dataclass(frozen=True)
class Cover:
    """What was done elsewhere."""

    up_to: str
    """Every step up to this one counts as done."""
    day: str
    """The date field of this step that says on which day."""
    known_by: str = ""
    """The step whose day it is in the case that is left behind; without one only whoever receives
    the papers knows it."""


@dataclass(frozen=True)
class StepTrigger:
    """An entry that calls for a step."""

    step: str
    """The step that was entered."""
    field: str = ""
    """A question of it. Left out: every entry of that step calls."""
    any_of: tuple[str, ...] = ()
    """The answers to it that call."""
    approved: bool | None = None
    """`true`: only once the admission was approved (`approved_by`); `false`: only before."""


@dataclass(frozen=True)
class ShownIf:
    """When a question is asked at all."""

    field: str
    """A choice or yes-or-no question of the same step, before this one; of several, separated by
    `|`, any."""
    any_of: tuple[str, ...]
    """The answers to it with which this is asked; `"true"` and `"false"` of yes or no."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The questions it looks at."""
        return tuple(self.field.split("|"))


@dataclass(frozen=True)
class Fewer:
    """Asked only when one number of the ballot is less than another, or than a plain number."""

    of: str
    """The number that has to be less."""
    than: str | int
    """The number of the ballot it is compared with, or a number."""
    share: Fraction = Fraction(1)
    """Less than this share of it."""
    or_equal: bool = False
    """That share itself asks as well."""


@dataclass(frozen=True)
class Each:
    """A list that holds at least as many as were picked in another: a proof for each way of posting
    a notice."""

    of: str
    """The other list, asked before this one."""
    rule: Requirement
    """The rule behind it."""


@dataclass(frozen=True)
class Fits:
    """A number of days that lie between two dates of the same step, both of them counted."""

    since: str
    """The first day."""
    until: str
    """The last day."""
    rule: Requirement
    """The rule behind it."""


@dataclass(frozen=True)
class SameAs:
    """An answer that was given before, at another step."""

    of: str
    """The question it was given to, as `"step.field"`."""
    rule: Requirement
    """The rule behind it."""


@dataclass(frozen=True)
class Regular:
    """A condition of a step: another one, which repeats, was taken as often as it has to be."""

    step: str
    """The step that repeats."""
    limit: str
    """Its limit, of kind `every`, that says how often."""
    rule: Requirement
    """The rule behind it."""
    elsewhere: str = ""
    """What was due before the entry of this step was somebody else's matter."""


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
    if_clear: bool | None = None
    """In a step that looks back: `true`: only offered where nothing was found in the whole case;
    `false`: only where something was. Left out: always offered."""
    once: bool = False
    """A case may be decided so a single time."""
    rule: Requirement | None = None
    """The rule that this answer breaks; with `once`, the one behind that."""
    used_up_by: tuple[str, ...] = ()
    """Answers to other steps, as `"step.option"`, after which this one can't be given any more."""
    bars: tuple[str, ...] = ()
    """Answers to later steps that can't be given while this one stands, as `"step.option"`."""
    bars_until: str = ""
    """Once this step was taken after it, nothing is barred any more; what was sent back doesn't
    count."""
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
    typed: bool = False
    """The date is written, without a calendar: it lies years back. What is wrong with it is said at
    once."""
    appoints: Role | None = None
    """Who is chosen here gets this role in the case."""
    shared: bool = False
    """One answer for everybody on the agenda of a meeting."""
    rule: Requirement | None = None
    """The rule behind `minimum`, `maximum` and the options, or behind `expects`."""
    expects: bool | None = None
    """The answer to a yes-or-no question that keeps the rule."""
    told: bool = False
    """What was written, or picked, is said to the others in the case."""
    tells: tuple[Role, ...] = ()
    """Once it was answered these are told of the entry as well."""
    only_if: OnlyIf | None = None
    """Asked only where a setting is chosen so."""
    each: Each | None = None
    """One for each pick of another list."""
    carried_over: int = 0
    """So many days long the answer given for another person of the branch is taken over and not
    asked again: one meeting hears of several."""
    namesakes: str = ""
    """Asked only where people picked in this other question are of one name, or of the name of the
    person of the case: whether they are different persons."""
    fewer: Fewer | None = None
    """Asked only where one number of the ballot is less than another, or than a plain number."""
    limits: tuple[Limit, ...] = ()
    """The earliest and the latest of a date, or of the number of a year (`unit = "years"`)."""
    fits: Fits | None = None
    """No more days than lie between two dates of this step."""
    same_as: SameAs | None = None
    """Answered as it was at another step."""
    offers: Given | None = None
    """What is offered as the answer to this question for a text: `hotline`, what the organisation
    has set; `committee`, the name of the committee over it."""
    recorded: bool = False
    """This proof is a voice message, kept as it is and never written out by us; no other proof
    takes one."""
    together: str = ""
    """The screen on which it is asked with the other questions of this step that name the same."""
    part: int = 0
    """Its number among the texts of a screen that one message holds: a line for each, or numbered
    一, 二, 三."""
    button: Text | None = None
    """How its buttons read on a screen of several questions, with `{}` for the answer: 是 and 3 say
    nothing where the question is out of sight."""
    likely: tuple[int, ...] = ()
    """The numbers that are mostly meant, each with a button."""
    usual: str = ""
    """The option of a choice that is mostly meant: where the last answer of its screen saves with
    one press, that press gives this one too, in words on the button."""
    known: str = ""
    """The answer that stands there already, to be changed by a tap: `today`; `hotline`, what the
    organisation has set; `members`, how many full members the branch has; `last`, as answered
    before by the same branch or body; `"5.contacts"`, as at another step of the case;
    `"count:thought_report"`, how often that step was entered; `"is:no"`, this option; the id of a
    list before it in this step, which ticks the same here. Several, in the order in which they are
    looked at: `"8a.channels|last"`."""

    @cached_property
    def known_from(self) -> tuple[str, ...]:
        """Where the answer that stands there already may come from, the first that gives one."""
        return tuple(self.known.split("|")) if self.known else ()

    @cached_property
    def by_option_id(self) -> Mapping[str, Option]:
        return {option.id: option for option in self.options}

    @cached_property
    def option_ids(self) -> frozenset[str]:
        return frozenset(self.by_option_id)

    @cached_property
    def stands_alone(self) -> bool:
        """Whether its answer has to match no other."""
        return self.fits is None and self.each is None

    @cached_property
    def fewest(self) -> int:
        """Of a list: a checklist may be answered with nothing ticked; anything else required holds
        one."""
        if self.minimum is not None:
            return self.minimum
        return 0 if self.optional or self.type is FieldType.CHECKLIST else 1

    @cached_property
    def offers_all(self) -> bool:
        """Whether its options are the same whatever the ballot says and else is answered."""
        return all(o.needs_verdict is None and o.shown_if is None for o in self.options)

    @cached_property
    def concludes(self) -> bool:
        """Whether what is offered depends on the ballot."""
        return any(option.needs_verdict is not None for option in self.options)

    @cached_property
    def chooses(self) -> bool:
        return self.type in (FieldType.CHOICE, FieldType.CHOICES)
