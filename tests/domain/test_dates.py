"""Month arithmetic, working days, and the ways people write a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.calendar import LAST_YEAR, WorkCalendar
from domain.case.dates import add_months, parse_day, shift
from domain.case.public_notice import notice_period
from domain.rulebook.schema import Unit

CALENDAR = WorkCalendar()
TODAY = date(2026, 11, 23)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 31), -3, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(DAYS, st.integers(0, 240))
def test_a_month_never_runs_over_into_the_next(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026/1/2", date(2026, 1, 2)),
        ("2026年11月22日", date(2026, 11, 22)),
        ("２０２６－１１－２２", date(2026, 11, 22)),
        ("20261122", date(2026, 11, 22)),
        ("11月22日", date(2026, 11, 22)),
        ("12月1日", date(2025, 12, 1)),
        ("2月29日", date(2024, 2, 29)),
        ("昨天", date(2026, 11, 22)),
        (" 今天 ", TODAY),
        ("22 Nov 2026", date(2026, 11, 22)),
        ("三月五日", date(2026, 3, 5)),
        ("十一月二十四日", date(2025, 11, 24)),
        ("十月十日", date(2026, 10, 10)),
        ("二〇二六年三月五日", date(2026, 3, 5)),
        ("二零二五年十二月三十一号", date(2025, 12, 31)),
        ("二○二六年零三月零五日", date(2026, 3, 5)),
        ("2026年十一月廿二日", date(2026, 11, 22)),
        ("五月卅一日", date(2026, 5, 31)),
        ("二月三十日", None),
        ("十三月一日", None),
        ("三十二", None),
        ("二三四月五日", None),
        ("四十月五日", None),
        ("十十月五日", None),
        ("三月", None),
        ("2026-02-30", None),
        ("13月1日", None),
        ("下周", None),
        ("", None),
        ("1" * 4096, None),
    ],
)
def test_a_day_is_read_as_it_was_meant(text: str, expected: date | None) -> None:
    assert parse_day(text, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3月5日", date(2027, 3, 5)),
        ("八月一日", date(2027, 8, 1)),
        ("11月22日", date(2026, 11, 22)),
        ("11月23日", TODAY),
        ("11月30日", date(2026, 11, 30)),
        ("2月29日", date(2028, 2, 29)),
        ("2026年3月5日", date(2026, 3, 5)),
        ("2月30日", None),
    ],
)
def test_what_may_lie_ahead_is_meant_ahead_unless_it_was_just_now(
    text: str, expected: date | None
) -> None:
    assert parse_day(text, TODAY, ahead=True) == expected


NUMERALS = "〇一二三四五六七八九"


def in_numerals(number: int) -> str:
    ten, one = divmod(number, 10)
    return ("" if ten < 2 else NUMERALS[ten]) + "十" * (ten > 0) + (NUMERALS[one] if one else "")


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_day_in_numerals_reads_back(day: date) -> None:
    year = "".join(NUMERALS[int(figure)] for figure in str(day.year))
    written = f"{in_numerals(day.month)}月{in_numerals(day.day)}日"
    assert parse_day(f"{year}年{written}", TODAY) == day
    assert parse_day(written, TODAY) == parse_day(f"{day.month}月{day.day}日", TODAY)


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_printed_day_reads_back(day: date) -> None:
    for form in ("%Y-%m-%d", "%Y年%m月%d日", "%Y%m%d", "%Y.%m.%d"):
        assert parse_day(day.strftime(form), TODAY) == day


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = parse_day(text, TODAY)
    assert found is None or isinstance(found, date)


def test_a_fifteen_day_notice_always_holds_five_working_days() -> None:
    day, least = date(2015, 1, 1), 99
    while day <= date(2026, 12, 1):
        least = min(least, CALENDAR.working_days(day, day + timedelta(days=14)))
        day += timedelta(days=1)
    assert least == 5
    assert CALENDAR.working_days(date(2017, 10, 1), date(2017, 10, 15)) == 5
    assert CALENDAR.working_days(date(2020, 1, 18), date(2020, 2, 1)) == 5


def test_a_seven_day_notice_often_fails_the_national_five_working_days() -> None:
    starts = [date(2015, 1, 1) + timedelta(days=n) for n in range(12 * 365 - 5)]
    short = sum(CALENDAR.working_days(day, day + timedelta(days=6)) < 5 for day in starts)
    assert 0.13 < short / len(starts) < 0.16


def test_the_day_of_posting_does_not_count() -> None:
    period = notice_period(date(2026, 11, 2), 15, 5, CALENDAR)
    assert (period.first_day, period.last_day) == (date(2026, 11, 3), date(2026, 11, 17))
    assert period.by_working_days == date(2026, 11, 9)


def test_working_days_decide_where_they_end_later() -> None:
    period = notice_period(date(2025, 9, 30), 7, 5, CALENDAR)
    assert period.by_calendar == date(2025, 10, 7)
    assert period.last_day == period.by_working_days > period.by_calendar
    assert date(2025, 10, 1) in period.rest_days


def test_past_the_known_years_a_date_is_provisional_and_never_an_error() -> None:
    period = notice_period(date(LAST_YEAR, 12, 28), 0, 5, CALENDAR)
    assert period.provisional
    moved, provisional = shift(date(2040, 1, 1), 5, Unit.WORKING_DAYS, CALENDAR)
    assert (moved, provisional) == (date(2040, 1, 6), True)


def test_an_override_beats_the_library() -> None:
    own = WorkCalendar({date(2027, 1, 4): False}, "2027-plan")
    assert not own.is_working(date(2027, 1, 4))
    assert own.knows(date(2027, 1, 4))
    assert own.version.endswith("+2027-plan")
