"""Who was wrongly admitted isn't recognised as a member: the committee decides, the branch meeting
hears of it (N41). No finding of a report leads there by itself."""

from dataclasses import replace
from datetime import date

import pytest

from domain.case.dates import add_months
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Value
from domain.case.progress import why_not
from domain.rulebook.schema import Body, Role
from domain.states import Status
from tests.cases.cases import CITY, WAY, before, called, days, due, enter, seen, tried
from tests.domain.books import CALENDAR


def decided(conclusion: str) -> tuple[CaseFacts, date]:
    case, on = before("21")
    return enter(case, "not_recognised", on, conclusion=conclusion), on


@pytest.mark.rule("wrong_admission", "step_not_recognised")
def test_the_committee_ends_the_case_of_who_was_wrongly_admitted() -> None:
    step = CITY.step("not_recognised")
    assert (step.body, step.actors, step.source) == (Body.COMMITTEE, (Role.COMMITTEE,), "N41")
    ended, on = decided("not_recognised")
    progress = seen(ended, on)
    assert (progress.status, progress.outcome) == (Status.ENDED, "not_recognised")
    case, on = before("17")
    assert [p.code for p in tried(case, "not_recognised", on)] == ["step_not_open"]


def test_what_was_in_order_goes_on_as_before() -> None:
    case, on = before("21")
    stands, _ = decided("stands")
    assert [i.step.id for i in seen(stands, on).open] == [i.step.id for i in seen(case, on).open]
    assert called(stands, on) == set()


@pytest.mark.rule("step_not_recognised")
def test_it_may_come_out_after_the_archive_and_nothing_else_may_be_entered_then() -> None:
    entry, case = WAY[-1]
    archived, on = replace(case, entries=(*case.entries, entry)), entry.done_on
    assert seen(archived, on).status is Status.ARCHIVED
    assert seen(archived, on).open == ()
    for step in CITY.steps:
        allowed = not why_not(CITY, archived, step.id, on, CALENDAR)
        assert allowed is (step.id == "not_recognised")
    later = days(on, 400)
    stands = enter(archived, "not_recognised", later, conclusion="stands")
    assert (seen(stands, later).status, called(stands, later)) == (Status.ARCHIVED, set())
    ended = enter(stands, "not_recognised", later, conclusion="not_recognised")
    progress = seen(ended, later)
    assert (progress.status, progress.outcome) == (Status.ENDED, "not_recognised")
    assert called(ended, later) == {"wrongly_told"}
    told = enter(ended, "wrongly_told", days(later, 3))
    assert seen(told, days(later, 3)).open == ()
    assert [p.code for p in tried(told, "not_recognised", days(later, 3))] == ["case_ended"]


@pytest.mark.rule("step_wrongly_told", "wrong_admission_announced", "announced_soon")
def test_it_is_announced_at_the_branch_meeting_within_a_month() -> None:
    ended, on = decided("not_recognised")
    assert called(ended, on) == {"wrongly_told"}
    assert due(ended, "announced_soon", on) == add_months(on, 1)
    for shift, late in ((-1, False), (0, False), (1, True)):
        day = days(add_months(on, 1), shift)
        answers: dict[str, Value] = {"announced_on": day, "at_meeting": True}
        problems = check_entry(CITY, ended, "wrongly_told", answers, day, CALENDAR)
        assert [(p.rule, p.refuses) for p in problems] == (
            [("announced_soon", False)] if late else []
        )
    told = enter(ended, "wrongly_told", days(on, 3))
    assert (seen(told, days(on, 3)).open, seen(told, on).status) == ((), Status.ENDED)
