"""The real rulebooks: what RULES promises of the procedure, from application to archive."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from domain.case.dates import add_months
from domain.case.entry_validation import check_entry, verdict_of
from domain.case.facts import CaseFacts, DateKind, Entry, Problem, Value
from domain.case.progress import assess
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Rulebook, Text
from domain.states import Status
from tests.domain.books import CALENDAR
from tests.domain.walk import fill, made, straight_way

NATION, CITY = load("national_2026"), load("yakeshi")
BOOKS = pytest.mark.parametrize("book", [NATION, CITY], ids=["nation", "city"])
SLIPS = ("issued", "returned", "valid")
"""Asked for, and left out where a test gives numbers of its own."""


def before(book: Rulebook, step_id: str) -> tuple[CaseFacts, Entry]:
    """The case just before a step of the straight way, and the entry that was made then."""
    entry, case = next(pair for pair in straight_way(book) if pair[0].step == step_id)
    return case, entry


def tried(book: Rulebook, step_id: str, **changes: Value) -> list[Problem]:
    case, entry = before(book, step_id)
    kept = {name: value for name, value in entry.answers.items() if name not in SLIPS}
    answers = {**kept, **changes}
    on = answers[book.step(step_id).day]
    assert isinstance(on, date)
    found = check_entry(book, case, step_id, answers, entry.done_on, CALENDAR)
    return [problem for problem in found if problem.refuses]


@BOOKS
def test_a_case_walks_from_application_to_archive(book: Rulebook) -> None:
    way = straight_way(book)
    once = [entry.step for entry, _ in way if not book.step(entry.step).repeats]
    assert once == [s.id for s in book.steps if not s.repeats]
    assert [entry.step for entry, _ in way].count("6a") == 2
    entry, case = way[-1]
    after = made(case, book.step(entry.step), entry.done_on, dict(entry.answers))
    assert assess(book, after, entry.done_on, CALENDAR).status is Status.ARCHIVED


@BOOKS
def test_every_text_has_both_languages_and_every_step_a_guide(book: Rulebook) -> None:
    assert all(step.guide and step.guide.acts for step in book.steps)
    assert all(step.title.read("en") != step.title.read("zh") for step in book.steps)


def test_nobody_under_eighteen_applies() -> None:
    case, entry = CaseFacts(date(2026, 6, 1)), date(2026, 6, 15)
    for born, fits in ((date(2008, 6, 15), True), (date(2008, 6, 16), False)):
        answers = {**fill(CITY.step("1"), entry, Random(1), straight=True), "born_on": born}
        problems = check_entry(CITY, case, "1", answers, entry, CALENDAR)
        assert [p.code for p in problems] == ([] if fits else ["too_early"])


def test_ten_of_twenty_passes_the_city_and_fails_the_nation() -> None:
    numbers: dict[str, Value] = {
        "entitled": 20, "due": 20, "present": 20, "yes": 10, "no": 10, "written": 0, "abstain": 0,
    }  # fmt: skip
    verdict = verdict_of(CITY.step("15"), numbers)
    assert verdict is not None
    assert {share.rule: share.passed for share in verdict.shares} == {
        "n15_quorum": True, "n15_pass": False, "g15_quorum": True, "g15_pass": True,
    }  # fmt: skip
    assert (verdict.passed, verdict.conflict) == (False, True)
    assert [p.code for p in tried(CITY, "15", **numbers)] == ["verdict_fails"]
    assert tried(CITY, "15", **{**numbers, "yes": 11, "no": 9}) == []


def test_six_of_eleven_present_make_no_full_member_of_twenty_entitled() -> None:
    numbers: dict[str, Value] = {
        "entitled": 20, "due": 20, "present": 11, "yes": 6, "no": 5, "written": 0, "abstain": 0,
    }  # fmt: skip
    verdict = verdict_of(CITY.step("23"), numbers)
    assert verdict is not None
    by_rule = {share.rule: (share.passed, share.needed) for share in verdict.shares}
    assert by_rule["g23_pass"] == (True, 6)
    assert by_rule["n23_pass"] == (False, 11)
    assert [p.code for p in tried(CITY, "23", **numbers)] == ["verdict_fails"]


@pytest.mark.parametrize(("yes", "passed"), [(3, False), (4, True)])
def test_two_thirds_of_all_organisers(yes: int, passed: bool) -> None:
    numbers: dict[str, Value] = {"all": 5, "present": 5, "yes": yes, "no": 5 - yes}
    verdict = verdict_of(CITY.step("17a"), numbers)
    assert verdict is not None
    assert verdict.passed is passed
    assert (tried(CITY, "17a", **numbers) == []) is passed


def test_the_notice_of_the_city_runs_fifteen_days_that_of_the_nation_five_working_days() -> None:
    for book, days in ((NATION, 5), (CITY, 15)):
        case, _ = before(book, "8b")
        posted = case.entries[-1].done_on
        step = next(s for s in assess(book, case, posted, CALENDAR).open if s.step.id == "8b")
        earliest = next(d.on for d in step.deadlines if d.kind is DateKind.EARLIEST)
        assert (earliest - posted).days > days
        assert CALENDAR.working_days(posted, earliest) >= 5


def resolved(conclusion: str) -> tuple[CaseFacts, Entry]:
    """The case before the committee's approval, the meeting having resolved this."""
    case, entry = before(CITY, "24")
    entries = tuple(
        replace(e, answers={**e.answers, "conclusion": conclusion}) if e.step == "23" else e
        for e in case.entries
    )
    return replace(case, entries=entries), entry


def test_probation_ends_a_year_after_the_meeting_and_is_extended_once() -> None:
    case, entry = resolved("extend")
    met = next(e.done_on for e in case.entries if e.step == "15")
    extended: dict[str, Value] = {
        "approved_on": entry.done_on,
        "conclusion": "approve_extension",
        "extension_months": 6,
    }
    problems = check_entry(CITY, case, "24", extended, entry.done_on, CALENDAR)
    assert not [problem for problem in problems if problem.refuses]
    case = made(case, CITY.step("24"), entry.done_on, extended)
    again = assess(CITY, case, entry.done_on, CALENDAR)
    assert [step.step.id for step in again.open if not step.step.repeats] == ["21"]
    assert {"21a", "22", "22a", "22b", "22c", "22d", "23", "24"} <= {s.id for s in again.later}
    for step in (CITY.step(name) for name in ("21", "21a", "22", "22a", "22b", "22c", "22d")):
        case = made(case, step, entry.done_on, fill(step, entry.done_on, Random(1), straight=True))
    progress = assess(CITY, case, entry.done_on, CALENDAR)
    earliest = next(b.until for item in progress.open for b in item.blockers)
    assert earliest == add_months(met, 18) + timedelta(days=1)
    late = add_months(met, 19)
    second = {**fill(CITY.step("23"), late, Random(1), straight=True), "conclusion": "on_time"}
    assert not [p for p in check_entry(CITY, case, "23", second, late, CALENDAR) if p.refuses]


def test_who_is_on_the_way_is_called_what_they_are_and_not_what_comes_next() -> None:
    standings: dict[str, str] = {}
    for entry, case in straight_way(CITY):
        standing = assess(CITY, case, entry.done_on, CALENDAR).standing
        assert standing is not None
        standings.setdefault(standing.zh, entry.step)
    # By the first step that finds somebody so: examined for a year, yet no candidate before 8.
    assert standings == {
        "入党申请人": "1",
        "入党积极分子": "4",
        "发展对象": "8a",
        "预备党员": "18",
        "正式党员": "24b",
    }


def test_who_loses_the_appraisal_is_an_activist_again_and_who_is_extended_stays_on_probation() -> (
    None
):
    case, entry = before(CITY, "14a")
    lost: dict[str, Value] = {
        "held_on": entry.done_on, "due": 50, "present": 48, "yes": 24, "no": 24,
        "conclusion": "back", "opinions": "群众了解不够",
    }  # fmt: skip
    back = assess(CITY, made(case, CITY.step("14a"), entry.done_on, lost), entry.done_on, CALENDAR)
    assert back.standing == Text("入党积极分子", "Activist")

    case, entry = resolved("extend")
    extended: dict[str, Value] = {
        "approved_on": entry.done_on,
        "conclusion": "approve_extension",
        "extension_months": 6,
    }
    again = assess(
        CITY, made(case, CITY.step("24"), entry.done_on, extended), entry.done_on, CALENDAR
    )
    assert again.standing == Text("预备党员", "Probationary member")


def test_a_second_extension_is_refused() -> None:
    case, entry = resolved("extend")
    answers: dict[str, Value] = {
        "approved_on": entry.done_on,
        "conclusion": "approve_extension",
        "extension_months": 6,
    }
    once = made(case, CITY.step("24"), entry.done_on, answers)
    for step in (CITY.step(n) for n in ("21", "21a", "22", "22a", "22b", "22c", "22d", "23")):
        once = made(once, step, entry.done_on, fill(step, entry.done_on, Random(1), straight=True))
    problems = check_entry(CITY, once, "24", answers, entry.done_on, CALENDAR)
    assert "only_once" in [problem.code for problem in problems if problem.refuses]


def test_a_lost_appraisal_sends_the_person_back_to_activist() -> None:
    case, entry = before(CITY, "14a")
    answers: dict[str, Value] = {
        "held_on": entry.done_on, "due": 50, "present": 48, "yes": 24, "no": 24,
        "conclusion": "back", "opinions": "群众了解不够",
    }  # fmt: skip
    assert not tried(CITY, "14a", **answers)
    progress = assess(
        CITY, made(case, CITY.step("14a"), entry.done_on, answers), entry.done_on, CALENDAR
    )
    assert [s.step.id for s in progress.open] == ["6", "14b", "6a", "6c"]
    assert progress.stage == "activist"
