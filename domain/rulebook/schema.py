"""What a rulebook says, as frozen dataclasses: the loader builds them, all else reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from domain.calendar.office_hours import USUAL, Choice
from domain.rulebook.ballot_rules import BallotRule, BodyRule
from domain.rulebook.kinds import (
    Body,
    Effect,
    FieldType,
    FindingEffect,
    LimitKind,
    Requirement,
    Role,
    StepKind,
    Strength,
    Text,
    Unit,
)
from domain.rulebook.links import Call, OnlyIf, Regular
from domain.rulebook.questions import Field, Option


@dataclass(frozen=True)
class Limit:
    """A time limit of a step.

    Counted from `of` ("15" = the day step 15 was done, "8a.first_day" = a date field of it;
    "21c.call" = the day of the entry that called for 21c, "21c.call.help_until" a date field of
    it; several, separated by "|": the first that exists) for `value` `unit`s.
    `extended_by` ("24.extension_months") adds the months of every entry of that field, or of
    several, separated by "|"; `minus_days` goes back so many calendar days from there, `plus_days`
    on. `rolls_over`: where the target month has no such day, the first of the next one. `if_held` /
    `unless_held`: runs only while the step is held up by this option of its own, or only while it
    isn't. `when`: runs only once this step was entered. `setting`: the open point that may change
    it (`domain.rulebook.layers.settings`).
    `ladder`: days relative to the due day on which to remind (30 means before, -1 after).
    """

    id: str
    kind: LimitKind
    of: str
    value: int
    unit: Unit
    strength: Strength
    source: str
    text: Text
    ladder: tuple[int, ...] = ()
    extended_by: str = ""
    minus_days: int = 0
    plus_days: int = 0
    rolls_over: bool = False
    if_held: str = ""
    unless_held: str = ""
    setting: str = ""
    when: str = ""

    @property
    def more_days(self) -> int:
        """Calendar days added to the period; less than nothing where it ends sooner."""
        return self.plus_days - self.minus_days


@dataclass(frozen=True)
class Paper:
    id: str
    title: Text
    generated: bool = True


@dataclass(frozen=True)
class Guide:
    """What to do, in order; what to prepare; what is often done wrong."""

    purpose: Text
    prepare: tuple[Text, ...] = ()
    acts: tuple[Text, ...] = ()
    faults: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Step:
    """A step of the procedure. `after`: steps that must be done before it. `day`: the id of the
    date field that says when it was done. `gate`: can't be passed while a hold is open.
    `repeats`: entered again and again, never needed for what follows by itself.
    `until`: the step that ends the repeating.
    `anytime`: something that may happen whenever; nobody waits for it, and it is never next.
    `called_by`: open only while one of these calls for it, and until it was entered after that; a
    call made by what ended the case outlives it. `when`: open only once one of these was entered.
    `not_while`: kept shut while one of these is called for and wasn't entered.
    `signed_by`: roles that must all sign before it counts as done; of those in `each_signs`
    everybody who helps in the case, of the others one. `notice_days` /
    `notice_working_days`: length of a public notice (the later end decides); `notice_from`: days
    from the posting to the first day that counts; `notice_source`: who lengthened it.
    `body`: who meets to decide it. `planned`: entered by the decision on a yearly plan, never by
    itself. `bodies`: who decides what here, by each layer. `only_if`: a step only where a setting
    is chosen so. `regular`: what has to be taken again and again before it."""

    id: str
    title: Text
    stage: str
    kind: StepKind
    actors: tuple[Role, ...]
    source: str
    strength: Strength
    day: str
    after: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    limits: tuple[Limit, ...] = ()
    ballot: tuple[BallotRule, ...] = ()
    papers: tuple[Paper, ...] = ()
    guide: Guide | None = None
    gate: bool = False
    repeats: bool = False
    until: str = ""
    anytime: bool = False
    called_by: tuple[Call, ...] = ()
    when: tuple[str, ...] = ()
    not_while: tuple[str, ...] = ()
    signed_by: tuple[Role, ...] = ()
    each_signs: tuple[Role, ...] = ()
    notice_days: int = 0
    notice_working_days: int = 0
    body: Body | None = None
    planned: bool = False
    notice_from: int = 1
    notice_source: str = ""
    bodies: tuple[BodyRule, ...] = ()
    regular: tuple[Regular, ...] = ()
    only_if: OnlyIf | None = None

    @property
    def has_notice(self) -> bool:
        return self.notice_days > 0 or self.notice_working_days > 0

    @cached_property
    def choices(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.chooses)

    @cached_property
    def deciding(self) -> tuple[Field, ...]:
        """The choices by which a case goes one way or another."""
        return tuple(f for f in self.choices if any(option.decides for option in f.options))

    def field(self, field_id: str) -> Field:
        return next(item for item in self.fields if item.id == field_id)


@dataclass(frozen=True)
class Stage:
    id: str
    title: Text


@dataclass(frozen=True)
class ReportFinding:
    """One of the classes in which a report from the public is settled (docs/procedure.md § 3)."""

    id: str
    text: Text
    effect: FindingEffect
    source: str


@dataclass(frozen=True)
class Setting:
    """A point that the sources leave open (docs/procedure.md § 6): what a rulebook may choose, and
    chose."""

    id: str
    text: Text
    options: tuple[Option, ...]
    chosen: str
    source: str


@dataclass(frozen=True)
class Landmark:
    """A day that follows from a case and that nobody enters, such as the end of probation. Known
    once step `after` is done; `by` says how it is counted."""

    after: str
    by: Limit


@dataclass(frozen=True)
class DateCheck:
    """What makes dates look written up afterwards; 0: not looked at. `record_within_days`: days
    between an act and its entry. `most_on_one_day`: different steps done on the same day."""

    record_within_days: int = 0
    most_on_one_day: int = 0


@dataclass(frozen=True)
class Rulebook:
    """One version of the procedure: steps in their order, by id as well. `principles`: rules that
    hold everywhere and have no number."""

    id: str
    version: str
    title: Text
    in_force: date
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]
    extends: str = ""
    findings: tuple[ReportFinding, ...] = ()
    approved_by: tuple[str, ...] = ()
    """Once all of these are done the person is a member, and no finding ends the case (N31)."""
    plan: tuple[Step, ...] = ()
    """What becomes of a name in the yearly plan before the step that decides it."""
    report_days: int = 0
    """Days in which a report is checked and answered; 0: the profile sets none."""
    report_unit: Unit = Unit.DAYS
    earlier: "Rulebook | None" = None
    """The text in force before this one (docs/procedure.md § 6)."""
    defects: tuple[Requirement, ...] = ()
    """What a random check may find wanting in a branch."""
    put_right: Limit | None = None
    """By when that is put right, counted from the circular (`told_on`)."""
    settings: tuple[Setting, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    principles: tuple[Requirement, ...] = ()
    date_check: DateCheck = DateCheck()
    wishes: Choice = USUAL
    """When people may want to be told."""
    by_id: Mapping[str, Step] = field(default_factory=dict, compare=False)

    @cached_property
    def barring(self) -> Mapping[str, frozenset[str]]:
        """By step: those in which an option of it can be barred."""
        found: dict[str, set[str]] = {}
        for step in self.by_id.values():
            for name in (name for f in step.choices for o in f.options for name in o.bars):
                found.setdefault(name.partition(".")[0], set()).add(step.id)
        return {step: frozenset(others) for step, others in found.items()}

    def step(self, step_id: str) -> Step:
        """KeyError for a step this rulebook doesn't know."""
        return self.by_id[step_id]

    def on(self, day: date) -> "Rulebook":
        """The version in force on a day; the oldest known one for days before all of them."""
        if day >= self.in_force or self.earlier is None:
            return self
        return self.earlier.on(day)

    def step_on(self, step_id: str, day: object) -> Step:
        """A step as it was in force on a day; as it is now where that isn't a day, or where the
        version of that day had no such step. Raises KeyError for one this rulebook doesn't know."""
        now = self.by_id[step_id]
        return self.on(day).by_id.get(step_id, now) if isinstance(day, date) else now

    def finding(self, finding_id: str) -> ReportFinding:
        """KeyError for a class this rulebook doesn't know."""
        return {item.id: item for item in self.findings}[finding_id]


__all__ = [
    "BallotRule", "Body", "BodyRule", "DateCheck", "Effect", "Field", "FieldType",
    "FindingEffect", "Guide", "Landmark", "Limit", "LimitKind", "Option", "Paper", "ReportFinding",
    "Requirement", "Role", "Rulebook", "Setting", "Stage", "Step", "StepKind", "Strength", "Text",
    "Unit",
]  # fmt: skip
