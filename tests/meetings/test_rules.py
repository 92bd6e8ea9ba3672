"""What a meeting asks once, what of each, and what keeps it from voting."""

from datetime import date
from random import Random

import pytest

from domain.case.facts import Answers, Value
from domain.meetings import DAY, answers_of, of_plan, opening, opening_problems, own_fields, quorum
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Step, Text
from tests.domain.walk import fill

BOOK = load()
TITLE = Text("支部大会", "Branch meeting")
TODAY = date(2026, 11, 23)
BODIES = [step for step in (*BOOK.steps, *BOOK.plan) if step.body is not None]


def branch(**numbers: Value) -> Answers:
    step = opening([BOOK.step("15"), BOOK.step("23")], TITLE)
    lists = {f.id: tuple(o.id for o in f.options) for f in step.fields if f.options}
    return {DAY: TODAY, **lists, "written": 0, **numbers}


def codes(answers: Answers) -> list[str]:
    step = opening([BOOK.step("15"), BOOK.step("23")], TITLE)
    return [problem.code for problem in opening_problems(step, answers, TODAY)]


def test_the_day_and_who_is_there_are_asked_once_and_the_five_points_too() -> None:
    asked = [f.id for f in opening([BOOK.step("15"), BOOK.step("23")], TITLE).fields]
    assert asked == [
        DAY, "entitled", "due", "present", "written", "five_points", "agenda", "few_members",
        "not_due",
    ]  # fmt: skip
    own = [f.id for f in own_fields(BOOK.step("15"), BOOK.step("15").fields)]
    assert own == [
        "issued", "returned", "valid", "yes", "no", "abstain", "conclusion",
        "resolution", "results_written", "opinions", "submitted_on",
    ]  # fmt: skip


@pytest.mark.parametrize("step", BODIES, ids=lambda step: step.id)
def test_what_is_asked_once_and_what_of_each_make_up_the_whole_step(step: Step) -> None:
    whole = fill(step, TODAY, Random(3), straight=True)
    first = opening([step], TITLE)
    names = {f.id: f.id for f in step.fields}
    names |= {f.id: DAY for f in step.fields if f.id == step.day}
    names |= {f.id: f.count for f in step.fields if f.count in ("entitled", "due", "present")}
    for_all = {names[key]: value for key, value in whole.items()}
    for_all = {f.id: for_all[f.id] for f in first.fields if f.id in for_all}
    own = {f.id: whole[f.id] for f in own_fields(step, step.fields) if f.id in whole}
    plan = of_plan(step, 2026) if step.planned else {}
    again = {**answers_of(step, for_all, own), **plan}
    assert set(again) == set(whole)
    assert {k: v for k, v in again.items() if k not in plan} == {
        k: v for k, v in whole.items() if k not in plan
    }


@pytest.mark.parametrize(
    ("entitled", "due", "present", "national", "city"),
    [
        (20, 20, 9, False, False),
        (20, 20, 10, False, True),
        (20, 20, 11, True, True),
        (21, 21, 10, False, False),
        (21, 21, 11, True, True),
        (20, 18, 9, False, True),
    ],
)
def test_the_quorum_in_both_layers(
    entitled: int, due: int, present: int, national: bool, city: bool
) -> None:
    grounds: dict[str, Value] = {"not_due": "长期病假，党委同意"} if due < entitled else {}
    answers = branch(entitled=entitled, due=due, present=present, **grounds)
    verdict = quorum(opening([BOOK.step("15")], TITLE), answers)
    assert verdict is not None
    assert {share.rule: share.passed for share in verdict.shares} == {
        "n15_quorum": national, "g15_quorum": city,
    }  # fmt: skip
    assert set(codes(answers)) == (set() if national and city else {"too_few_present"})


def test_written_opinions_make_no_quorum() -> None:
    found = codes(branch(entitled=20, due=20, present=10, written=8))
    assert set(found) == {"too_few_present"}


def test_who_was_there_has_to_fit() -> None:
    assert codes(branch(entitled=20, due=20, present=21)) == ["totals_contradict"] * 3
    assert "totals_contradict" in codes(branch(entitled=20, due=20, present=15, written=6))
    assert codes(branch(entitled=20, present=15)) == ["required"]


def test_no_vote_before_everything_was_gone_through() -> None:
    found = codes({**branch(entitled=20, due=20, present=15), "five_points": ("standard",)})
    assert found == ["too_few"]


def test_a_body_without_a_rule_on_attendance_has_no_verdict_on_it() -> None:
    assert quorum(opening([BOOK.step("17")], TITLE), {"entitled": 9, "present": 5}) is None
