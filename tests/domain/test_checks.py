"""An answer by itself, and a whole entry: what is refused, what is noted, and by which rule."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import pytest

from domain.case.entry_validation import check_answer, check_entry, fields_to_ask, verdict_of
from domain.case.facts import CaseFacts, Hold, Problem, Value
from domain.rulebook.schema import Field, FieldType, Option, Text
from tests.domain.books import CALENDAR, begun, book, day, entry, facts

LABEL = Text("标签", "label")
TODAY = day("2026-04-01")
OPTIONS = (Option("a", LABEL), Option("b", LABEL), Option("c", LABEL))


def field(kind: str, minimum: int | None = None, maximum: int | None = None) -> Field:
    options = OPTIONS if kind in ("choice", "choices", "checklist") else ()
    return Field("f", FieldType(kind), LABEL, options=options, minimum=minimum, maximum=maximum)


@pytest.mark.parametrize(
    ("asked", "value", "code"),
    [
        (field("text"), "好", None),
        (field("text"), "", "required"),
        (field("text"), " \n　", "required"),
        (field("text"), "半个\ud83d", "required"),
        (field("text"), 5, "required"),
        (field("text", 2), "一", "too_short"),
        (field("text", 2), "一二", None),
        (field("text", 0, 3), "一二三", None),
        (field("text", 0, 3), "一二三四", "too_long"),
        (field("text"), "字" * 2000, None),
        (field("text"), "字" * 2001, "too_long"),
        (field("number"), 0, None),
        (field("number"), -1, "too_small"),
        (field("number", 1), 0, "too_small"),
        (field("number", 6, 12), 6, None),
        (field("number", 6, 12), 5, "too_small"),
        (field("number", 6, 12), 12, None),
        (field("number", 6, 12), 13, "too_big"),
        (field("number"), 99_999, None),
        (field("number"), 10**30, "too_big"),
        (field("number"), True, "not_a_number"),
        (field("number"), "5", "not_a_number"),
        (field("date"), TODAY, None),
        (field("date"), day("2026-04-02"), "day_ahead"),
        (replace(field("date"), future=True), day("2026-04-02"), None),
        (replace(field("date"), future=True), day("9999-12-31"), "not_a_day"),
        (field("date"), day("1899-12-31"), "not_a_day"),
        (field("date"), datetime(2026, 3, 1), "not_a_day"),  # noqa: DTZ001 (a wrong value)
        (field("date"), "2026-03-01", "not_a_day"),
        (field("flag"), False, None),
        (field("flag"), "yes", "unknown_option"),
        (field("choice"), "a", None),
        (field("choice"), "d", "unknown_option"),
        (field("choice"), ("a",), "unknown_option"),
        (field("choices"), ("a",), None),
        (field("choices"), (), "too_few"),
        (field("choices", 2), ("a",), "too_few"),
        (field("choices", 2, 2), ("a", "b"), None),
        (field("choices", 2, 2), ("a", "b", "c"), "too_many"),
        (field("choices"), ("a", "a"), "unknown_option"),
        (field("choices"), ("a", "d"), "unknown_option"),
        (field("choices"), "a", "unknown_option"),
        (field("checklist"), (), None),
        (field("checklist", 3), ("a", "b"), "too_few"),
        (field("proof", 1, 2), ("x", "y"), None),
        (field("proof", 1, 2), ("x", "y", "z"), "too_many"),
        (field("person"), "p1", None),
        (field("person"), "", "required"),
        (field("persons", 2, 2), ("p1",), "too_few"),
        (field("persons", 2, 2), ("p1", "p1"), "unknown_option"),
        (field("persons", 2, 2), ("p1", "p2"), None),
    ],
)
def test_an_answer_is_checked_by_its_type(asked: Field, value: Value, code: str | None) -> None:
    problem = check_answer(asked, value, TODAY)
    assert (problem.code if problem else None) == code
    assert problem is None or (problem.field, problem.refuses) == ("f", True)


VOTE: Mapping[str, Value] = {
    "held_on": day("2025-03-10"), "entitled": 20, "present": 18, "yes": 15, "no": 3,
    "conclusion": "passed",
}  # fmt: skip


def wrong(
    case: CaseFacts, step: str, answers: Mapping[str, Value], name: str = "core", on: date = TODAY
) -> list[Problem]:
    return list(check_entry(book(name), case, step, answers, on, CALENDAR))


def codes(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in problems]


def test_a_faultless_entry_has_no_problems() -> None:
    case = begun(9)
    for number, made in enumerate(case.entries):
        before = facts(*case.entries[:number])
        assert wrong(before, made.step, made.answers) == []


def test_only_what_is_asked_is_taken_and_all_of_it() -> None:
    answers = {"on": day("2025-02-18"), "outcome": "clear", "reason": "没有", "mood": "good"}
    assert codes(wrong(begun(4), "5", answers)) == [
        ("unknown_field", "mood"),
        ("unknown_field", "reason"),
    ]
    assert codes(wrong(begun(4), "5", {"outcome": "wait"})) == [
        ("required", "on"),
        ("required", "reason"),
    ]


def test_the_conclusion_is_asked_once_the_numbers_are_in() -> None:
    step = book().step("6")
    early = [asked.id for asked in fields_to_ask(step, {"entitled": 20})]
    assert early == ["held_on", "entitled", "present", "written", "yes", "no"]
    asked = fields_to_ask(step, VOTE)[-1]
    assert [option.id for option in asked.options] == ["passed"]
    asked = fields_to_ask(step, {**VOTE, "yes": 10})[-1]
    assert [option.id for option in asked.options] == ["lost"]


def test_a_conclusion_against_the_numbers_is_refused_both_ways() -> None:
    lost = wrong(begun(5), "6", {**VOTE, "yes": 10})
    assert [(p.code, p.source) for p in lost] == [("verdict_fails", "N20")]
    assert (lost[0].values or {})["needed"] == 11
    won = wrong(begun(5), "6", {**VOTE, "conclusion": "lost"})
    assert codes(won) == [("verdict_passes", "conclusion")]


def test_a_conclusion_without_numbers_is_refused() -> None:
    answers = {key: value for key, value in VOTE.items() if key != "yes"}
    assert codes(wrong(begun(5), "6", answers)) == [
        ("required", "yes"),
        ("verdict_fails", "conclusion"),
    ]


def test_a_loss_without_a_quorum_is_taken_and_noted() -> None:
    answers = {**VOTE, "present": 10, "yes": 4, "no": 6, "conclusion": "lost"}
    (noted,) = wrong(begun(5), "6", answers)
    assert (noted.code, noted.refuses, noted.source) == ("no_quorum", False, "N20")


def test_sums_that_do_not_fit_are_named_with_their_field() -> None:
    problems = wrong(begun(5), "6", {**VOTE, "present": 16})
    assert codes(problems) == [("totals_contradict", "yes")]
    values = problems[0].values or {}
    assert (values["left"], values["left_sum"]) == (("yes", "no"), 18)
    assert (values["right"], values["right_sum"]) == (("present",), 16)


def test_exactly_one_half_passes_the_city_and_not_the_nation() -> None:
    answers = {**VOTE, "due": 20, "present": 20, "yes": 10, "no": 10}
    verdict = verdict_of(book("city").step("6"), answers)
    assert verdict is not None
    assert [(share.rule, share.passed) for share in verdict.shares] == [
        ("quorum", True), ("pass", False), ("pass_city", True),
    ]  # fmt: skip
    assert verdict.conflict
    case = facts(*begun(5).entries, entry(6, "3a", "2025-02-03"))
    assert codes(wrong(case, "6", answers, "city")) == [("verdict_fails", "conclusion")]


@pytest.mark.parametrize(
    ("on", "found"),
    [
        ("2024-01-30", [("day_before_condition", True)]),
        ("2024-01-31", []),
        ("2024-02-29", []),
        ("2024-03-01", [("too_late", False)]),
        ("2026-04-02", [("day_ahead", True), ("too_late", False)]),
    ],
)
def test_the_day_of_an_entry_against_its_condition_and_its_limit(
    on: str, found: list[tuple[str, bool]]
) -> None:
    problems = wrong(begun(1), "2", {"on": day(on)})
    assert [(problem.code, problem.refuses) for problem in problems] == found


@pytest.mark.parametrize(("on", "refused"), [("2025-01-30", True), ("2025-01-31", False)])
def test_a_step_before_its_time_is_refused(on: str, refused: bool) -> None:
    problems = wrong(begun(2), "3", {"on": day(on)})
    assert bool(problems) is refused
    if refused:
        assert (problems[0].code, problems[0].source) == ("too_early", "N10")


def test_what_was_too_early_before_the_text_came_into_force_is_only_noted() -> None:
    old = facts(entry(1, "1", "2018-06-01"), entry(2, "2", "2018-06-10"))
    (noted,) = wrong(old, "3", {"on": day("2019-05-01")})
    assert (noted.code, noted.refuses) == ("too_early", False)
    still = wrong(old, "3", {"on": day("2019-05-01")}, on=day("2019-05-02"))
    assert (still[0].code, still[0].refuses) == ("too_early", True)


def test_the_result_of_a_notice_before_it_is_over_is_refused() -> None:
    answers = {"on": day("2025-02-17"), "outcome": "clear"}
    (problem,) = wrong(begun(4), "5", answers)
    assert (problem.code, problem.refuses) == ("notice_running", True)
    assert (problem.values or {})["limit"] == day("2025-02-18")


def test_a_step_that_is_not_open_says_what_is_missing() -> None:
    (early,) = wrong(begun(1), "4", {"posted_on": day("2025-02-10")})
    assert (early.code, (early.values or {})["missing"]) == ("step_not_open", ("3",))
    (done,) = wrong(begun(2), "2", {"on": day("2024-02-10")})
    assert (done.code, (done.values or {})["missing"]) == ("step_not_open", ())


def test_a_step_waiting_for_a_signature_is_not_entered_twice() -> None:
    case = facts(*begun(6).entries, entry(7, "7", "2026-03-01", signed="secretary"))
    assert [p.code for p in wrong(case, "7", {"on": day("2026-03-02")})] == ["step_not_open"]


def test_a_held_gate_and_an_ended_case_take_nothing() -> None:
    report = (Hold("r1", "举报核实中", day("2025-01-01")),)
    (held,) = wrong(begun(3, report), "4", {"posted_on": day("2025-02-10")})
    assert (held.code, (held.values or {})["holds"]) == ("hold_open", ("举报核实中",))
    over = wrong(begun(9), "2a", {"on": day("2026-03-30")})
    assert (over[0].code, over[0].refuses) == ("case_ended", True)


def test_a_review_that_comes_too_late_is_noted() -> None:
    (late,) = wrong(begun(2), "2a", {"on": day("2024-08-01")})
    assert (late.code, late.refuses) == ("too_late", False)
    assert wrong(begun(2), "2a", {"on": day("2024-07-31")}) == []


def test_a_reopened_step_is_not_dated_before_what_reopened_it() -> None:
    again = entry(5, "5", "2025-02-18", outcome="again", reason="地点不对")
    case = facts(*begun(4).entries, again)
    assert codes(wrong(case, "4", {"posted_on": day("2025-02-17")})) == [
        ("day_before_condition", "posted_on")
    ]
    assert wrong(case, "4", {"posted_on": day("2025-02-18")}) == []


def test_probation_is_extended_a_single_time() -> None:
    extended = entry(8, "8", "2026-03-10", conclusion="extend", months=6)
    case = facts(*begun(7).entries, extended, entry(9, "7", "2026-09-01"))
    later = day("2026-12-01")
    again = {"on": day("2026-10-01"), "conclusion": "extend", "months": 6}
    assert [p.code for p in wrong(case, "8", again, on=later)] == ["only_once"]
    full = {"on": day("2026-10-01"), "conclusion": "full"}
    assert [p.code for p in wrong(case, "8", full, on=later)] == []


def corrected(step: str, number: int, answers: Mapping[str, Value]) -> list[Problem]:
    case = replace(begun(9), holds=(Hold("r", "x", TODAY),))
    return list(check_entry(book(), case, step, answers, TODAY, CALENDAR, replaces=number))


def test_a_correction_is_judged_as_of_its_own_place() -> None:
    assert corrected("2", 2, {"on": day("2024-02-20"), "notes": "补记"}) == []
    assert [p.code for p in corrected("2", 2, {"on": day("2024-01-02")})] == [
        "day_before_condition"
    ]
    assert corrected("7", 7, {"on": day("2026-03-02")}) == []


def test_a_correction_may_not_pull_the_ground_from_under_later_entries() -> None:
    (moved,) = corrected("1", 1, {"on": day("2024-02-05")})
    assert (moved.code, (moved.values or {})["step"]) == ("later_entry", "3")
    gone = corrected("5", 5, {"on": day("2025-02-18"), "outcome": "wait", "reason": "有反映"})
    assert [(p.code, (p.values or {})["step"]) for p in gone] == [("later_entry", "6")]


def test_a_correction_is_not_blamed_for_what_was_broken_before() -> None:
    entries = list(begun(5).entries)
    entries[2] = entry(3, "3", "2025-01-30")
    case = facts(*entries)
    answers = {"on": day("2024-02-20")}
    assert check_entry(book(), case, "2", answers, TODAY, CALENDAR, replaces=2) == ()
