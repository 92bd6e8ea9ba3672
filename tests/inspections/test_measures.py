"""What a visit finds wrong leads to a measure, and every measure to a result
(docs/procedure.md § 4)."""

from datetime import date

import pytest

from domain.case.dates import add_months
from domain.case.facts import CaseFacts, DateKind, Value
from domain.rulebook.schema import LimitKind, Role
from tests.cases.cases import CITY, before, called, days, due, enter, seen, tried

MEASURES = {
    "criticism": "21b",
    "help": "21c",
    "warning_talk": "21d",
    "extension": "21e",
    "cancellation": "21e",
}


def visited(*measures: str, **wanted: Value) -> tuple[CaseFacts, date]:
    case, on = before("21a")
    found: dict[str, Value] = {
        "thinking": "slipped",
        "finding": "slipped",
        "measures": measures,
        **wanted,
    }
    return enter(case, "21a", on, **found), on


def test_every_measure_of_a_visit_is_followed_up() -> None:
    field = CITY.step("21a").field("measures")
    assert {option.id for option in field.options} == set(MEASURES)


@pytest.mark.rule("step_21b", "step_21c", "step_21d", "step_21e")
@pytest.mark.parametrize(("measure", "step"), MEASURES.items())
def test_a_measure_waits_for_its_result(measure: str, step: str) -> None:
    case, on = visited(measure)
    assert called(case, on) == {step}
    item = next(item for item in seen(case, on).open if item.step.id == step)
    assert item.deadlines
    assert item.deadlines[0].ladder
    done = enter(case, step, on)
    assert called(done, on) == set()
    assert [p.code for p in tried(done, step, on)] == ["step_not_open"]


def test_a_visit_that_found_nothing_calls_for_nothing() -> None:
    case, on = before("21a")
    assert called(enter(case, "21a", on), on) == set()


def test_measures_are_kept_apart() -> None:
    case, on = visited("criticism", "help", "extension")
    assert called(case, on) == {"21b", "21c", "21e"}
    assert called(enter(case, "21b", on), on) == {"21c", "21e"}


@pytest.mark.rule("help_ends")
@pytest.mark.parametrize("on", [date(2028, 12, 31), date(2029, 2, 28)])
def test_help_ends_on_the_day_that_was_named(on: date) -> None:
    case, visit = visited("help", help_until=on)
    assert due(case, "help_ends", visit) == on
    limit = CITY.step("21c").limits[0]
    assert (limit.kind, limit.value) == (LimitKind.WITHIN, 0)
    again = enter(case, "21c", visit, result="more", help_until=days(on, 60))
    assert due(again, "help_ends", visit) == days(on, 60)


@pytest.mark.rule("criticism_result", "warning_result", "proposal_soon")
@pytest.mark.parametrize(
    ("measure", "limit"),
    [
        ("criticism", "criticism_result"),
        ("warning_talk", "warning_result"),
        ("extension", "proposal_soon"),
    ],
)
def test_a_result_is_looked_for_within_a_month(measure: str, limit: str) -> None:
    case, on = visited(measure)
    assert due(case, limit, on) == add_months(on, 1)
    found = next(d for d in seen(case, on).deadlines if d.limit == limit)
    assert found.kind is DateKind.ADVISED


@pytest.mark.parametrize(("measure", "step"), [(m, s) for m, s in MEASURES.items() if s != "21e"])
def test_what_did_not_help_is_put_before_the_branch_meeting(measure: str, step: str) -> None:
    case, on = visited(measure)
    assert called(enter(case, step, on, result="none"), on) == {"21e"}
    assert called(enter(case, step, on, result="more", help_until=days(on, 30)), on) == {step}


def test_the_named_helper_and_the_secretary_file_the_result() -> None:
    assert CITY.step("21a").field("helper").appoints is Role.HELPER
    assert CITY.step("21c").actors == (Role.HELPER, Role.SECRETARY)
    released = {o.id: o.releases for o in CITY.step("21c").field("result").options}
    assert released == {"better": Role.HELPER, "more": None, "none": Role.HELPER}
