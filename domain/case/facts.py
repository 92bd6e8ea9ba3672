"""What is known of a case, what follows from it, and what can be wrong with it: plain frozen data,
no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from domain.rulebook.schema import Limit, Role, Rulebook, Step, Strength, Text
from domain.states import Status


class ProblemCode(StrEnum):
    """Each has one sentence (handlers/staff/shared/problem_texts.py)."""

    REQUIRED = "required"
    NOT_A_NUMBER = "not_a_number"
    TOO_SMALL = "too_small"
    TOO_BIG = "too_big"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    NOT_A_DAY = "not_a_day"
    OTHER_WEEKDAY = "other_weekday"
    DAY_AHEAD = "day_ahead"
    DAY_BEFORE_CONDITION = "day_before_condition"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    UNKNOWN_OPTION = "unknown_option"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    TOTALS_CONTRADICT = "totals_contradict"
    NOT_FOR_EACH = "not_for_each"
    MORE_THAN_DAYS = "more_than_days"
    NOT_AS_DECIDED = "not_as_decided"
    NOT_VOTED_ON = "not_voted_on"
    VERDICT_FAILS = "verdict_fails"
    VERDICT_PASSES = "verdict_passes"
    NO_QUORUM = "no_quorum"
    ONLY_ONCE = "only_once"
    BREAKS_RULE = "breaks_rule"
    NOTICE_RUNNING = "notice_running"
    LACKING = "lacking"
    OPTION_BARRED = "option_barred"
    WHOLE_CASE = "whole_case"
    LATER_ENTRY = "later_entry"
    UNKNOWN_FIELD = "unknown_field"
    STEP_NOT_OPEN = "step_not_open"
    HOLD_OPEN = "hold_open"
    AWAITED = "awaited"
    CASE_ENDED = "case_ended"
    RECORDED_LATE = "recorded_late"
    SAME_DAY = "same_day"
    MANY_ON_ONE_DAY = "many_on_one_day"
    MISSED = "missed"
    ONLY_BY_PLAN = "only_by_plan"
    NOT_AT_LEVEL = "not_at_level"
    NOT_RESPONSIBLE = "not_responsible"
    ALREADY_PROPOSED = "already_proposed"
    ALREADY_VOTED = "already_voted"
    ALREADY_SIGNED = "already_signed"
    QUORUM_FIRST = "quorum_first"
    TOO_FEW_PRESENT = "too_few_present"


NOT_OPEN = (
    ProblemCode.CASE_ENDED,
    ProblemCode.STEP_NOT_OPEN,
    ProblemCode.HOLD_OPEN,
    ProblemCode.AWAITED,
    ProblemCode.ONLY_BY_PLAN,
)
"""Why a step can't be entered now, whatever its answers."""


Value = str | int | bool | date | tuple[str, ...]
"""text, choice id, person id: str · number: int · flag: bool · date · choices, checklist, proofs
(attachment ids), persons (ids): tuple of str. A checklist holds the option ids answered yes."""

Answers = Mapping[str, Value]
EVERYBODY = frozenset(Role)
"""Who signed what a sheet brought: it stands on paper, and is waited for no more."""


class DateKind(StrEnum):
    ACTUAL = "actual"
    EARLIEST = "earliest"
    LEGAL = "legal"
    LOCAL = "local"
    ADVISED = "advised"


@dataclass(frozen=True)
class Entry:
    """A step as it was entered. Corrected entries are replaced before they get here.
    `number` counts the entries of the case upward and gives their order. `brought`: taken over from
    a sheet, with the day and little else; what a sheet can't say isn't held against it."""

    number: int
    step: str
    done_on: date
    answers: Answers
    recorded_on: date
    rulebook: str = ""
    signed: frozenset[Role] = frozenset()
    brought: bool = False


@dataclass(frozen=True)
class Hold:
    """A reason why no gate can be passed, from outside the steps of a case: an open report."""

    id: str
    reason: str
    since: date


@dataclass(frozen=True)
class CaseFacts:
    opened_on: date
    entries: tuple[Entry, ...] = ()
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True)
class Start:
    """From what a date is counted, as the entries say it without a calendar. `notice`: the step
    whose notice was posted on `day`, where its last day is meant; "" where `day` itself is.
    `months`: granted beside the limit. `again`: the newest day from which what comes again and
    again is counted as well."""

    day: date
    notice: str = ""
    months: int = 0
    again: date | None = None


@dataclass(frozen=True)
class Deadline:
    """A date of a step. `ladder`: days before it (negative: after it) on which to remind. `start`:
    what to count it from by another calendar; None where no calendar moves it."""

    step: str
    limit: str
    kind: DateKind
    on: date
    source: str
    text: Text
    provisional: bool = False
    ladder: tuple[int, ...] = ()
    start: Start | None = None


class BlockerKind(StrEnum):
    """What keeps a step from being taken. `LACKING`: a step elsewhere wasn't taken as often as it
    has to be. `AWAITED`: another step comes first, because an entry called for it. `PLAN`: the
    name hasn't come to this level of the yearly plan."""

    CONDITION = "condition"
    EARLIEST = "earliest"
    LACKING = "lacking"
    HOLD = "hold"
    AWAITED = "awaited"
    PLAN = "plan"
    ENDED = "ended"


@dataclass(frozen=True)
class Blocker:
    """Why a step can't be taken now."""

    kind: BlockerKind
    source: str
    text: Text
    step: str = ""
    until: date | None = None


class Ahead(Protocol):
    """What lists and reminders ask of an open step."""

    @property
    def step(self) -> Step: ...
    @property
    def deadlines(self) -> tuple[Deadline, ...]: ...
    @property
    def waits_for(self) -> frozenset[Role]: ...
    @property
    def possible(self) -> bool: ...
    @property
    def turn(self) -> frozenset[Role]: ...


@dataclass(frozen=True)
class OpenStep:
    step: Step
    blockers: tuple[Blocker, ...]
    deadlines: tuple[Deadline, ...]
    waits_for: frozenset[Role] = frozenset()
    call: Entry | None = None
    """What called for it, where something had to."""

    @property
    def possible(self) -> bool:
        return not self.blockers

    @property
    def turn(self) -> frozenset[Role]:
        """Whose turn it is: those whose signature is missing, else those who enter it."""
        return self.waits_for or frozenset(self.step.actors)


@dataclass(frozen=True)
class Progress:
    """`done`: entries that count, in order. `open`: steps whose conditions are met or only time,
    a hold or a signature is missing: the first is the next one. `later`: the rest. `deadlines`: of
    the open steps, by date. `ahead`: clocks that run already for later steps. `outcome`: how an
    ended case ended. `total`: the steps everybody has to go through. `landmarks`: days that follow
    and that nobody enters, such as the end of probation. `anytime`: what may happen whenever, and
    can be entered now. `awaited`: what was called for and keeps the gates shut until it has a
    result."""

    status: Status
    stage: str
    done: tuple[Entry, ...]
    open: tuple[OpenStep, ...]
    later: tuple[Step, ...]
    deadlines: tuple[Deadline, ...]
    total: int
    ahead: tuple[Deadline, ...] = ()
    outcome: str = ""
    landmarks: tuple[Deadline, ...] = ()
    anytime: tuple[OpenStep, ...] = ()
    awaited: tuple[Step, ...] = ()
    standing: Text | None = None
    """What the person is called now, where the rulebook says so."""

    @property
    def called(self) -> tuple[OpenStep, ...]:
        """What an answer called for and has no result yet."""
        return tuple(item for item in self.open if item.call is not None)

    @property
    def moving(self) -> OpenStep | None:
        """What moves the case on: the first open step that comes once, or that others wait for."""
        awaited = {name for step in self.later for name in step.not_while}
        return next((i for i in self.open if not i.step.repeats or i.step.id in awaited), None)

    @property
    def next(self) -> OpenStep | None:
        return self.open[0] if self.open else None


@dataclass(frozen=True)
class BallotShare:
    """One ballot rule applied: `have` of `base`, and what would have been needed."""

    rule: str
    layer: Strength
    purpose: str
    passed: bool
    have: int
    base: int
    needed: int
    source: str
    text: Text


@dataclass(frozen=True)
class Verdict:
    """All rules of a ballot. `passed`: the stricter decides, so all of them."""

    shares: tuple[BallotShare, ...]

    @property
    def passed(self) -> bool:
        return all(share.passed for share in self.shares)

    @property
    def conflict(self) -> bool:
        """National and local layers differ."""
        layers = {
            layer: all(s.passed for s in self.shares if s.layer is layer)
            for layer in {s.layer for s in self.shares}
        }
        return len(set(layers.values())) > 1


@dataclass(frozen=True)
class Problem:
    """Why an answer or a whole entry is refused (`refuses`) or only noted as a breach.
    `code` names the sentence (texts live with the front door), `values` fill it. `rule`: the id of
    the rule it breaks, where there is one (docs/rules.md)."""

    code: ProblemCode
    field: str = ""
    refuses: bool = True
    source: str = ""
    values: Mapping[str, object] | None = None
    rule: str = ""


__all__ = [
    "Answers", "BallotShare", "Blocker", "CaseFacts", "DateKind", "Deadline", "Entry", "Hold",
    "Limit", "OpenStep", "Problem", "Progress", "Status", "Value", "Verdict",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """`number`: of the entry, 0 for a step that isn't entered. `day`: the day it concerns."""

    step: str
    number: int
    day: date
    problem: Problem

    @property
    def binding(self) -> bool:
        """A breach of a rule that binds, not only of what is advised."""
        strength = (self.problem.values or {}).get("strength", Strength.LEGAL.value)
        return strength != Strength.ADVISED.value


@dataclass(frozen=True)
class WholeCase:
    """`findings`: what broke a rule that binds and still stands so. `open`: what was called for and
    has no result, and what waits for a signature."""

    book: Rulebook = field(repr=False)
    findings: tuple[Finding, ...]
    open: tuple[OpenStep, ...]

    @property
    def number(self) -> int:
        return len(self.findings) + len(self.open)

    @property
    def clear(self) -> bool:
        return not self.number
