"""What the committee gives back, and what a visit left open, on the way to a vote."""

import pytest

from domain.case.dates import add_months
from domain.states import Status
from tests.cases.cases import before, called, days, due, enter, resolved, seen, tried

BACK = {"conclusion": "returned", "reason": "志愿书缺一页。"}


@pytest.mark.rule("step_resubmit", "resubmit_soon")
def test_a_case_given_back_waits_for_the_branch_and_nothing_else_is_done_again() -> None:
    case, on = before("17")
    done = {entry.step for entry in seen(case, on).done}
    back = enter(case, "17", on, **BACK)
    assert called(back, on) == {"resubmit"}
    assert {entry.step for entry in seen(back, on).done} == done
    assert (seen(back, on).status, seen(back, on).stage) == (Status.RUNNING, "admission")
    assert due(back, "resubmit_soon", on) == days(on, 15)
    assert [p.code for p in tried(back, "17", on)] == ["step_not_open"]
    again = enter(back, "resubmit", on, put_right="补了第三页。")
    assert called(again, on) == set()
    assert tried(again, "17", on) == []


@pytest.mark.rule("step_resubmit")
def test_the_clock_of_the_approval_goes_on_while_the_branch_puts_it_right() -> None:
    case, on = before("17")
    limit = due(case, "approval_in_time", on)
    later = days(on, 10)
    again = enter(enter(case, "17", on, **BACK), "resubmit", later, put_right="补了第三页。")
    assert due(again, "approval_in_time", later) == limit


@pytest.mark.rule("step_resubmit")
def test_full_membership_given_back_waits_for_the_branch_too() -> None:
    case, on = resolved("on_time")
    back = enter(case, "24", on, **BACK)
    assert called(back, on) == {"resubmit"}
    assert [p.code for p in tried(back, "24", on)] == ["step_not_open"]
    again = enter(back, "resubmit", on, put_right="补了测评报告。")
    assert tried(again, "24", on) == []
    assert tried(again, "23", on) != []


def test_nothing_is_submitted_again_that_was_not_given_back() -> None:
    case, on = before("17")
    assert [p.code for p in tried(case, "resubmit", on)] == ["step_not_open"]
    assert tried(case, "17", on) == []


def test_what_a_visit_proposed_comes_before_the_meeting_concludes() -> None:
    case, on = before("21a")
    case = enter(case, "21a", on, masses="bad", finding="breach", measures=("extension",))
    assert called(case, on) == {"21e"}
    for step in ("22", "22a"):
        case = enter(case, step, before(step)[1])
    for step in ("22b", "22c", "22d"):
        case = enter(case, step, before(step)[1])
    late = before("23")[1]
    refused = tried(case, "23", late)
    assert [p.code for p in refused] == ["step_not_open"]
    assert (refused[0].values or {})["missing"] == ("21e",)
    put = enter(case, "21e", late)
    assert tried(put, "23", late) == []


@pytest.mark.parametrize(
    ("measure", "step"), [("criticism", "21b"), ("help", "21c"), ("warning_talk", "21d")]
)
def test_help_that_goes_on_and_a_talk_without_a_result_hold_no_meeting(
    measure: str, step: str
) -> None:
    case, on = before("21a")
    more = {"help_until": add_months(on, 8)} if measure == "help" else {}
    case = enter(
        case, "21a", on, thinking="slipped", finding="slipped", measures=(measure,), **more
    )
    for name in ("22", "22a", "22b", "22c", "22d"):
        case = enter(case, name, before(name)[1])
    late = before("23")[1]
    assert {item.step.id for item in seen(case, late).called} == {step}
    assert tried(case, "23", late) == []
