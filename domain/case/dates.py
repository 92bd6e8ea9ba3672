"""Month arithmetic, limits in their unit, and the ways in which people write a day."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from domain.calendar.calendar import WorkCalendar
from domain.rulebook.schema import Unit

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
NUMERALS = re.compile(r"[〇○零一二三四五六七八九十廿卅]+")
TENS = re.compile(r"(?:([二三])?十|([廿卅]))([一二三四五六七八九])?")
DIGITS = {numeral: str(value) for value, numeral in enumerate("〇一二三四五六七八九")}
DIGITS |= {"零": "0", "○": "0"}
RECENT = timedelta(days=31)
AMERICAN = re.compile(r"([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def add_months(day: date, months: int, rolls_over: bool = False) -> date:
    """The same day of the target month, else its last day (docs/procedure.md § 6), or where it
    `rolls_over` the first of the month after it."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    if day.day > last and rolls_over:
        return date(year, month + 1, last) + timedelta(days=1)
    return date(year, month + 1, min(day.day, last))


def shift(day: date, value: int, unit: Unit, calendar: WorkCalendar) -> tuple[date, bool]:
    """`day` moved on by a limit, and whether the result is provisional."""
    if unit in (Unit.MONTHS, Unit.YEARS):
        return add_months(day, value * (12 if unit is Unit.YEARS else 1)), False
    if unit is Unit.DAYS:
        return day + timedelta(days=value), False
    moved = calendar.move(day, value)
    return moved, not calendar.knows_all(min(day, moved), max(day, moved))


def parse_day(text: str, today: date, ahead: bool = False) -> date | None:
    """The day somebody wrote, in figures, in Chinese numerals or in words, or None. Without a year
    the nearest such day that isn't ahead; where it may lie `ahead`, the next one unless the last
    one was within a month."""
    words = text.strip()
    if len(words) > LONGEST_TEXT:
        return None
    words = unicodedata.normalize("NFKC", words).strip().lower()
    words = NUMERALS.sub(_figures, words)
    if words in RELATIVE:
        return today + timedelta(days=RELATIVE[words])
    for pattern, read in READERS:
        if found := pattern.fullmatch(words):
            day = read(found, today)
            return (
                _next(found, today) if ahead and read is _latest and _long_ago(day, today) else day
            )
    return None


def _figures(found: re.Match[str]) -> str:
    """“二〇二六” is 2026, “二十四” is 24; what is neither stays as it is."""
    said = found[0]
    if tens := TENS.fullmatch(said):
        before = {"廿": "2", "卅": "3"}.get(tens[2] or "", DIGITS.get(tens[1] or "", "1"))
        return before + DIGITS.get(tens[3] or "", "0")
    figures = "".join(DIGITS.get(numeral, "x") for numeral in said)
    written_out = len(said) in (1, 4) or (len(said) == 2 and figures[0] == "0")
    return figures if written_out and "x" not in figures else said


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


def _long_ago(day: date | None, today: date) -> bool:
    return day is None or day < today - RECENT


def _next(found: re.Match[str], today: date) -> date | None:
    """29 February is looked for up to eight years ahead."""
    days = (_day(today.year + more, int(found[1]), int(found[2])) for more in range(9))
    return next((day for day in days if day is not None and day >= today), None)


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (FULL, _ymd),
    (COMPACT, _ymd),
    (ENGLISH, _english),
    (AMERICAN, _american),
    (MONTH_DAY, _latest),
)
