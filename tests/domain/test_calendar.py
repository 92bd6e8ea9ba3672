"""The working days: what is known, what an organisation says beside it, and never an error."""

from datetime import date
from pathlib import Path

import pytest

from domain.calendar.calendar import WorkCalendar
from domain.calendar.files import read_calendar
from domain.case.public_notice import notice_period
from domain.files.toml import FileError
from tests.domain.books import CALENDAR, day

PLAN = """
[[years]]
year = 2027
source = "国务院办公厅通知"
rest = [2027-01-01, 2027-02-05, 2027-02-08, 2027-02-09, 2027-02-10]
work = [2027-02-06]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, "utf-8")
    return path


def single(when: str, worked: str = "false", source: str = "国务院办公厅延长春节假期通知") -> str:
    return f'[[days]]\ndate = {when}\nworked = {worked}\nsource = "{source}"\n'


def test_a_year_with_its_whole_plan_is_known(tmp_path: Path) -> None:
    own = read_calendar(written(tmp_path, PLAN))
    assert own.covered == (2004, 2027)
    assert (own.is_working(day("2027-02-05")), own.is_working(day("2027-02-06"))) == (False, True)
    assert not notice_period(day("2026-12-28"), 0, 5, own).provisional
    assert notice_period(day("2026-12-28"), 0, 5, CALENDAR).provisional
    assert own.version not in ("", CALENDAR.version)
    assert read_calendar(written(tmp_path, PLAN)).version == own.version


def test_single_days_are_known_without_their_year(tmp_path: Path) -> None:
    own = read_calendar(written(tmp_path, single("2020-01-31")))
    assert not own.is_working(day("2020-01-31"))
    assert own.covered == CALENDAR.covered


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (single("2027-02-30"), "-", "not valid TOML"),
        (single('"2027/2/3"'), "days[0].date", "expected a date such as"),
        (single("2027-02-03", '"holiday"'), "days[0].worked", "expected true or false"),
        ("[[days]]\ndate = 2027-02-03\nworked = true\n", "days[0].source", "is missing"),
        (single("2027-02-03", source=""), "days[0].source", "is empty"),
        (PLAN.replace("year = 2027", 'year = "27"'), "years[0].year", "expected a whole number"),
        (single("2027-02-03") + single("2027-02-03", "true"), "days[1].date", "stands here twice"),
    ],
)
def test_a_wrong_day_is_named_with_file_key_and_reason(
    tmp_path: Path, text: str, key: str, reason: str
) -> None:
    with pytest.raises(FileError) as caught:
        read_calendar(written(tmp_path, text))
    assert (caught.value.file, caught.value.key) == ("plan.toml", key)
    assert reason in caught.value.reason


def test_everything_that_is_wrong_is_found_at_once(tmp_path: Path) -> None:
    wrong = single("2027-02-03", '"holiday"') + "mood = 1\n" + single("2027-02-03", source="")
    with pytest.raises(FileError) as caught:
        read_calendar(written(tmp_path, wrong))
    assert [key for key, _ in caught.value.findings] == ["days[0].worked", "days[0].mood"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.toml: -: there is no such file"):
        read_calendar(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="not UTF-8"):
        read_calendar(tmp_path / "bad.toml")


@pytest.mark.parametrize("year", [1990, 2003, 2004, 2026, 2027, 2100, 2190])
def test_no_year_is_an_error(year: int) -> None:
    calendar = WorkCalendar()
    for posted in (date(year, 1, 1), date(year, 2, 28), date(year, 12, 31)):
        period = notice_period(posted, 15, 5, calendar)
        assert period.first_day <= period.by_working_days <= period.last_day
        known = period.first_day.year >= 2004 and period.last_day.year <= 2026
        assert period.provisional is not known
        assert calendar.move(posted, -5) < posted < calendar.move(posted, 5)


def test_the_days_that_decide_are_known() -> None:
    """Posted before the holidays of October 2026: the make-up day counts, the holidays don't."""
    period = notice_period(day("2026-09-30"), 0, 5, CALENDAR)
    assert (period.asked_working_days, period.by_working_days) == (5, day("2026-10-13"))
    assert day("2026-10-01") in period.rest_days
    assert period.make_up_days == (day("2026-10-10"),)
