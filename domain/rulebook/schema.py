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
    OnlyIf,
    Requirement,
    Role,
    StepKind,
    Strength,
    Text,
    Unit,
)
from domain.rulebook.questions import Field, Limit, Option, Regular, StepTrigger


@dataclass(frozen=True)
class Paper:
    """A paper that a step leaves behind."""

    id: str
    """Names the paper."""
    title: Text
    """What it is called."""
    generated: bool = True
    """`false`: an official form, written by hand and never made here."""


@dataclass(frozen=True)
class StepGuide:
    """How a step is taken."""

    purpose: Text
    """Why the step is there, in a sentence."""
    prepare: tuple[Text, ...] = ()
    """What to have at hand."""
    acts: tuple[Text, ...] = ()
    """What to do, in order."""
    faults: tuple[Text, ...] = ()
    """What is often done wrong."""


@dataclass(frozen=True)
class Step:
    """A step of the procedure: order, questions, deadlines, reminders and guide follow from it."""

    id: str
    """Its number, as people say it. Holds no `.` and no `|`, and 16 characters at most; never
    changed once it was used."""
    title: Text
    """What it is called."""
    stage: str
    """The stage it belongs to."""
    kind: StepKind
    """Its behaviour."""
    actors: tuple[Role, ...]
    """Whose turn it is."""
    source: str
    """Where it stands: `N13` is article 13 of the national text, `G` the profile's own document,
    `P` common practice. Several are separated by blanks."""
    strength: Strength
    """How binding it is."""
    day: str
    """The date field that says on which day it was done."""
    after: tuple[str, ...] = ()
    """Steps that must be done before it; they stand above it."""
    fields: tuple[Field, ...] = ()
    """Its questions, in the order in which they are asked."""
    limits: tuple[Limit, ...] = ()
    """Its time limits."""
    ballot: tuple[BallotRule, ...] = ()
    """Its quorums and majorities."""
    papers: tuple[Paper, ...] = ()
    """What it leaves behind on paper."""
    guide: StepGuide | None = None
    """How it is taken."""
    gate: bool = False
    """It can't be passed while a report is open or holds the case."""
    repeats: bool = False
    """Entered again and again, and never a condition of what follows by itself."""
    until: str = ""
    """The step that ends the repeating."""
    anytime: bool = False
    """May happen whenever; nobody waits for it, and it is never next, unless it is called for."""
    called_by: tuple[StepTrigger, ...] = ()
    """Open only while one of these calls for it, and until it was entered after that; a call made
    by what ended the case outlives it. With `anytime` it waits then, and may happen else as
    well."""
    when: tuple[str, ...] = ()
    """Open only once one of these steps was entered."""
    not_while: tuple[str, ...] = ()
    """Kept shut while one of these steps is called for and wasn't entered."""
    signed_by: tuple[Role, ...] = ()
    """Roles that must all sign before it counts as done."""
    each_signs: tuple[Role, ...] = ()
    """Of these roles everybody who helps in the case signs, of the others one."""
    notice_days: int = 0
    """Length of a public notice in calendar days; of both lengths the later end decides."""
    notice_working_days: int = 0
    """Length of a public notice in working days."""
    body: Body | None = None
    """Who meets to decide it."""
    counted_per_branch: bool = False
    """Those who have passed it and stand in its stage are counted for each branch."""
    in_class: bool = False
    """A class enters it at once for everybody on its roster."""
    planned: bool = False
    """Entered by the decision on a yearly plan, never by itself."""
    by_report: bool = False
    """Entered by the register of reports, never by hand: a day and a choice, whose options are the
    findings."""
    holds_gates: bool = False
    """While it is called for and wasn't entered, no gate is passed."""
    for_all: bool = False
    """Entered for one person, it is offered for everybody else for whom it is open, with the same
    answers."""
    after_archive: bool = False
    """May be taken of a case that is archived, too; the only thing that may. With `anytime`."""
    looks_back: bool = False
    """It lists all that isn't in order in the whole case; answers may depend on that
    (`if_clear`)."""
    lapses: bool = False
    """An entry of it counts only while what called for it stands."""
    notice_from: int = 1
    """Days from the posting to the first day that counts."""
    notice_source: str = ""
    """Who set `notice_days`, where that isn't the source of the step."""
    notice_working_days_source: str = ""
    """Who set `notice_working_days`, where that isn't the source of the step."""
    bodies: tuple[BodyRule, ...] = ()
    """Who decides what here, by each layer."""
    regular: tuple[Regular, ...] = ()
    """What has to be taken again and again before it."""
    only_if: OnlyIf | None = None
    """A step only where a setting is chosen so."""

    @property
    def has_notice(self) -> bool:
        return self.notice_days > 0 or self.notice_working_days > 0

    @property
    def notice_lengths(self) -> tuple["NoticeLength", ...]:
        """Both lengths of a notice, as far as it has them; the later end decides."""
        lengths = (
            (self.notice_working_days, Unit.WORKING_DAYS, self.notice_working_days_source),
            (self.notice_days, Unit.DAYS, self.notice_source),
        )
        return tuple(
            NoticeLength(value, unit, Strength.LOCAL if own else self.strength, own or self.source)
            for value, unit, own in lengths
            if value
        )

    @cached_property
    def field_ids(self) -> frozenset[str]:
        return frozenset(field.id for field in self.fields)

    @cached_property
    def from_outside(self) -> bool:
        """Whether somebody comes by it for whom steps count that were taken elsewhere."""
        return any(option.covers for one in self.fields for option in one.options)

    @cached_property
    def unbidden(self) -> bool:
        """Whether nothing has to call for it, nor to have happened before but its conditions."""
        return not self.when and (self.anytime or not (self.called_by or self.by_report))

    @cached_property
    def asks_all(self) -> bool:
        """Whether its questions are the same whatever is answered."""
        return all(field.shown_if is None and field.fewer is None for field in self.fields)

    @cached_property
    def choices(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.chooses)

    @cached_property
    def given_once(self) -> tuple[Option, ...]:
        """The options that an answer to another step may have used up."""
        return tuple(o for field in self.choices for o in field.options if o.used_up_by)

    @cached_property
    def deciding(self) -> tuple[Field, ...]:
        """The choices by which a case goes one way or another."""
        return tuple(f for f in self.choices if any(option.decides for option in f.options))

    @cached_property
    def counted(self) -> tuple[Field, ...]:
        """The numbers of its ballot."""
        return tuple(field for field in self.fields if field.count)

    @cached_property
    def bounded(self) -> tuple[Field, ...]:
        """The dates and years that have an earliest or a latest."""
        return tuple(field for field in self.fields if field.limits)

    @cached_property
    def plain_day(self) -> Field | None:
        """The question of its day, where it is asked whatever else is answered, and has to match no
        other."""
        found = next((field for field in self.fields if field.id == self.day), None)
        if found is None or found.shown_if or found.fewer or found.chooses or found.same_as:
            return None
        return found

    def field(self, field_id: str) -> Field:
        return next(item for item in self.fields if item.id == field_id)


@dataclass(frozen=True)
class NoticeLength:
    """How long a notice runs by one layer."""

    value: int
    unit: Unit
    strength: Strength
    source: str


@dataclass(frozen=True)
class City:
    """Whose own rules a profile says: what its document is called, and where it holds."""

    document: Text
    place: Text


@dataclass(frozen=True)
class Stage:
    """A part of the way, by which steps are grouped."""

    id: str
    """Named by steps."""
    title: Text
    """What it is called."""
    called: Text | None = None
    """What a person is called who has come this far: the rules know them as that, not as what they
    are about to become."""
    since: str | None = None
    """The step that makes them so. The first stage with a name needs none."""


@dataclass(frozen=True)
class ReportFinding:
    """One of the classes in which a report from the public is settled (docs/procedure.md § 3)."""

    id: str
    """What is stored; never changed once it was used."""
    text: Text
    """What stands on the button."""
    effect: FindingEffect
    """What it leads to in the case of the person reported."""
    source: str
    """Where it stands."""


@dataclass(frozen=True)
class Duty:
    """What an organisation does once a year beside all cases: it is told of it, and ticks it."""

    id: str
    """What is stored; never changed once it was used. 16 characters at most."""
    title: Text
    """What it is called."""
    text: Text
    """What the rule says, as people read it."""
    actors: tuple[Role, ...]
    """Whose organisations it concerns, and who ticks it."""
    month: int
    """Month of the day by which it is done."""
    day: int
    """Day of that month."""
    strength: Strength
    """How binding it is."""
    source: str
    """Where it stands that it is done once a year."""
    day_source: str
    """Where that day stands; one that no text names is practice, and advised."""
    ladder: tuple[int, ...] = ()
    """Days on which to remind, relative to that day. Open from the first of them on."""


@dataclass(frozen=True)
class Figure:
    """What is counted of all cases of a year, beside what follows from the steps themselves."""

    id: str
    """Names the figure; never changed once it was used."""
    title: Text
    """What it is called in a report."""
    of: tuple[str, ...]
    """The answers that count, each as `"step.field.option"`; an entry counts once."""


@dataclass(frozen=True)
class PeopleGroup:
    """One of the parts into which people are divided."""

    id: str
    """Names the part; never changed once it was used."""
    text: Text
    """What it is called."""
    any_of: tuple[str, ...] = ()
    """The answers that belong to it; `"true"` and `"false"` of yes or no."""
    up_to: int | None = None
    """Of a day of birth: whoever is so old at most at the end of the year. Left out in the last
    part, which takes all others."""


@dataclass(frozen=True)
class Division:
    """By what the people of a year are counted, as the state's tables do."""

    id: str
    """Names the division; never changed once it was used."""
    title: Text
    """What it is called."""
    of: str
    """The question whose answer decides, as `"step.field"`."""
    parts: tuple[PeopleGroup, ...] = ()
    """The parts, in order; a last one without answers takes all others. Left out: the answers of
    the question."""
    rows: bool = False
    """The table of a year has a row for each of its parts."""

    @cached_property
    def of_age(self) -> bool:
        """Whether it divides by a day of birth."""
        return any(part.up_to is not None for part in self.parts)


@dataclass(frozen=True)
class OpenPoint:
    """A point that the sources leave open (docs/procedure.md § 6): what a rulebook may choose, and
    chose."""

    id: str
    """Named by a profile under `set`."""
    text: Text
    """The question that is open."""
    options: tuple[Option, ...]
    """What may be chosen."""
    chosen: str
    """What is chosen where a profile sets nothing."""
    source: str
    """Where it is left open."""


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


@dataclass(frozen=True, repr=False)
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
    """Once all of these are done the person is a member: findings go to the meeting (N31)."""
    plan: tuple[Step, ...] = ()
    """What becomes of a name in the yearly plan before the step that decides it."""
    report_days: int = 0
    """Days in which a report is checked and answered."""
    report_source: str = "P"
    """Where that stands."""
    report_unit: Unit = Unit.DAYS
    earlier: "Rulebook | None" = None
    """The text in force before this one (docs/procedure.md § 6)."""
    defects: tuple[Requirement, ...] = ()
    """What a random check may find wanting in a branch."""
    merits: tuple[Requirement, ...] = ()
    """What a random check may find done well in a branch."""
    put_right: Limit | None = None
    """By when that is put right, counted from the circular (`told_on`)."""
    duties: tuple[Duty, ...] = ()
    """What each organisation does once a year."""
    figures: tuple[Figure, ...] = ()
    """What is counted of a year's cases."""
    divisions: tuple[Division, ...] = ()
    """By what the people of a year are counted."""
    settings: tuple[OpenPoint, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    principles: tuple[Requirement, ...] = ()
    date_check: DateCheck = DateCheck()
    city: City | None = None
    """Whose profile it is; None: a national text."""
    wishes: Choice = USUAL
    """When people may want to be told."""
    by_id: Mapping[str, Step] = field(default_factory=dict, compare=False)
    unasked: Mapping[str, Step] = field(default_factory=dict, compare=False)
    """Steps that this text hadn't, by id, as somebody may have taken them all the same."""

    def __repr__(self) -> str:
        # Whatever is shown of a service names its rules: all of them are a megabyte.
        return f"Rulebook({self.id!r}, {self.version!r})"

    @cached_property
    def barring(self) -> Mapping[str, frozenset[str]]:
        """By step: those in which an option of it can be barred."""
        found: dict[str, set[str]] = {}
        for step in self.by_id.values():
            for name in (name for f in step.choices for o in f.options for name in o.bars):
                found.setdefault(name.partition(".")[0], set()).add(step.id)
        return {step: frozenset(others) for step, others in found.items()}

    @cached_property
    def calling(self) -> Mapping[str, tuple[tuple[str, StepTrigger], ...]]:
        """By step: the steps that an entry of it may call for, each with its call."""
        found: dict[str, list[tuple[str, StepTrigger]]] = {}
        for step in self.steps:
            for call in step.called_by:
                found.setdefault(call.step, []).append((step.id, call))
        return {step: tuple(calls) for step, calls in found.items()}

    @cached_property
    def stage_places(self) -> Mapping[str, int]:
        """By stage: its place, since of two stages it may be asked which comes later."""
        return {stage.id: place for place, stage in enumerate(self.stages)}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """By step: its place in the order of the work."""
        return {step.id: place for place, step in enumerate(self.steps)}

    @cached_property
    def once(self) -> frozenset[str]:
        """The steps that are entered once, by id: with them a case is complete."""
        return frozenset(step.id for step in self.steps if not step.repeats)

    @cached_property
    def reported(self) -> Step | None:
        """The step that a finding on a report is entered as."""
        return next((step for step in self.steps if step.by_report), None)

    @cached_property
    def of_reports(self) -> frozenset[str]:
        """The steps that tell of a report: its finding, and what a finding calls for."""
        told = {step.id for step in self.by_id.values() if step.by_report}
        called = {s.id for s in self.by_id.values() if {call.step for call in s.called_by} & told}
        return frozenset(told | called)

    @cached_property
    def answers_counted(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """By step and `field.option`: the figures in which that answer counts."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for figure in self.figures:
            for name in figure.of:
                step, _, answer = name.partition(".")
                here = found.setdefault(step, {})
                here[answer] = (*here.get(answer, ()), figure.id)
        return found

    @cached_property
    def holding(self) -> tuple[Step, ...]:
        """The steps for which a case waits at its gates once they are called for."""
        return tuple(step for step in self.steps if step.holds_gates)

    def step(self, step_id: str) -> Step:
        """KeyError for a step this rulebook doesn't know."""
        return self.by_id[step_id]

    def on(self, day: date) -> "Rulebook":
        """The version in force on a day; the oldest known one for days before all of them."""
        version = self
        while day < version.in_force and version.earlier is not None:
            version = version.earlier
        return version

    def step_on(self, step_id: str, day: object) -> Step:
        """A step as it was in force on a day; as it is now where that isn't a day. Where the
        version of that day had no such step: without rules. Raises KeyError for one this rulebook
        doesn't know."""
        now = self.by_id[step_id]
        # Not isinstance: a datetime is a date as well, and can't be compared with one.
        if type(day) is not date:
            return now
        version = self.on(day)
        return version.by_id.get(step_id) or version.unasked.get(step_id, now)

    def finding(self, finding_id: str) -> ReportFinding:
        """KeyError for a class this rulebook doesn't know."""
        return {item.id: item for item in self.findings}[finding_id]


__all__ = [
    "BallotRule", "Body", "BodyRule", "City", "DateCheck", "Division", "Duty", "Effect", "Field",
    "FieldType", "Figure", "FindingEffect", "Landmark", "Limit", "LimitKind",
    "NoticeLength", "OpenPoint", "Option", "Paper", "PeopleGroup", "ReportFinding", "Requirement",
    "Role", "Rulebook", "Stage", "Step", "StepGuide", "StepKind", "Strength", "Text", "Unit",
]  # fmt: skip
