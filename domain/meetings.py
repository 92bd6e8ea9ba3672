"""One meeting, several candidates: what is asked once for all of them and what of each
(docs/procedure.md § 2).

A meeting brings no rules of its own. Its questions are those of the steps on its agenda: the day,
who was entitled, present, gave a written opinion, and what was gone through, are asked once; the
votes and the conclusion of each candidate by itself. Both together are the answers to the step.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from domain.case.answers import (
    check_answer,
    check_totals,
    is_missing,
    judge,
    known_bases,
    shown_fields,
    totals_of,
    wrong,
)
from domain.case.facts import Answers, Problem, ProblemCode, Value, Verdict
from domain.organisations import BRANCH, COMMITTEE, DEPARTMENT
from domain.rulebook.schema import (
    BallotRule,
    Body,
    Field,
    FieldType,
    Role,
    Step,
    StepKind,
    Strength,
    Text,
)

DAY = "day"
ATTENDANCE = ("entitled", "due", "present", "written")
CONVENES: Mapping[Body, tuple[str, Role]] = {
    Body.MASSES: (BRANCH, Role.SECRETARY),
    Body.BRANCH: (BRANCH, Role.SECRETARY),
    Body.COMMITTEE: (COMMITTEE, Role.COMMITTEE),
    Body.ORGANISERS: (DEPARTMENT, Role.ORGANISER),
}
"""At which level a body meets, and who keeps its minutes."""


@dataclass(frozen=True)
class Roster:
    """`entitled`: how many may vote, None where nobody keeps a list. `probationary`: how many may
    attend without a vote (docs/procedure.md § 2)."""

    entitled: int | None
    probationary: int = 0


def is_shared(step: Step, field: Field) -> bool:
    """Whether one answer holds for all candidates of a meeting."""
    return (
        field.shared
        or field.id == step.day
        or field.count in ATTENDANCE
        or field.type is FieldType.CHECKLIST
    )


def name_of(step: Step, field: Field) -> str:
    """What a shared answer is called in the meeting, whatever each step calls it."""
    if field.id == step.day:
        return DAY
    return field.count if field.count in ATTENDANCE and field.count else field.id


def opening(steps: Iterable[Step], title: Text) -> Step:
    """What is asked before the first vote, as a step of its own: its ballot holds the quorum rules
    of all that is on the agenda, each once. Numbers asked in a line come in the usual order."""
    asked: dict[str, Field] = {}
    rules: dict[str, BallotRule] = {}
    for step in steps:
        for field in step.fields:
            if is_shared(step, field) and not _given(step, field):
                name = name_of(step, field)
                asked.setdefault(name, replace(field, id=name))
        # Whether a vote passed is judged for each candidate; whether one may be taken, once for
        # all.
        rules |= {rule.id: rule for rule in step.ballot if rule.purpose == "quorum"}
    return Step(
        id="",
        title=title,
        stage="",
        kind=StepKind.BALLOT,
        actors=(),
        source="",
        strength=Strength.LEGAL,
        day=DAY,
        fields=tuple(sorted(asked.values(), key=_order)),
        ballot=tuple(rules.values()),
    )


def _order(field: Field) -> int:
    """The day, then who is there, then what was gone through."""
    if field.id == DAY:
        return 0
    return 1 + ATTENDANCE.index(field.id) if field.id in ATTENDANCE else 9


def _given(step: Step, field: Field) -> bool:
    """What the plan knows of a name isn't asked again by the meeting that decides on it."""
    return step.planned and field.id in GIVEN


YEAR, LEVELS = "year", "levels"
GIVEN = (YEAR, LEVELS)


def of_plan(step: Step, year: int) -> dict[str, Value]:
    """The answers that the plan itself gives to the step that decides it: its year, and that every
    level before was gone through."""
    levels = step.field(LEVELS).options
    return {YEAR: year, LEVELS: tuple(option.id for option in levels)}


def own_fields(step: Step, fields: Iterable[Field]) -> tuple[Field, ...]:
    """Of `fields`, those that are asked of each candidate."""
    return tuple(f for f in fields if not is_shared(step, f) and not _given(step, f))


def answers_of(step: Step, for_all: Answers, own: Answers) -> dict[str, Value]:
    """The answers to a step: what was said once, and what was said of this candidate."""
    shared = {f.id: for_all.get(name_of(step, f)) for f in step.fields if is_shared(step, f)}
    return {**own, **{name: value for name, value in shared.items() if value is not None}}


def quorum(step: Step, answers: Answers) -> Verdict | None:
    """Both layers of the quorum; None while numbers are missing, or where no rule names one."""
    totals = totals_of(step, answers)
    if not step.ballot or not known_bases(step.ballot, totals):
        return None
    return judge(step.ballot, totals)


def opening_problems(step: Step, answers: Answers, today: date) -> tuple[Problem, ...]:
    """Why no vote may be taken yet: something isn't answered, sums that don't fit, no quorum."""
    found: list[Problem] = []
    for field in shown_fields(step, answers):
        value = answers.get(field.id)
        if value is None or is_missing(field, value):
            if not field.optional:
                found.append(wrong(ProblemCode.REQUIRED, field))
        elif problem := check_answer(field, value, today):
            found.append(problem)
    found += check_totals(totals_of(step, answers))
    verdict = quorum(step, answers)
    for share in verdict.shares if verdict else ():
        if not share.passed:
            values = {"have": share.have, "needed": share.needed, "base": share.base}
            found.append(Problem(ProblemCode.TOO_FEW_PRESENT, source=share.source, values=values))
    return tuple(found)
