"""Every date that isn't the day of its step, at its edges; days written down, not computed."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from domain.case.date_check import check_case
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Entry, Problem, Value
from domain.case.progress import assess
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import FieldType, LimitKind, Role, Rulebook, Step
from handlers.staff.shared import problem_texts
from services.core.i18n import speak
from tests.domain.books import CALENDAR, day

CITY, NATION = load("yakeshi"), load("national_2026")
TODAY = day("2035-01-01")
Before = tuple[str, str, dict[str, str]]


@dataclass(frozen=True)
class Edge:
    """`at`: the last or first day that fits. `own`: other answers of the step, `before`: entries
    of other steps, each with its day and further answers."""

    step: str
    name: str
    at: str
    refuses: bool
    own: dict[str, str] = field(default_factory=dict)
    before: tuple[Before, ...] = ()


def submitted(step: str) -> tuple[Before, ...]:
    return ((step, "2026-06-15", {"submitted_on": "2026-06-20"}),)


APPLIED: tuple[Before, ...] = (("1", "2026-06-16", {}),)
MOVED = {"received_on": "2027-06-20"}
MEETING: tuple[Before, ...] = (("15", "2026-08-31", {}),)
EDGES = {
    "born_within": Edge("1", "born_on", "1928-02-28", False, {"received_on": "2028-02-28"}),
    "born_before": Edge("1", "born_on", "2028-02-28", True, {"received_on": "2028-02-28"}),
    "training_after_notice": Edge("11", "began_on", "2027-06-16", False,
                                  {"finished_on": "2027-06-20"}, (("8b", "2027-06-16", {}),)),
    "training_after_application": Edge("11", "began_on", "2026-06-16", True,
                                       {"finished_on": "2027-06-20"}, (("1", "2026-06-16", {}),)),
    "training_begins_first": Edge("11", "began_on", "2027-06-20", True,
                                  {"finished_on": "2027-06-20"}),
    "opinions_meeting_after": Edge("7", "meeting_on", "2026-06-16", True,
                                   {"decided_on": "2027-06-20"}, (("1", "2026-06-16", {}),)),
    "opinions_meeting_first": Edge("7", "meeting_on", "2027-06-20", False,
                                   {"decided_on": "2027-06-20"}),
    "submitted_after_15": Edge("15", "submitted_on", "2027-06-20", True,
                               {"held_on": "2027-06-20"}),
    "submitted_not_far_15": Edge("15", "submitted_on", "2029-01-31", True,
                                 {"held_on": "2027-01-31"}),
    "submitted_not_far_23": Edge("23", "submitted_on", "2030-01-31", True,
                                 {"held_on": "2028-01-31"}),
    "submitted_soon_15": Edge("15", "submitted_on", "2027-02-28", False,
                              {"held_on": "2027-01-31"}),
    "submitted_after_23": Edge("23", "submitted_on", "2028-06-20", True,
                               {"held_on": "2028-06-20"}),
    "submitted_soon_23": Edge("23", "submitted_on", "2028-02-29", False,
                              {"held_on": "2028-01-31"}),
    "approved_after_submission_17": Edge("17", "approved_on", "2026-06-20", True,
                                         before=submitted("15")),
    "approved_after_resubmission_17": Edge("17", "approved_on", "2026-07-05", True,
                                           before=(("resubmit", "2026-07-05", {}),)),
    "approval_six_months": Edge("17", "approved_on", "2027-02-28", False, before=MEETING),
    "approval_new_vote": Edge("17", "approved_on", "2027-02-28", False, before=MEETING),
    "approved_after_submission_24": Edge("24", "approved_on", "2026-06-20", True,
                                         before=submitted("23")),
    "approved_after_resubmission_24": Edge("24", "approved_on", "2026-07-05", True,
                                           before=(("resubmit", "2026-07-05", {}),)),
    "reviews_apart": Edge("6a", "reviewed_on", "2027-02-28", False,
                          before=(("3", "2026-06-01", {}), ("6a", "2026-11-30", {}))),
    "reports_apart": Edge("thought_report", "received_on", "2026-08-01", False,
                          before=(("thought_report", "2026-07-01", {}),)),
    "look_again_after_telling": Edge("14b", "follow_up_on", "2027-01-10", True,
                                     {"told_on": "2027-01-10"}),
    "look_again_after_full": Edge("23a", "follow_up_on", "2028-07-10", True,
                                  {"told_on": "2028-07-10"}),
    "look_again_after_seeing": Edge("14c", "follow_up_on", "2027-01-10", True,
                                    {"seen_on": "2027-01-10"}),
    "put_off_from_decision": Edge("finding_ballot", "until_on", "2027-01-10", True,
                                  {"held_on": "2027-01-10"}),
    "help_after_visit": Edge("21a", "help_until", "2027-01-10", True,
                             {"visited_on": "2027-01-10"}),
    "talk_after_visit": Edge("21a", "talked_on", "2027-01-10", True,
                             {"visited_on": "2027-01-10"}),
    "help_goes_on": Edge("21c", "help_until", "2027-01-10", True, {"seen_on": "2027-01-10"}),
    "help_after_naming": Edge("24a", "help_until", "2027-01-10", True,
                              {"named_on": "2027-01-10"}),
    "look_again_not_far_14b": Edge("14b", "follow_up_on", "2029-01-10", True,
                                   {"told_on": "2027-01-10"}),
    "look_again_not_far_23a": Edge("23a", "follow_up_on", "2030-02-28", True,
                                   {"told_on": "2028-02-29"}),
    "look_again_not_far_14c": Edge("14c", "follow_up_on", "2029-01-10", True,
                                   {"seen_on": "2027-01-10"}),
    "put_off_not_far": Edge("finding_ballot", "until_on", "2029-01-10", True,
                            {"held_on": "2027-01-10"}),
    "help_not_far": Edge("21a", "help_until", "2029-01-10", True, {"visited_on": "2027-01-10"}),
    "talk_soon_after_visit": Edge("21a", "talked_on", "2027-02-28", False,
                                  {"visited_on": "2027-01-31"}),
    "help_on_not_far": Edge("21c", "help_until", "2029-01-10", True, {"seen_on": "2027-01-10"}),
    "named_help_not_far": Edge("24a", "help_until", "2029-01-10", True,
                               {"named_on": "2027-01-10"}),
    "activist_since_first": Edge("moved_in", "activist_since", "2026-06-16", True, MOVED, APPLIED),
    "activist_since_last": Edge("moved_in", "activist_since", "2027-06-20", True, MOVED, APPLIED),
    "candidate_since_first": Edge("moved_in", "candidate_since", "2026-08-01", True,
                                  {**MOVED, "activist_since": "2026-08-01"}),
    "candidate_since_last": Edge("moved_in", "candidate_since", "2027-06-20", True, MOVED),
    "admitted_there_first": Edge("moved_in", "admitted_on", "2026-06-16", True, MOVED, APPLIED),
    "admitted_there_last": Edge("moved_in", "admitted_on", "2027-06-20", True, MOVED, APPLIED),
    "approved_there_first": Edge("moved_in", "approved_on", "2026-08-01", True,
                                 {**MOVED, "admitted_on": "2026-08-01"}),
    "approved_there_last": Edge("moved_in", "approved_on", "2027-06-20", True, MOVED),
}  # fmt: skip
YEARS = ("plan_year_first", "plan_year_last")
LIMITS = {limit.id: limit for step in CITY.steps for item in step.fields for limit in item.limits}


def made(book: Rulebook, number: int, step: str, on: str, answers: dict[str, str]) -> Entry:
    given: dict[str, Value] = {name: day(text) for name, text in answers.items()}
    given[book.step(step).day] = day(on)
    return Entry(number, step, day(on), given, day(on), "", frozenset(Role))


def told(book: Rulebook, rule: str, shift: int) -> list[Problem]:
    edge = EDGES[rule]
    entries = tuple(made(book, n, *one) for n, one in enumerate(edge.before, 1))
    answers: dict[str, Value] = {name: day(text) for name, text in edge.own.items()}
    answers[edge.name] = day(edge.at) + timedelta(days=shift)
    facts = CaseFacts(day("2026-05-11"), entries)
    found = check_entry(book, facts, edge.step, answers, TODAY, CALENDAR)
    return [problem for problem in found if problem.rule == rule]


@pytest.mark.rule(*EDGES)
@pytest.mark.parametrize("rule", EDGES)
def test_a_date_at_its_edge(rule: str) -> None:
    edge, first = EDGES[rule], LIMITS[rule].kind is LimitKind.NOT_BEFORE
    out = -1 if first else 1
    assert told(CITY, rule, 0) == []
    assert told(CITY, rule, -out) == []
    (problem,) = told(CITY, rule, out)
    assert problem.code == ("too_early" if first else "too_late")
    assert (problem.field, problem.refuses) == (edge.name, edge.refuses)
    values = problem.values or {}
    assert (values["day"], values["limit"]) == (day(edge.at) + timedelta(days=out), day(edge.at))


def test_no_date_is_left_out() -> None:
    """Days of steps have their conditions and today; every other date has its earliest, and its
    latest where it may lie ahead of today."""
    assert LIMITS.keys() == {*EDGES, *YEARS}
    for book in (CITY, NATION):
        for step in book.steps:
            for item in step.fields:
                if item.type is FieldType.DATE and item.id != step.day:
                    kinds = {limit.kind for limit in item.limits}
                    needed = {LimitKind.NOT_BEFORE, *([LimitKind.WITHIN] * item.future)}
                    assert kinds >= needed, (step.id, item.id)


def test_no_date_is_refused_by_practice_alone() -> None:
    """What is common practice (P) is advised; what can't be is nobody's rule (-)."""
    for book in (CITY, NATION):
        for step in book.steps:
            limits = (*step.limits, *(limit for item in step.fields for limit in item.limits))
            assert not [one.id for one in limits if one.refuses and one.source == "P"], step.id


@pytest.mark.rule(*YEARS)
@pytest.mark.parametrize(
    ("year", "found"),
    [
        (2026, [("too_early", "plan_year_first")]),
        (2027, []),
        (2028, []),
        (2029, [("too_late", "plan_year_last")]),
    ],
)
def test_a_plan_is_for_the_year_of_its_decision_or_the_next(
    year: int, found: list[tuple[str, str]]
) -> None:
    for decided in ("2027-01-01", "2027-12-31"):
        answers: dict[str, Value] = {"decided_on": day(decided), "year": year}
        problems = check_entry(CITY, CaseFacts(TODAY), "7a", answers, TODAY, CALENDAR)
        mine = [p for p in problems if p.rule in YEARS]
        assert [(p.code, p.rule) for p in mine] == found
        assert all(p.refuses and p.field == "year" for p in mine)


@pytest.mark.rule("training_fits")
def test_a_training_lasts_no_longer_than_from_its_first_to_its_last_day() -> None:
    def told_of(days: int) -> list[tuple[str, bool, object]]:
        answers: dict[str, Value] = {
            "finished_on": day("2027-06-18"), "length": "days", "began_on": day("2027-06-16"),
            "days": days, "conclusion": "passed",
        }  # fmt: skip
        found = check_entry(CITY, CaseFacts(TODAY), "11", answers, TODAY, CALENDAR)
        mine = [p for p in found if p.rule == "training_fits"]
        return [(p.code, p.refuses, (p.values or {})["maximum"]) for p in mine]

    assert told_of(3) == []
    assert told_of(4) == [("more_than_days", True, 3)]


@pytest.mark.rule("extension_as_resolved")
def test_an_extension_is_granted_as_it_was_resolved_or_sent_back() -> None:
    met = Entry(1, "23", day("2028-06-20"), {"extension_months": 9}, TODAY, "", frozenset(Role))

    def told_of(conclusion: str, **months: int) -> list[tuple[str, bool, object]]:
        answers: dict[str, Value] = {
            "approved_on": day("2028-07-01"), "conclusion": conclusion, **months,
        }  # fmt: skip
        facts = CaseFacts(day("2026-05-11"), (met,))
        found = check_entry(CITY, facts, "24", answers, TODAY, CALENDAR)
        mine = [p for p in found if p.rule == "extension_as_resolved"]
        return [(p.code, p.refuses, (p.values or {})["decided"]) for p in mine]

    assert told_of("approve_extension", extension_months=9) == []
    for other in (6, 8, 10, 12):
        granted = told_of("approve_extension", extension_months=other)
        assert granted == [("not_as_decided", True, 9)]
    assert told_of("send_back") == []


def test_order_is_refused_whatever_text_was_in_force() -> None:
    """A meeting of 2024 that was submitted before it was held can't be."""
    for name, book in (("city", CITY), ("nation", NATION)):
        answers: dict[str, Value] = {
            "held_on": day("2024-06-20"), "submitted_on": day("2024-06-01"),
        }  # fmt: skip
        found = check_entry(book, CaseFacts(TODAY), "15", answers, TODAY, CALENDAR)
        (order,) = [p for p in found if p.rule == "submitted_after_15"]
        assert (order.refuses, order.source) == (True, "O"), name


def test_what_is_agreed_on_lies_no_more_than_two_years_ahead_and_no_document_is_named() -> None:
    """A slip of the pen, and no rule of anybody: said without a source."""
    (line,) = said("24a", told(CITY, "named_help_not_far", 1))
    assert line == "帮扶到哪一天：约定的日子不超过两年，最晚2029年1月10日。"


@pytest.mark.rule("reports_apart")
def test_thought_reports_a_day_apart_are_pointed_out() -> None:
    """Whichever of the two was entered first, the later one counts from the one before it."""

    def report(number: int, on: str) -> Entry:
        return made(CITY, number, "thought_report", on, {})

    first = made(CITY, 1, "3", "2026-06-01", {})
    for days, found in (
        (("2026-07-01", "2026-07-02"), [("2026-07-02", "reports_apart")]),
        (("2026-07-01", "2026-08-01"), []),
        (("2026-07-01", "2026-10-01"), []),
    ):
        entries = (first, *(report(n, on) for n, on in enumerate(days, 2)))
        facts = CaseFacts(day("2026-05-11"), entries)
        progress = assess(CITY, facts, TODAY, CALENDAR)
        checked = check_case(CITY, facts, progress, TODAY, CALENDAR)
        mine = [item for item in checked if item.problem.rule == "reports_apart"]
        assert [(str(item.day), item.problem.rule) for item in mine] == found
        assert not any(item.binding for item in mine)


def steps_with_dates(book: Rulebook) -> list[Step]:
    return [s for s in book.steps if any(f.type is FieldType.DATE and f.limits for f in s.fields)]


def test_the_text_of_2014_keeps_every_order() -> None:
    old = load("national_2014")
    assert [s.id for s in steps_with_dates(old)] == [s.id for s in steps_with_dates(NATION)]
    limits = [one for s in old.steps for f in s.fields for one in f.limits]
    assert {one.source for one in limits} <= {"O", "P", "-"}
    assert "8b" not in {part for one in limits for part in one.of.split("|")}


def said(step: str, problems: list[Problem]) -> list[str]:
    with speak("zh", CITY.city):
        fields = {item.id: item for item in CITY.step(step).fields}
        return [problem_texts.problem(problem, fields) for problem in problems]


@pytest.mark.rule("submitted_after_15")
def test_who_submits_before_the_meeting_hears_what_would_fit() -> None:
    """Held on 20 June and submitted on the 1st: the three months ran from before the meeting."""
    (line,) = said("15", told(CITY, "submitted_after_15", -19))
    assert line == (
        "哪一天报上级党委审批：支部大会以后才能上报，最早2027年6月20日。（《细则》第25条）"
    )


@pytest.mark.rule("training_after_notice", "training_fits")
@pytest.mark.parametrize(
    ("began", "finished", "noted"),
    [("2027-06-14", "2027-06-16", True), ("2027-06-15", "2027-06-17", True),
     ("2027-06-16", "2027-06-18", False)],
)  # fmt: skip
def test_three_days_that_began_before_the_notice_was_over_are_taken_and_noted(
    began: str, finished: str, noted: bool
) -> None:
    closed = made(CITY, 1, "8b", "2027-06-16", {})
    answers: dict[str, Value] = {
        "finished_on": day(finished), "length": "days", "began_on": day(began), "days": 3,
        "conclusion": "passed",
    }  # fmt: skip
    facts = CaseFacts(day("2026-05-11"), (closed,))
    found = check_entry(CITY, facts, "11", answers, TODAY, CALENDAR)
    mine = [p for p in found if p.field in ("began_on", "days")]
    assert [(p.rule, p.refuses) for p in mine] == ([("training_after_notice", False)] * noted)


@pytest.mark.parametrize("off", [date.min, date.max])
def test_a_day_at_the_end_of_the_calendar_is_refused_and_never_raises(off: date) -> None:
    """As a sheet or a caller may bring it; limits of 100 or 18 years would lead out of it."""
    for book in (CITY, NATION):
        for step in book.steps:
            for item in step.fields:
                if item.type is FieldType.DATE:
                    answers: dict[str, Value] = {step.day: TODAY, item.id: off}
                    found = check_entry(book, CaseFacts(TODAY), step.id, answers, TODAY, CALENDAR)
                    assert any(p.refuses for p in found), (step.id, item.id)
