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
ENGLISH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3})[a-z]*\.?,?\s+(\d{4})")
AMERICAN = re.compile(r"([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def add_months(day: date, months: int, rolls_over: bool = False) -> date:
    """The same day of the target month, else its last day (RULES § 6), or where it `rolls_over`
    the first of the month after it."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    if day.day > last and rolls_over:
        return date(year, month + 1, last) + timedelta(days=1)
    return date(year, month + 1, min(day.day, last))


def shift(day: date, value: int, unit: Unit, calendar: WorkCalendar) -> tuple[date, bool]:
    """`day` moved on by a limit, and whether the result is provisional."""
    if unit is Unit.MONTHS:
        return add_months(day, value), False
    if unit is Unit.DAYS:
        return day + timedelta(days=value), False
    moved = calendar.move(day, value)
    return moved, not calendar.knows_all(min(day, moved), max(day, moved))


def parse_day(text: str, today: date) -> date | None:
    """The day somebody wrote, or None. Without a year the nearest such day that isn't ahead."""
    words = text.strip()
    if len(words) > LONGEST_TEXT:
        return None
    words = unicodedata.normalize("NFKC", words).strip().lower()
    if words in RELATIVE:
        return today + timedelta(days=RELATIVE[words])
    for pattern, read in READERS:
        if found := pattern.fullmatch(words):
            return read(found, today)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ymd(found: re.Match[str], today: date) -> date | None:
    return _day(int(found[1]), int(found[2]), int(found[3]))


def _english(found: re.Match[str], today: date) -> date | None:
    return _named(found[2], found[1], found[3])


def _american(found: re.Match[str], today: date) -> date | None:
    return _named(found[1], found[2], found[3])


def _named(month: str, day: str, year: str) -> date | None:
    return _day(int(year), MONTHS.index(month) + 1, int(day)) if month in MONTHS else None


def _latest(found: re.Match[str], today: date) -> date | None:
    """29 February is looked for up to eight years back."""
    for year in range(today.year, today.year - 9, -1):
        day = _day(year, int(found[1]), int(found[2]))
        if day is not None and day <= today:
            return day
    return None


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (FULL, _ymd),
    (COMPACT, _ymd),
    (ENGLISH, _english),
    (AMERICAN, _american),
    (MONTH_DAY, _latest),
)
