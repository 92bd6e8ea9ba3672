"""The last gate before the archive: what isn't in order in the whole case is explained."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.case.facts import CaseFacts, Entry, WholeCase
from domain.case.whole_case import closed, unsuited, whole_case
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role
from tests.domain.books import CALENDAR
from tests.domain.walk import straight_way

CITY, NATION = load("yakeshi"), load("national_2026")
GATE = CITY.step("24c")


def before_the_gate() -> tuple[CaseFacts, date]:
    entry, case = next(pair for pair in straight_way(CITY) if pair[0].step == "24c")
    return case, entry.done_on


def changed(case: CaseFacts, step: str, entry: Entry) -> CaseFacts:
    entries = tuple(entry if e.step == step else e for e in case.entries)
    return replace(case, entries=entries)


def looked(case: CaseFacts, on: date) -> WholeCase:
    found = whole_case(CITY, case, GATE, on, CALENDAR)
    assert found is not None
    return found


def refused(case: CaseFacts, on: date, conclusion: str) -> list[tuple[str, str]]:
    found = unsuited(GATE, {"looked_on": on, "conclusion": conclusion}, looked(case, on))
    return [(p.code, p.rule) for p in found if p.refuses]


@pytest.mark.rule("whole_24c")
def test_a_case_without_a_fault_is_clear_and_needs_no_explanation() -> None:
    case, on = before_the_gate()
    assert looked(case, on).clear
    assert refused(case, on, "clear") == []
    assert refused(case, on, "explained") == [("whole_case", "whole_24c")]
    assert closed(GATE, looked(case, on)) == {"explained"}


@pytest.mark.rule("whole_24c")
@pytest.mark.parametrize(("shift", "late"), [(-1, False), (0, False), (1, True)])
def test_one_day_too_late_years_ago_is_listed_and_has_to_be_explained(
    shift: int, late: bool
) -> None:
    """The oath a day before the month is over, on its last day, and a day later."""
    case, on = before_the_gate()
    approved = next(entry.done_on for entry in case.entries if entry.step == "17")
    oath = next(entry for entry in case.entries if entry.step == "20")
    sworn = date(approved.year, approved.month + 1, approved.day) + timedelta(days=shift)
    answers = {**oath.answers, "sworn_on": sworn}
    again = changed(case, "20", replace(oath, done_on=sworn, answers=answers, recorded_on=sworn))
    assert [item.problem.rule for item in looked(again, on).findings] == (
        ["oath_in_time"] if late else []
    )
    assert bool(refused(again, on, "clear")) is late
    assert bool(refused(again, on, "explained")) is not late


@pytest.mark.rule("whole_24c")
def test_a_matter_without_a_result_and_a_noted_answer_are_listed() -> None:
    case, on = before_the_gate()
    visit = next(entry for entry in case.entries if entry.step == "21a")
    answers = {**visit.answers, "thinking": "slipped", "finding": "slipped",
               "measures": ("criticism",), "talked_on": visit.done_on}  # fmt: skip
    left = changed(case, "21a", replace(visit, answers=answers))
    assert "21b" in {item.step.id for item in looked(left, on).open}
    sworn = next(entry for entry in case.entries if entry.step == "15")
    silent = changed(case, "15", replace(sworn, answers={**sworn.answers, "resolution": False}))
    assert [item.problem.rule for item in looked(silent, on).findings] == ["resolution_contains"]
    unsigned = changed(case, "21a", replace(visit, signed=frozenset({Role.SECRETARY})))
    assert looked(unsigned, on).number > 0


def test_only_a_step_that_looks_back_does_and_the_nation_has_none() -> None:
    case, on = before_the_gate()
    assert whole_case(CITY, case, CITY.step("25"), on, CALENDAR) is None
    assert not [step.id for step in NATION.steps if step.looks_back]
    assert list(unsuited(CITY.step("25"), {"conclusion": "complete"}, None)) == []
