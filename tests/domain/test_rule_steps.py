"""The order of the steps, the gates and the signatures, each written down here and tried."""

from dataclasses import replace

import pytest

from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Entry, Hold, Problem
from domain.case.replay import Fold
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role, Step
from tests.domain.books import CALENDAR, day

CITY = load("yakeshi")
TODAY, ON = day("2030-06-01"), day("2030-03-01")

ORDER: dict[str, str] = {
    "1": "", "2": "1", "3": "2", "4": "3", "5": "3", "6a": "5", "6c": "4", "5a": "5", "6": "4 5 5a",
    "7": "6", "7a": "7", "8": "7 7a", "8a": "7a 8", "8b": "8a", "9": "8 8b", "10": "8 8b",
    "11": "8 8b",
    "12": "9 10 11", "13": "12", "14": "13", "14a": "14", "15": "14 14a", "16": "15", "17": "16",
    "17a": "17", "18": "17 17a", "19": "18", "20": "18", "21": "19 20", "21a": "21",
    "22": "21 21a", "22a": "22", "22b": "22a", "22c": "22b", "22d": "22 22c", "23": "22 22c 22d",
    "24": "23", "24c": "24", "25": "24 24c",
}  # fmt: skip
GATES = ("8", "8b", "13", "15", "17", "17a", "22b", "23", "24", "24c")


def entered(number: int, step: Step, on: str) -> Entry:
    return Entry(number, step.id, day(on), {step.day: day(on)}, day(on), "", frozenset(Role))


def conditions(step: Step, on: str) -> tuple[Entry, ...]:
    return tuple(entered(n, CITY.step(name), on) for n, name in enumerate(step.after, 1))


def wrong(step: Step, on: str, *before: Entry, hold: bool = False) -> list[Problem]:
    holds = (Hold("r", "report", day("2030-01-01")),) if hold else ()
    facts = CaseFacts(day("2026-05-11"), before, holds)
    return list(check_entry(CITY, facts, step.id, {step.day: day(on)}, TODAY, CALENDAR))


def codes(problems: list[Problem], rule: str) -> list[str]:
    return [problem.code for problem in problems if problem.rule == rule]


@pytest.mark.rule(*(f"step_{step}" for step in ORDER))
@pytest.mark.parametrize("name", ORDER)
def test_a_step_is_taken_once_what_it_stands_on_is_done(name: str) -> None:
    step, rule = CITY.step(name), f"step_{name}"
    assert set(step.after) == set(ORDER[name].split())
    before = conditions(step, ON.isoformat())
    for left_out in before:
        kept = tuple(entry for entry in before if entry != left_out)
        (problem,) = [p for p in wrong(step, "2030-03-02", *kept) if p.rule == rule]
        assert (problem.code, problem.source) == ("step_not_open", step.source)
    assert codes(wrong(step, "2030-03-01", *before), rule) == []
    assert codes(wrong(step, "2030-03-02", *before), rule) == []
    early = codes(wrong(step, "2030-02-28", *before), rule)
    assert early == ["day_before_condition"] * len(before)


def test_no_step_is_left_out() -> None:
    """What is called for, or may happen at any time, or comes from the register of reports, is no
    part of the order."""
    beside = ("called_by", "anytime", "by_report")
    way = [step.id for step in CITY.steps if not any(getattr(step, name) for name in beside)]
    assert way == sorted(ORDER, key=way.index)
    assert [step.id for step in CITY.steps if step.gate] == list(GATES)


@pytest.mark.rule("hold_at_gates", *(f"gate_{step}" for step in GATES))
@pytest.mark.parametrize("name", ORDER)
def test_a_hold_stops_a_case_at_its_gates_and_nowhere_else(name: str) -> None:
    step = CITY.step(name)
    before = conditions(step, ON.isoformat())
    held = codes(wrong(step, "2030-03-02", *before, hold=True), f"gate_{name}")
    assert held == (["hold_open"] if name in GATES else [])
    assert codes(wrong(step, "2030-03-02", *before), f"gate_{name}") == []


@pytest.mark.rule("signed_21a")
def test_a_visit_counts_once_secretary_and_introducer_signed() -> None:
    visit = entered(1, CITY.step("21a"), "2030-03-01")
    both = frozenset({Role.SECRETARY, Role.INTRODUCER})
    for signed, counts in ((set(), False), ({Role.SECRETARY}, False), (both, True)):
        entry = replace(visit, signed=frozenset(signed))
        fold = Fold(CITY, CaseFacts(day("2026-05-11"), (entry,)), CALENDAR)
        assert ("21a" in fold.done) is counts
    assert set(CITY.step("21a").signed_by) == both
    assert CITY.step("21a").each_signs == (Role.INTRODUCER,)
