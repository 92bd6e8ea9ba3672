"""Notices, open points, days that follow, and what becomes of a report (RULES § 3 and § 6)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.facts import CaseFacts, Entry, Value
from domain.loader import FOLDER, RulebookError, load
from domain.notice import notice_of
from domain.progress import assess
from domain.schema import FindingEffect, Role, Rulebook
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


def with_setting(tmp_path: Path, name: str, value: str) -> Rulebook:
    """The city with one open point settled otherwise."""
    for core in ("national_2026.toml", "national_2014.toml"):
        (tmp_path / core).write_bytes((FOLDER / core).read_bytes())
    text = (FOLDER / "yakeshi.toml").read_text("utf-8")
    (tmp_path / "town.toml").write_text(f'set = {{ {name} = "{value}" }}\n{text}', "utf-8")
    return load("town", tmp_path)


@pytest.mark.rule("setting_posting_day")
def test_the_day_of_posting_counts_where_it_is_set_so(tmp_path: Path) -> None:
    town = with_setting(tmp_path, "posting_day", "counts")
    assert last_day(CITY, "8a", "2026-11-02") == day("2026-11-17")
    assert last_day(town, "8a", "2026-11-02") == day("2026-11-16")
    assert notice_of(town.step("8a"), day("2026-11-02"), CALENDAR).first_day == day("2026-11-02")


@pytest.mark.rule("setting_long_notice")
def test_fifteen_days_are_working_days_where_it_is_set_so(tmp_path: Path) -> None:
    town = with_setting(tmp_path, "long_notice", "working")
    assert last_day(town, "8a", "2026-11-02") == day("2026-11-23")
    assert CITY.step("8a").notice_days == 15


def met(book: Rulebook, on: str, **answers: Value) -> CaseFacts:
    given: dict[str, Value] = {"held_on": day(on), **answers}
    return CaseFacts(day("2026-05-11"), (Entry(1, "15", day(on), given, day(on)),))


def landmarks(book: Rulebook, facts: CaseFacts) -> dict[str, date]:
    progress = assess(book, facts, day("2030-01-01"), CALENDAR)
    return {item.limit: item.on for item in progress.landmarks}


@pytest.mark.rule("probation_end", "setting_probation_end")
@pytest.mark.parametrize(
    ("met_on", "same", "before"),
    [
        ("2027-03-10", "2028-03-10", "2028-03-09"),
        ("2028-02-29", "2029-02-28", "2029-02-27"),
        ("2027-03-01", "2028-03-01", "2028-02-29"),
    ],
)
def test_probation_ends_on_the_same_day_or_the_day_before(
    tmp_path: Path, met_on: str, same: str, before: str
) -> None:
    town = with_setting(tmp_path, "probation_end", "day_before")
    assert landmarks(CITY, met(CITY, met_on)) == {"probation_end": day(same)}
    assert landmarks(town, met(town, met_on)) == {"probation_end": day(before)}
    earliest = next(limit for limit in town.step("23").limits if limit.id == "probation_over")
    assert earliest.minus_days == 0


@pytest.mark.rule("standing_from")
def test_standing_counts_from_the_end_of_probation_not_from_the_meeting() -> None:
    answers: dict[str, Value] = {"approved_on": day("2028-06-20"), "conclusion": "approve_full"}
    approved = Entry(2, "24", day("2028-06-20"), answers, day("2028-06-20"), "", frozenset(Role))
    facts = met(CITY, "2027-03-10")
    facts = CaseFacts(facts.opened_on, (*facts.entries, approved))
    assert landmarks(CITY, facts)["standing_from"] == day("2028-03-10")


@pytest.mark.rule("setting_approval_clock")
def test_the_approval_runs_from_the_meeting_where_it_is_set_so(tmp_path: Path) -> None:
    town = with_setting(tmp_path, "approval_clock", "meeting")
    for book, of in ((CITY, "15.submitted_on|15"), (town, "15")):
        assert {limit.of for limit in book.step("17").limits} == {of}
    assert town.step("24").limits[0].of == "23"


@pytest.mark.rule("setting_month_end", "setting_one_week")
def test_what_has_one_answer_takes_no_other(tmp_path: Path) -> None:
    for name in ("month_end", "one_week"):
        with pytest.raises(RulebookError, match=f"set.{name}: expected one of"):
            with_setting(tmp_path, name, "otherwise")
        load.cache_clear()
    with pytest.raises(RulebookError, match=r"set\.mood: unknown key"):
        with_setting(tmp_path, "mood", "good")


@pytest.mark.rule("report_days", "setting_one_week")
def test_a_report_is_answered_within_seven_days() -> None:
    assert CITY.report_days == 7
    assert NATION.report_days == 0


FINDINGS = {
    "light": FindingEffect.PUT_OFF, "serious": FindingEffect.END, "grave": FindingEffect.END,
    "untrue": FindingEffect.GO_ON, "unclear": FindingEffect.PUT_OFF,
}  # fmt: skip


@pytest.mark.rule(*(f"finding_{name}" for name in FINDINGS))
def test_what_becomes_of_a_report_by_its_class() -> None:
    assert {item.id: item.effect for item in CITY.findings} == FINDINGS
