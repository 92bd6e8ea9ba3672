"""Notices, open points, days that follow, and what becomes of a report (docs/procedure.md § 3 and §
6)."""

from datetime import date, timedelta

import pytest

from domain.case.facts import CaseFacts, Entry, Value
from domain.case.progress import assess
from domain.case.public_notice import notice_of
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import FieldType, FindingEffect, LimitKind, Role, Rulebook, Unit
from tests.domain.books import CALENDAR, day

NATION, CITY = load("national_2026"), load("yakeshi")


def last_day(book: Rulebook, step: str, posted: str) -> date:
    return notice_of(book.step(step), day(posted), CALENDAR).last_day


@pytest.mark.rule("notice_8a_working_days", "notice_22a_working_days")
@pytest.mark.parametrize(
    ("posted", "last"),
    [
        ("2026-11-02", "2026-11-09"),
        ("2026-11-06", "2026-11-13"),
        ("2026-09-30", "2026-10-13"),
        ("2026-02-13", "2026-02-27"),
        ("2028-02-25", "2028-03-03"),
    ],
)
def test_five_working_days_over_weekends_holidays_and_make_up_days(posted: str, last: str) -> None:
    found = notice_of(NATION.step("8a"), day(posted), CALENDAR)
    assert found.last_day == day(last)
    assert found.working_days == 5
    assert CALENDAR.working_days(found.first_day, found.last_day - timedelta(days=1)) == 4
    assert CITY.step("22a").notice_working_days == CITY.step("8a").notice_working_days == 5


@pytest.mark.rule("notice_8a_days", "notice_22a_days")
@pytest.mark.parametrize(
    ("posted", "last"),
    [("2026-11-02", "2026-11-17"), ("2027-02-14", "2027-03-01"), ("2028-02-14", "2028-02-29")],
)
def test_fifteen_days_in_the_city(posted: str, last: str) -> None:
    for step in ("8a", "22a"):
        assert last_day(CITY, step, posted) == day(last)


def met(book: Rulebook, on: str, **answers: Value) -> CaseFacts:
    given: dict[str, Value] = {"held_on": day(on), **answers}
    return CaseFacts(day("2026-05-11"), (Entry(1, "15", day(on), given, day(on)),))


def landmarks(book: Rulebook, facts: CaseFacts) -> dict[str, date]:
    progress = assess(book, facts, day("2030-01-01"), CALENDAR)
    return {item.limit: item.on for item in progress.landmarks}


@pytest.mark.rule("standing_from")
def test_standing_counts_from_the_end_of_probation_not_from_the_meeting() -> None:
    answers: dict[str, Value] = {"approved_on": day("2028-06-20"), "conclusion": "approve_full"}
    approved = Entry(2, "24", day("2028-06-20"), answers, day("2028-06-20"), "", frozenset(Role))
    facts = met(CITY, "2027-03-10")
    facts = CaseFacts(facts.opened_on, (*facts.entries, approved))
    assert landmarks(CITY, facts)["standing_from"] == day("2028-03-10")


@pytest.mark.rule("report_days")
def test_a_report_is_answered_within_seven_days() -> None:
    assert CITY.report_days == 7
    assert NATION.report_days == 60


FINDINGS = {
    "light": FindingEffect.DECIDE, "serious": FindingEffect.DECIDE, "grave": FindingEffect.DECIDE,
    "untrue": FindingEffect.GO_ON, "unclear": FindingEffect.WAIT,
}  # fmt: skip


@pytest.mark.rule(*(f"finding_{name}" for name in FINDINGS))
def test_what_becomes_of_a_report_by_its_class() -> None:
    assert {item.id: item.effect for item in CITY.findings} == FINDINGS


@pytest.mark.rule("yearly_not_quarterly")
def test_plans_are_by_the_year_and_nothing_comes_every_quarter() -> None:
    assert CITY.step("7a").field("year").type is FieldType.NUMBER
    again = [lim for book in (NATION, CITY) for step in book.steps for lim in step.limits
             if lim.kind is LimitKind.EVERY]  # fmt: skip
    assert {(limit.value, limit.unit) for limit in again} == {(6, Unit.MONTHS), (12, Unit.MONTHS)}
