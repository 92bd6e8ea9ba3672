"""Reads an organisation's own calendar: days that are worked or not, each with its source.

One line a day, `date,kind,source`: kind is work or rest. A line `2027,plan,source` says that the
file holds all holidays and make-up days of that year; then its dates are no longer provisional.
"""

import csv
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

from domain.calendar.calendar import WorkCalendar
from domain.files.tables import FileError

HEAD = ["date", "kind", "source"]
WORKED = {"work": True, "rest": False}
PLAN = "plan"


def wrong(file: str, line: int, reason: str) -> FileError:
    return FileError(file, f"line {line}", reason)


def read_calendar(path: Path) -> WorkCalendar:
    """The known years with this file's days laid over them. Raises FileError with file, line
    and reason."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError:
        raise wrong(path.name, 1, "there is no such file, or it can't be read") from None
    except UnicodeDecodeError:
        raise wrong(path.name, 1, "not UTF-8") from None
    days: dict[date, bool] = {}
    years: set[int] = set()
    for line, cells in _rows(path.name, text):
        _take(path.name, line, cells, days, years)
    revision = sha256(content).hexdigest()[:8]
    return WorkCalendar(days, f"{path.stem[:20]}-{revision}", frozenset(years))


def _rows(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines())
    for cells in reader:
        found = [cell.strip() for cell in cells]
        if not any(found) or found[0].startswith("#") or found == HEAD:
            continue
        if len(found) != len(HEAD):
            reason = f"expected {','.join(HEAD)}; found {len(found)} cells"
            raise wrong(file, reader.line_num, reason)
        yield reader.line_num, found


def _take(file: str, line: int, cells: list[str], days: dict[date, bool], years: set[int]) -> None:
    when, kind, source = cells
    if not source:
        raise wrong(file, line, "the source is missing: which document says so")
    if kind == PLAN:
        if not (when.isdecimal() and 1990 <= int(when) <= 2199):
            raise wrong(file, line, f"expected a year such as 2027, found {when!r}")
        years.add(int(when))
        return
    if kind not in WORKED:
        raise wrong(file, line, f"expected work, rest or plan; found {kind!r}")
    try:
        day = date.fromisoformat(when)
    except ValueError:
        raise wrong(file, line, f"expected a day as 2027-02-06, found {when!r}") from None
    if days.setdefault(day, WORKED[kind]) is not WORKED[kind]:
        raise wrong(file, line, f"{day} stands here twice, once worked and once not")
