"""Month arithmetic, limits in their unit, and the ways in which people write a day."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from domain.calendar.calendar import WorkCalendar
from domain.rulebook.schema import Unit
from domain.writing.numerals import DIGITS, figures

LONGEST_TEXT = 40
RELATIVE = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0,
    "今早": 0, "今晚": 0, "明天": 1, "后天": 2, "后日": 2, "大后天": 3,
    "yesterday": -1, "today": 0, "tomorrow": 1,
}  # fmt: skip
YEARS = {"今年": 0, "本年": 0, "去年": -1, "前年": -2, "明年": 1}
NEARBY = {"上": -1, "本": 0, "这": 0, "下": 1}
WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
# Numerals are figures by then: 周三 is matched as 周3.
WEEKDAYS |= {str(number + 1): number for number in range(7)}
SPANS = {"天": 1, "日": 1, "周": 7, "个星期": 7, "星期": 7}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
APART = r"\s*[-/.、\u2010-\u2015\u2212]\s*"
FULL = re.compile(
    rf"(\d{{4}})(?:{APART}|\s*年\s*)(\d{{1,2}})(?:{APART}|\s*月\s*)(\d{{1,2}})\s*[日号]?"
)
SHORT_YEAR = re.compile(r"(\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
SAID_YEAR = re.compile(rf"({'|'.join(YEARS)})\s*(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*[日号]?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
MONTH_DAY = re.compile(rf"(\d{{1,2}})(?:{APART}|\s*月\s*)(\d{{1,2}})\s*[日号]?")
NEAR_MONTH = re.compile(r"([上本这下])个?月\s*(\d{1,2})\s*[日号]?")
DAY_ALONE = re.compile(r"(\d{1,2})\s*[日号]")
NEAR_WEEK = re.compile(r"([上本这下])?个?(?:周|星期|礼拜)([一二三四五六日天1-7])")
SINCE = re.compile(rf"(\d{{1,3}})\s*({'|'.join(SPANS)})\s*(前|后|以前|以后|之前|之后)")
ENGLISH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3})[a-z]*\.?,?\s+(\d{4})")
AMERICAN = re.compile(r"([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
WEEKDAY_BEHIND = re.compile(
    r"(?<=[日号天\d])\s*,?\s*[(\[]?(?:周|星期|礼拜)([一二三四五六日天])[)\]]?$"
)
FEW = r"[\d〇零一二两三四五六七八九十]{1,3}"
"""Hours or minutes: a time is taken off before numerals become figures."""
CLOCK = rf"{FEW}(?:[点时:](?:{FEW})?)?(?:分|半|整)?"
TIME_BEHIND = re.compile(
    r"(?:[t\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?"
    rf"|\s*(?:凌晨|早上|上午|中午|下午|傍晚|晚上)\s*(?:{CLOCK})?"
    rf"|(?:(?<=[日号天晚早])|\s)\s*{FEW}[点时](?:{FEW})?(?:分|半|整)?)$"
)
YEAR_IN_DIGITS = re.compile(f"[{''.join(DIGITS)}]{{2}}(?=年.+月)")
"""九八年: two digits are a year only here; `figures` leaves them, since 三四 is three or four."""
LENGTH = re.compile(r"[\d一二两三四五六七八九十]{1,4}\s*[天日]")
NUMERAL = r"[\d〇○零一二两三四五六七八九十廿卅几]{1,4}"
LUNAR = re.compile(r"(?:农历|阴历)|[正腊冬闰]月|初[一二三四五六七八九十\d]|廿")
"""A day of the old calendar, which is another day every year."""
MONTH_NAMES = "|".join(MONTHS)
NAMES_DAY = (
    r"大*[前昨今明后][天日晚早]|(?:今|本|去|前|明)年",
    rf"(?:{NUMERAL}|[正腊冬闰元])月(?:{NUMERAL}[日号]?|初{NUMERAL}|[底初中]|[上中下]旬)",
    rf"\d{{4}}年{NUMERAL}月|{NUMERAL}[日号]|初{NUMERAL}|[月年][底初中]",
    r"[上下本这]+个?(?:周|星期|礼拜|月)",
    r"[上下本这]*个?(?:周|星期|礼拜)[一二三四五六七八九日天末\d]",
    rf"{NUMERAL}多?(?:天|日|周|年|个?(?:星期|礼拜|月))(?:以|之)?[前后]|前{NUMERAL}[天日]",
    r"(?:19|20)\d{6}|\d{4}[-/.、]\d{1,2}(?:[-/.、]\d{1,2})?|(?:0?[1-9]|1[012])[-/.](?:0?[1-9]|[12]\d|3[01])",
    rf"(?:{MONTH_NAMES})[a-z]*\.?\d{{1,2}}(?:st|nd|rd|th)?,?(?:\d{{4}})?",
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?:{MONTH_NAMES})[a-z]*\.?,?(?:\d{{4}})?",
    r"(?:last|this|next)?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:yester|to)day|tomorrow",
)
BESIDE_DAY = rf"{NUMERAL}[年月]|农历|阴历|那天|左右|大概|大约|在|是|[,()\[\]]|凌晨|[上中下]午"
_NAMED = f"(?:{'|'.join(NAMES_DAY)})"
ONLY_DAY = re.compile(rf"(?:{BESIDE_DAY})*{_NAMED}(?:{_NAMED}|{BESIDE_DAY})*")
"""A text that says a day and nothing else, whether there is such a day or not."""
AROUND = " \t\n。.,;:!?、\"'“”‘’「」《》"
"""What stands around a day that was copied out of a sentence."""
RECENT = timedelta(days=31)
"""How far from today a day without its year may be to be the one that is meant, before or ahead."""
SHORTEST = 28
"""Days of the shortest month."""
AHEAD = 10
"""Years: what is planned in 27年 is ahead, and who was born in 98年 was born in 1998."""


def add_months(day: date, months: int, rolls_over: bool = False) -> date:
    """The same day of the target month, else its last day (docs/procedure.md § 6), or where it
    `rolls_over` the first of the month after it."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    # Every month has so many; most days are spared the question.
    if day.day <= SHORTEST:
        return date(year, month + 1, day.day)
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
    """The day somebody wrote, in figures, in Chinese numerals or in words, or None. A weekday or a
    time behind it is passed over (`weekday_of`). Without a year the nearest such day that isn't
    ahead; where it may lie `ahead`, the next one unless the last one was within a month."""
    return _parsed(_bare(text), today, ahead) if len(text.strip()) <= LONGEST_TEXT else None


def _parsed(bare: str, today: date, ahead: bool = False) -> date | None:
    # The weekday goes before numerals become figures: its pattern knows it by its numeral.
    bare = WEEKDAY_BEHIND.sub("", bare).strip(AROUND)
    if written := YEAR_IN_DIGITS.match(bare):
        bare = "".join(str(DIGITS[sign]) for sign in written[0]) + bare[written.end() :]
    words = figures(bare).replace("元月", "1月")
    if words in RELATIVE:
        return today + timedelta(days=RELATIVE[words])
    # In the order of READERS: the first pattern that fits wins, so what names a year comes before
    # what doesn't.
    for pattern, read in READERS:
        if found := pattern.fullmatch(words):
            day = read(found, today)
            return (
                _next(found, today) if ahead and read is _latest and _long_ago(day, today) else day
            )
    return None


def says_day(text: str) -> bool:
    """Whether a text is meant for a day and nothing else, also one that `parse_day` can't read:
    2月30日, 上周八, 5月初三. None are a length of time (3天, 六个月), a year or a number alone, and
    several lines."""
    said = text.strip()
    if not 0 < len(said) <= LONGEST_TEXT or "\n" in said:
        return False
    bare = _bare(text)
    if ONLY_DAY.fullmatch("".join(bare.split())) is not None:
        return True
    # On a leap year's last day every day and month that can be is there.
    return _parsed(bare, date(2024, 12, 31)) is not None


def may_be_length(text: str) -> bool:
    """Whether what says a day may be a length of time: 3日 is said for three days as well."""
    return LENGTH.fullmatch(_bare(text)) is not None


def is_lunar(text: str) -> bool:
    """Whether a text names a day of the old calendar, as 五月初三 or 腊月廿三."""
    return LUNAR.search(_bare(text)) is not None


def weekday_of(text: str) -> int | None:
    """The weekday written behind a day (Monday: 0), which may contradict it."""
    found = WEEKDAY_BEHIND.search(_bare(text))
    return WEEKDAYS[found[1]] if found else None


def _bare(text: str) -> str:
    """Full-width signs folded; unseen ones, a time, and what stands around it left out."""
    folded = unicodedata.normalize("NFKC", text)
    seen = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return TIME_BEHIND.sub("", seen.strip(AROUND).lower()).strip(AROUND)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ymd(found: re.Match[str], today: date) -> date | None:
    return _day(int(found[1]), int(found[2]), int(found[3]))


def _short_year(found: re.Match[str], today: date) -> date | None:
    year = 2000 + int(found[1])
    return _day(year - 100 * (year > today.year + AHEAD), int(found[2]), int(found[3]))


def _said_year(found: re.Match[str], today: date) -> date | None:
    return _day(today.year + YEARS[found[1]], int(found[2]), int(found[3]))


def _near_month(found: re.Match[str], today: date) -> date | None:
    first = add_months(today.replace(day=1), NEARBY[found[1]])
    return _day(first.year, first.month, int(found[2]))


def _day_alone(found: re.Match[str], today: date) -> date | None:
    """The last such day that isn't ahead: a month may have none."""
    months = (add_months(today.replace(day=1), -back) for back in range(3))
    # Three months: in this one the day may lie ahead, and the one before may be too short for it.
    days = (_day(first.year, first.month, int(found[1])) for first in months)
    return next((day for day in days if day is not None and day <= today), None)


def _near_week(found: re.Match[str], today: date) -> date | None:
    """Weeks begin on Monday; without 上 or 本 the last such day that isn't ahead."""
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=WEEKDAYS[found[2]])
    if found[1]:
        return day + timedelta(weeks=NEARBY[found[1]])
    return day if day <= today else day - timedelta(weeks=1)


def _since(found: re.Match[str], today: date) -> date | None:
    days = int(found[1]) * SPANS[found[2]]
    return today + timedelta(days=-days if found[3].endswith("前") else days)


def _english(found: re.Match[str], today: date) -> date | None:
    return _named(found[2], found[1], found[3])


def _american(found: re.Match[str], today: date) -> date | None:
    return _named(found[1], found[2], found[3])


def _named(month: str, day: str, year: str) -> date | None:
    return _day(int(year), MONTHS.index(month) + 1, int(day)) if month in MONTHS else None


def _latest(found: re.Match[str], today: date) -> date | None:
    """29 February is looked for up to eight years back, as from 1904 to 1896."""
    for year in range(today.year, today.year - 9, -1):
        day = _day(year, int(found[1]), int(found[2]))
        if day is not None and day <= today:
            return day
    return None


def _long_ago(day: date | None, today: date) -> bool:
    return day is None or day < today - RECENT


def _next(found: re.Match[str], today: date) -> date | None:
    """29 February is looked for up to eight years ahead, as from 2096 to 2104."""
    days = (_day(today.year + more, int(found[1]), int(found[2])) for more in range(9))
    return next((day for day in days if day is not None and day >= today), None)


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (FULL, _ymd),
    (COMPACT, _ymd),
    (SHORT_YEAR, _short_year),
    (SAID_YEAR, _said_year),
    (NEAR_MONTH, _near_month),
    (DAY_ALONE, _day_alone),
    (NEAR_WEEK, _near_week),
    (SINCE, _since),
    (ENGLISH, _english),
    (AMERICAN, _american),
    (MONTH_DAY, _latest),
)
