"""Every time limit at its edge: one day below, on the day, one day above (docs/procedure.md § 1 and
§ 3).

The days are written down here, not computed: month ends, leap years and holidays included.
"""

from datetime import timedelta

import pytest

from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, DateKind, Entry, Problem, Value
from domain.case.progress import deadlines_of
from domain.case.replay import Fold
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import LimitKind, Role
from tests.domain.books import CALENDAR, day

CITY = load("yakeshi")
LIMITS = {
    limit.id: (step, limit)
    for step in CITY.steps
    for limit in step.limits
    if not (step.called_by or limit.when)
}
"""Those that always run; `tests/cases` has the others."""

MONTHS = (("2027-01-31", "2027-02-28"), ("2028-01-31", "2028-02-29"), ("2026-12-15", "2027-01-15"))
QUARTERS = (
    ("2026-11-30", "2027-02-28"),
    ("2027-11-30", "2028-02-29"),
    ("2026-08-20", "2026-11-20"),
)
HALVES = (("2026-08-31", "2027-02-28"), ("2027-08-31", "2028-02-29"), ("2026-06-15", "2026-12-15"))
AFTER_YEARS = (
    ("2026-06-01", "2027-06-02"),
    ("2028-02-29", "2029-03-01"),
    ("2027-02-28", "2028-02-29"),
)
YEARS = (("2026-06-01", "2027-06-01"), ("2028-02-29", "2029-02-28"), ("2027-02-28", "2028-02-28"))
NINE_MONTHS = (("2026-06-01", "2027-03-01"), ("2027-05-31", "2028-02-29"))
EIGHTEEN = (
    ("2008-06-15", "2026-06-15"),
    ("2008-02-29", "2026-02-28"),
    ("2009-12-31", "2027-12-31"),
)
FOUR_WEEKS = (("2026-06-29", "2027-06-01"), ("2027-03-28", "2028-02-29"))
LATER = (("2026-06-01", "2027-07-01"), ("2026-12-31", "2028-01-31"))

EDGES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "adult": ("1.born_on", EIGHTEEN),
    "talk_in_time": ("1.received_on", MONTHS),
    "file_soon": ("3", MONTHS),
    "contacts_soon": ("3", MONTHS),
    "every_half_year": ("3", HALVES),
    "every_year": ("3", YEARS),
    "one_year": ("3", YEARS),
    # 2 November 2026 is a Monday; 25 September 2026 a Friday before the October holidays.
    "notice_over": ("8a", (("2026-11-02", "2026-11-18"), ("2026-09-25", "2026-10-11"))),
    "notice_result_soon": ("8a", (("2026-11-02", "2026-11-24"), ("2026-09-25", "2026-10-17"))),
    "full_notice_over": ("22a", (("2026-11-02", "2026-11-18"), ("2026-09-25", "2026-10-11"))),
    "meeting_in_time": ("13", MONTHS),
    "approval_in_time": ("15", QUARTERS),
    "approval_special": ("15", HALVES),
    "department_filing": ("17a", MONTHS),
    "oath_in_time": ("17", MONTHS),
    "review_in_probation": ("15", YEARS),
    "review_not_soon": ("15", NINE_MONTHS),
    "visit_not_soon": ("15", NINE_MONTHS),
    "visit_before_full": ("15", YEARS),
    "apply_from": ("15", FOUR_WEEKS),
    "apply_before_end": ("15", YEARS),
    "probation_over": ("15", AFTER_YEARS),
    "discuss_soon": ("15", LATER),
    "full_approval_in_time": ("23", QUARTERS),
    "entry_gate_soon": ("24", MONTHS),
    "archive_soon": ("24", MONTHS),
}
CASES = [(name, *edge) for name, (_, edges) in EDGES.items() for edge in edges]


def done(number: int, step: str, on: str, **answers: Value) -> Entry:
    given = {CITY.step(step).day: day(on), **answers}
    return Entry(number, step, day(on), given, day(on), "", frozenset(Role))


def judged(name: str, start: str, on: str, shift: int, *before: Entry) -> list[Problem]:
    """What a rule says of its step, done so many days from a day."""
    step, _ = LIMITS[name]
    reference = EDGES[name][0]
    answers: dict[str, Value] = {step.day: day(on) + timedelta(days=shift)}
    entries = before
    if reference.startswith(f"{step.id}."):
        answers[reference.split(".")[1]] = day(start)
    else:
        entries = (done(1, reference.split(".")[0], start), *before)
    if name == "approval_special":
        entries = (*entries, done(2, "17", start, conclusion="later"))
    facts = CaseFacts(day("2026-05-11"), entries)
    found = check_entry(CITY, facts, step.id, answers, day("2035-01-01"), CALENDAR)
    return [problem for problem in found if problem.rule == name]


@pytest.mark.rule(*EDGES)
@pytest.mark.parametrize(("name", "start", "edge"), CASES)
def test_a_limit_at_its_edge(name: str, start: str, edge: str) -> None:
    _, limit = LIMITS[name]
    first = limit.kind is LimitKind.NOT_BEFORE
    assert [bool(judged(name, start, edge, shift)) for shift in (-1, 0, 1)] == (
        [True, False, False] if first else [False, False, True]
    )
    (problem,) = judged(name, start, edge, -1 if first else 1)
    national = limit.source.startswith("N")
    old = day(edge) <= CITY.in_force and national
    assert problem.source == ("O" if old else limit.source)
    if day(edge) > CITY.in_force:
        assert problem.refuses is (first and limit.strength != "advised")


def test_no_limit_is_left_out() -> None:
    assert LIMITS.keys() == EDGES.keys()


@pytest.mark.rule("approval_in_time", "approval_special")
def test_six_months_are_only_for_a_case_put_off_as_special() -> None:
    special = done(2, "17", "2026-08-31", conclusion="later")
    start = "2026-06-30"
    assert [p.code for p in judged("approval_in_time", start, "2026-10-01", 0)] == ["too_late"]
    assert judged("approval_in_time", start, "2026-10-01", 0, special) == []
    entries = (done(1, "15", start), special)
    for facts, names in ((entries[:1], ["approval_in_time"]), (entries, ["approval_special"])):
        fold = Fold(CITY, CaseFacts(day("2026-05-11"), facts), CALENDAR)
        assert [d.limit for d in deadlines_of(fold, CITY.step("17"))] == names


@pytest.mark.rule("approval_in_time", "full_approval_in_time", "setting_approval_clock")
def test_the_clock_of_an_approval_starts_with_the_submission() -> None:
    for step, approval in (("15", "17"), ("23", "24")):
        submitted = done(1, step, "2026-06-01", submitted_on=day("2026-06-20"))
        fold = Fold(CITY, CaseFacts(day("2026-05-11"), (submitted,)), CALENDAR)
        assert [d.on for d in deadlines_of(fold, CITY.step(approval))] == [day("2026-09-20")]


@pytest.mark.rule("every_half_year")
def test_each_review_is_due_half_a_year_after_the_one_before() -> None:
    entries = (done(1, "3", "2026-06-15"), done(2, "6a", "2026-12-01"), done(3, "6a", "2027-05-31"))
    fold = Fold(CITY, CaseFacts(day("2026-05-11"), entries), CALENDAR)
    (due,) = deadlines_of(fold, CITY.step("6a"))
    assert (due.on, due.kind) == (day("2027-11-30"), DateKind.LEGAL)


@pytest.mark.rule("step_6c", "every_year")
def test_the_corps_is_analysed_again_a_year_after_the_analysis_before() -> None:
    entries = (done(1, "3", "2026-06-15"), done(2, "6c", "2027-02-28"))
    fold = Fold(CITY, CaseFacts(day("2026-05-11"), entries), CALENDAR)
    (due,) = deadlines_of(fold, CITY.step("6c"))
    assert (due.on, due.kind) == (day("2028-02-28"), DateKind.LEGAL)


EXTENDED = {
    "review_in_probation": ("2028-07-31", "2029-01-31"),
    "visit_before_full": ("2028-07-31", "2029-01-31"),
    "review_not_soon": ("2028-04-30", "2028-10-31"),
    "visit_not_soon": ("2028-04-30", "2028-10-31"),
    "apply_from": ("2028-07-03", "2029-01-03"),
    "apply_before_end": ("2028-07-31", "2029-01-31"),
    "probation_over": ("2028-08-01", "2029-02-01"),
    "discuss_soon": ("2028-08-31", "2029-02-28"),
}


@pytest.mark.rule(*EXTENDED)
@pytest.mark.parametrize("name", EXTENDED)
def test_an_extension_moves_every_date_of_the_probation(name: str) -> None:
    _, limit = LIMITS[name]
    meeting = done(1, "15", "2027-01-31")
    for months, moved in zip((6, 12), EXTENDED[name], strict=True):
        longer = done(
            2, "24", "2028-02-01", conclusion="approve_extension", extension_months=months
        )
        fold = Fold(CITY, CaseFacts(day("2026-05-11"), (meeting, longer)), CALENDAR)
        assert fold.day_of(limit) == (day(moved), False)
