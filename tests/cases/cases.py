"""Cases led to where something is called for, entry by entry, under the city's rules."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from domain.case.answers import fields_to_ask
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Problem, Progress, Value
from domain.case.progress import assess
from domain.rulebook.reading.reader import load
from tests.domain.books import CALENDAR
from tests.domain.walk import made, straight_way, value

CITY = load("yakeshi")
WAY = straight_way(CITY)
LOST = {"entitled": 20, "due": 20, "present": 20, "issued": 20, "returned": 20, "valid": 20,
        "written": 0, "abstain": 0, "yes": 8, "no": 12}  # fmt: skip
WON = {**LOST, "yes": 20, "no": 0}


def before(step_id: str) -> tuple[CaseFacts, date]:
    """A case that has come straight to a step, and the day on which that was taken."""
    entry, case = next(pair for pair in WAY if pair[0].step == step_id)
    return case, entry.done_on


def answers_to(step_id: str, on: date, lost: bool = False, **wanted: Value) -> dict[str, Value]:
    """All that a step asks: what is wanted, else what moves a case straight on."""
    step = CITY.step(step_id)
    counts = LOST if lost else WON
    answers: dict[str, Value] = {step.day: on}
    while missing := [f for f in fields_to_ask(step, answers) if f.id not in answers]:
        field = missing[0]
        straight = value(field, counts, Random(1), on, straight=True)
        answers[field.id] = wanted.get(field.id, straight)
    return answers


def tried(
    case: CaseFacts, step_id: str, on: date, lost: bool = False, **wanted: Value
) -> list[Problem]:
    """What refuses an entry."""
    answers = answers_to(step_id, on, lost, **wanted)
    found = check_entry(CITY, case, step_id, answers, on, CALENDAR)
    return [problem for problem in found if problem.refuses]


def enter(
    case: CaseFacts, step_id: str, on: date, lost: bool = False, **wanted: Value
) -> CaseFacts:
    """The case with an entry that nothing refuses."""
    assert tried(case, step_id, on, lost, **wanted) == []
    return made(case, CITY.step(step_id), on, answers_to(step_id, on, lost, **wanted))


def seen(case: CaseFacts, today: date) -> Progress:
    return assess(CITY, case, today, CALENDAR)


def called(case: CaseFacts, today: date) -> set[str]:
    """What is called for and waits."""
    return {item.step.id for item in seen(case, today).open if item.call is not None}


def due(case: CaseFacts, limit: str, today: date) -> date:
    return next(d.on for d in seen(case, today).deadlines if d.limit == limit)


def resolved(conclusion: str) -> tuple[CaseFacts, date]:
    """Before the committee's approval of full membership, the meeting having resolved this."""
    case, on = before("24")
    entries = tuple(
        replace(e, answers={**e.answers, "conclusion": conclusion}) if e.step == "23" else e
        for e in case.entries
    )
    return replace(case, entries=entries), on


def days(day: date, number: int) -> date:
    return day + timedelta(days=number)
