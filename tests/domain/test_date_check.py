"""核对: every date of a case against the rules, and against what looks written up afterwards."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.case.date_check import Judging, carry_on, check_case, judged
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Entry, Finding
from domain.case.progress import assess
from domain.case.replay import remembered
from domain.catalogue import read_catalogue
from domain.rulebook.reading.reader import FileError, load
from domain.rulebook.schema import DateCheck
from tests.domain.books import CALENDAR, begun, book, day, entry, facts
from tests.domain.walk import straight_way

CHECKED = replace(book("core"), date_check=DateCheck(30, 3))


TODAY = day("2026-04-01")


def found(case: CaseFacts, today: date = TODAY) -> list[tuple[str, str]]:
    return [(item.step, item.problem.code) for item in _all(case, today)]


def _all(case: CaseFacts, today: date) -> tuple[Finding, ...]:
    progress = assess(CHECKED, case, today, CALENDAR)
    return check_case(CHECKED, case, progress, today, CALENDAR)


def late(item: Entry, days: int) -> Entry:
    return replace(item, recorded_on=item.done_on + timedelta(days=days))


def test_a_case_without_a_fault_has_nothing_to_look_at() -> None:
    assert found(begun(9)) == []


@pytest.mark.rule("recorded_late")
def test_an_entry_made_long_after_the_act_is_found() -> None:
    first = entry(1, "1", "2024-01-31")
    today = day("2024-02-10")
    assert found(facts(late(first, 29)), today) == []
    assert found(facts(late(first, 30)), today) == []
    assert found(facts(late(first, 31)), today) == [("1", "recorded_late")]
    assert [item.binding for item in _all(facts(late(first, 31)), today)] == [False]


def test_a_talk_after_its_month_is_a_breach_with_its_rule() -> None:
    on_time = facts(entry(1, "1", "2024-01-31"), entry(2, "2", "2024-02-29"))
    too_late = facts(entry(1, "1", "2024-01-31"), entry(2, "2", "2024-03-01"))
    assert found(on_time, day("2024-03-02")) == []
    [breach] = _all(too_late, day("2024-03-02"))
    assert (breach.step, breach.number, breach.day) == ("2", 2, day("2024-03-01"))
    assert (breach.problem.code, breach.problem.rule, breach.binding) == ("too_late", "talk", True)


def test_a_date_that_passed_without_its_step_is_missed() -> None:
    waiting = facts(entry(1, "1", "2024-01-31"))
    assert found(waiting, day("2024-02-29")) == []
    assert found(waiting, day("2024-03-01")) == [("2", "missed")]


def test_an_act_before_its_condition_is_found() -> None:
    wrong = facts(entry(1, "1", "2024-02-10"), entry(2, "2", "2024-02-01"))
    assert ("2", "day_before_condition") in found(wrong, day("2024-02-11"))


def test_reviews_written_on_one_day_are_found() -> None:
    two = facts(
        entry(1, "1", "2024-01-31"),
        entry(2, "2", "2024-02-29"),
        entry(3, "2a", "2024-08-01"),
        entry(4, "2a", "2024-08-01"),
    )
    apart = facts(*two.entries[:3], entry(4, "2a", "2024-08-02"))
    assert ("2a", "same_day") in found(two, day("2024-08-03"))
    assert "same_day" not in dict(map(reversed, found(apart, day("2024-08-03"))))  # type: ignore[arg-type]


@pytest.mark.rule("many_on_one_day")
def test_four_steps_on_one_day_are_found_and_three_are_not() -> None:
    check = replace(book("core"), date_check=DateCheck(0, 3))
    same = [replace(item, done_on=day("2024-02-01")) for item in begun(4).entries]
    for number, expected in ((3, False), (4, True)):
        case = facts(*same[:number])
        progress = assess(check, case, day("2024-02-02"), CALENDAR)
        codes = [
            f.problem.code for f in check_case(check, case, progress, day("2024-02-02"), CALENDAR)
        ]
        assert ("many_on_one_day" in codes) is expected


def test_the_city_and_the_core_look_at_the_same_dates() -> None:
    assert load("national_2026").date_check == load().date_check == DateCheck(30, 3)


@pytest.mark.parametrize("late", [0, 40])
def test_what_an_entry_more_is_handed_is_what_is_reckoned_anew(late: int) -> None:
    """Every third act is entered `late` days after: then there is something to find."""
    city, reckoned = load(), 0
    case = straight_way(city)[0][1]
    for number, (made, _) in enumerate(straight_way(city)):
        on = made.done_on + timedelta(days=late if number % 3 == 0 else 0)
        answers = {**made.answers, city.step(made.step).day: on}
        own = replace(made, done_on=on, answers=answers, recorded_on=on)
        judged(city, case, CALENDAR)
        problems = check_entry(city, case, own.step, answers, on, CALENDAR)
        before, case = case, CaseFacts(case.opened_on, (*case.entries, own))
        carry_on(before, case, problems)
        handed, anew = remembered(city, case, CALENDAR), replace(case)
        assert isinstance(handed, Judging)
        assert handed.findings == judged(city, anew, CALENDAR).findings
        assert assess(city, case, on, CALENDAR) == assess(city, anew, on, CALENDAR)
        reckoned += len(handed.findings)
    assert bool(reckoned) is bool(late)


def test_nothing_is_handed_on_where_more_has_changed() -> None:
    before = begun(3)
    judged(CHECKED, before, CALENDAR)
    signed_since = replace(before.entries[-1], signed=frozenset())
    after = facts(*before.entries[:-1], signed_since, entry(4, "2a", "2024-09-01"))
    carry_on(before, after, ())
    assert remembered(CHECKED, after, CALENDAR) is None
    assert remembered(CHECKED, before, CALENDAR) is not None


CATALOGUE = """
title = { zh = "本市情形目录", en = "The city's catalogue" }
[[situations]]
id = "1"
class = { zh = "甲类", en = "Class A" }
text = { zh = "示例情形", en = "An example" }
source = "本市文件"
"""
HANDLED = """
procedure = { zh = "示例程序", en = "A procedure" }
powers = "committee"
days = 30
treatments = [
  { id = "word", text = { zh = "示例处理甲", en = "Treatment A" } },
  { id = "back", text = { zh = "示例处理乙", en = "Treatment B" } },
]
"""
"""Of the situation above."""


def test_a_catalogue_is_read_as_an_organisation_wrote_it() -> None:
    found = read_catalogue("ours.toml", CATALOGUE)
    assert list(found.situations) == ["1"]
    one = found.situations["1"]
    assert one.kind.zh == "甲类"
    assert (one.procedure.zh, one.powers, one.days, one.treatments) == ("", None, 0, ())
    two = read_catalogue("ours.toml", CATALOGUE + HANDLED).situations["1"]
    assert (two.procedure.zh, two.powers, two.days) == ("示例程序", "committee", 30)
    assert [item.id for item in two.treatments] == ["word", "back"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('title = { zh = "一", en = "a" }', "a catalogue needs at least one"),
        (CATALOGUE + CATALOGUE[CATALOGUE.index("[[") :], "stands here twice"),
        (CATALOGUE.replace('source = "本市文件"', ""), "source"),
        ("title = ", "not valid TOML"),
        (CATALOGUE + 'more = "x"\n', "more"),
        (CATALOGUE + 'powers = "secretary"\n', "expected one of committee, organiser, director"),
        (CATALOGUE + "days = -1\n", "expected a whole number from 0 to 3650, found -1"),
        (CATALOGUE + "days = 3651\n", "found 3651"),
        (CATALOGUE + HANDLED.replace('"back"', '"word"'), "word stands here twice"),
        (CATALOGUE + HANDLED.replace('"back"', '""'), "is empty"),
        (CATALOGUE + HANDLED.replace('"back"', f'"{"b" * 31}"'), "30 characters at most, found 31"),
        (CATALOGUE.replace('id = "1"', f'id = "{"1" * 31}"'), "30 characters at most, found 31"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_file_and_reason(content: str, reason: str) -> None:
    with pytest.raises(FileError, match=reason) as refused:
        read_catalogue("ours.toml", content)
    assert "ours.toml" in str(refused.value)
