"""The plan of a further year, read from a file, and refused by file, key and reason."""

from datetime import date
from pathlib import Path

import pytest

from domain.calendar.calendar import LAST_YEAR, WorkCalendar
from domain.calendar.files import read_calendar
from domain.files.toml import FileError

YEAR = LAST_YEAR + 1
REST = [date(YEAR, 1, 1), *(date(YEAR, 2, day) for day in range(5, 12)), date(YEAR, 10, 1)]
WORK = [day for day in (date(YEAR, 1, n) for n in range(2, 32)) if day.weekday() == 6][-1:]


def written(folder: Path, rest: object = REST, work: object = WORK, more: str = "") -> Path:
    def said(days: object) -> str:
        return f"[{', '.join(map(str, days))}]" if isinstance(days, list) else str(days)

    path = folder / "plan.toml"
    path.write_text(
        f'{more}\n[[years]]\nyear = {YEAR}\nsource = "a notice"\n'
        f"rest = {said(rest)}\nwork = {said(work)}\n",
        "utf-8",
    )
    return path


def test_a_year_that_was_provisional_is_known(tmp_path: Path) -> None:
    known, before = read_calendar(written(tmp_path)), WorkCalendar()
    day = next(day for day in REST if day.weekday() < 5)
    assert before.is_working(day)
    assert not before.knows(day)
    assert not known.is_working(day)
    assert known.is_working(WORK[0])
    assert known.knows_all(date(YEAR, 1, 1), date(YEAR, 12, 31))
    assert known.covered[1] == YEAR
    assert known.version != before.version


@pytest.mark.parametrize(
    ("given", "key", "reason"),
    [
        ({"rest": [date(YEAR, 1, 1)]}, "years[0].rest", "expected the whole year, found 1 days"),
        ({"rest": [*REST, date(YEAR + 1, 1, 1)]}, "years[0].rest", f"isn't in {YEAR}"),
        ({"work": [REST[0]]}, "years[0].work", "is in rest as well"),
        ({"work": "3"}, "years[0].work", "expected a list"),
        ({"rest": '["1 January"]'}, "years[0].rest", "a date such as"),
        ({"more": "speed = 3"}, "speed", "unknown key"),
        ({"more": "["}, "-", "not valid TOML"),
    ],
)
def test_a_wrong_plan_is_refused_by_file_key_and_reason(
    tmp_path: Path, given: dict[str, object], key: str, reason: str
) -> None:
    with pytest.raises(FileError, match=reason) as refused:
        read_calendar(written(tmp_path, **given))  # type: ignore[arg-type]
    assert refused.value.file == "plan.toml"
    assert refused.value.key == key


def test_no_file_and_a_file_without_a_year_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        read_calendar(tmp_path / "nowhere.toml")
    (tmp_path / "empty.toml").write_text("", "utf-8")
    with pytest.raises(FileError, match="names no year"):
        read_calendar(tmp_path / "empty.toml")
