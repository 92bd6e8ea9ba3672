"""Reads an organisation's own calendar: the plan of a further year, or single days
(docs/procedure.md § 7).

[[years]]
year = 2027
source = "the notice of the State Council"
rest = [2027-01-01, 2027-01-02]   # weekdays off and holidays
work = [2027-02-07]               # weekends that are worked

[[days]]
date = 2020-01-31
worked = false
source = "the notice that lengthened the holiday"
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from domain.calendar.calendar import WorkCalendar
from domain.files.toml import FileModel, Finding, build, parse, read_text, refuse

LEAST_DAYS_OFF = 5
"""Fewer are no year's plan, but the beginning of one."""


@dataclass(frozen=True)
class YearTable:
    """All holidays and make-up days of a year: its dates are no longer provisional."""

    year: int
    source: str
    rest: tuple[date, ...] = ()
    work: tuple[date, ...] = ()


@dataclass(frozen=True)
class DayTable:
    """A single day, such as a holiday lengthened by decree."""

    date: date
    worked: bool
    source: str


class CalendarFile(FileModel):
    years: tuple[YearTable, ...] = ()
    days: tuple[DayTable, ...] = ()


def calendar_of(file: Path | None) -> WorkCalendar:
    """Return the working days, overridden by those of a file. Raises FileError."""
    return WorkCalendar() if file is None else read_calendar(file)


def read_calendar(path: Path) -> WorkCalendar:
    """Read a calendar file. Raises FileError with file, key and reason."""
    content = read_text(path)
    read = build(path.name, parse(path.name, content), CalendarFile)
    refuse(path.name, _contradictions(read))
    days: dict[date, bool] = {}
    for year in read.years:
        days |= dict.fromkeys(year.rest, False) | dict.fromkeys(year.work, True)
    # Last: a decree changes single days of a plan that was published.
    days |= {day.date: day.worked for day in read.days}
    revision = sha256(content.encode()).hexdigest()[:8]
    years = frozenset(year.year for year in read.years)
    return WorkCalendar(days, f"{path.stem[:20]}-{revision}", years)


def _contradictions(read: CalendarFile) -> Iterator[Finding]:
    if not read.years and not read.days:
        yield "years", "names no year and no day"
    for place, table in enumerate(read.years):
        yield from _year(f"years[{place}]", table)
    seen: dict[date, bool] = {}
    for place, day in enumerate(read.days):
        if seen.setdefault(day.date, day.worked) is not day.worked:
            yield f"days[{place}].date", f"{day.date} stands here twice, once worked and once not"


def _year(key: str, table: YearTable) -> Iterator[Finding]:
    for name, days in (("rest", table.rest), ("work", table.work)):
        if wrong := [day for day in days if day.year != table.year]:
            yield f"{key}.{name}", f"{wrong[0]} isn't in {table.year}"
    if both := set(table.rest) & set(table.work):
        yield f"{key}.work", f"{min(both)} is in rest as well"
    if len(table.rest) < LEAST_DAYS_OFF:
        found = len(table.rest)
        yield f"{key}.rest", f"expected the whole year, found {found} days"
