"""Month arithmetic, limits in their unit, and the ways in which people write a day."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from domain.calendar import WorkCalendar
from domain.schema import Unit

LONGEST_TEXT = 40
RELATIVE = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1, "后天": 2,
    "yesterday": -1, "today": 0, "tomorrow": 1,
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
MONTH_DAY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
ENGLISH = re.compile(r"(\d{1,2})\s+([a-z]{3})[a-z]*\.?,?\s+(\d{4})")


def add_months(day: date, months: int) -> date:
    """The same day of the target month, else its last day (RULES § 6)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shift(day: date, value: int, unit: Unit, calendar: WorkCalendar) -> tuple[date, bool]:
    """`day` moved on by a limit, and whether the result is provisional."""
    if unit is Unit.MONTHS:
        return add_months(day, value), False
    if unit is Unit.DAYS:
        return day + timedelta(days=value), False
    moved = calendar.nth_working_day(day + timedelta(days=1), value)
    return moved, not calendar.knows(moved)


def parse_day(text: str, today: date) -> date | None:
    """The day somebody wrote, or None. Without a year the nearest such day that isn't ahead."""
    if len(text) > LONGEST_TEXT:
        return None
    words = unicodedata.normalize("NFKC", text).strip().lower()
    if words in RELATIVE:
        return today + timedelta(days=RELATIVE[words])
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], date | None]], ...] = (
        (FULL, _ymd),
        (COMPACT, _ymd),
        (ENGLISH, _english),
        (MONTH_DAY, lambda found: _latest(int(found[1]), int(found[2]), today)),
    )
    for pattern, read in readers:
        if found := pattern.fullmatch(words):
            return read(found)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ymd(found: re.Match[str]) -> date | None:
    return _day(int(found[1]), int(found[2]), int(found[3]))


def _english(found: re.Match[str]) -> date | None:
    if found[2] not in MONTHS:
        return None
    return _day(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))


def _latest(month: int, day: int, today: date) -> date | None:
    """29 February is looked for up to eight years back."""
    for year in range(today.year, today.year - 9, -1):
        found = _day(year, month, day)
        if found is not None and found <= today:
            return found
    return None
