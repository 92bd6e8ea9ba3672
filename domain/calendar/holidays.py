"""The plan of holidays of a further year, in a file, until the library knows it
(docs/procedure.md § 7).

[[years]]
year = 2027
source = "the notice of the State Council"
rest = [2027-01-01, 2027-01-02]   # weekdays off and holidays
work = [2027-02-07]               # weekends that are worked
"""

import tomllib
from datetime import date
from pathlib import Path

from domain.calendar.calendar import WorkCalendar
from domain.calendar.files import read_calendar
from domain.files.tables import FileError, Table

LEAST_DAYS_OFF = 5
"""Fewer are no year's plan, but the beginning of one."""


def calendar_of(file: Path | None) -> WorkCalendar:
    """The working days; with the days of a table (.csv) or the plan of a year (.toml) laid over
    them. Raises FileError."""
    if file is None:
        return WorkCalendar()
    return read_calendar(file) if file.suffix == ".csv" else read_plan(file)


def read_plan(path: Path) -> WorkCalendar:
    """Raises FileError with file, key and reason."""
    try:
        whole = Table(path.name, "", tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise FileError(str(path), "-", f"can't be read ({error.strerror})") from None
    except ValueError as error:
        raise FileError(path.name, "-", f"not valid TOML: {error}") from None
    overrides: dict[date, bool] = {}
    years = []
    for table in whole.tables("years"):
        years.append(table.number("year"))
        table.string("source")
        overrides |= _days(table, years[-1])
    whole.close()
    if not years:
        raise whole.wrong("years", "names no year")
    return WorkCalendar(overrides, "", frozenset(years))


def _days(table: Table, year: int) -> dict[date, bool]:
    rest, work = table.days("rest"), table.days("work")
    table.close()
    for name, days in (("rest", rest), ("work", work)):
        if wrong := [day for day in days if day.year != year]:
            raise table.wrong(name, f"{wrong[0]} isn't in {year}")
    if both := set(rest) & set(work):
        raise table.wrong("work", f"{min(both)} is in rest as well")
    if len(rest) < LEAST_DAYS_OFF:
        raise table.wrong("rest", f"expected the whole year, found {len(rest)} days")
    return dict.fromkeys(rest, False) | dict.fromkeys(work, True)
