"""What a cell of a sheet says, read and written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from domain.case.dates import parse_day
from domain.case.facts import Value
from domain.writing.names import tidy
from domain.writing.numerals import figures
from papers.sheets.columns import CellKind, Column

CASES, MEMBERS = "发展名册", "党员名册"
"""What the sheets are called."""
BRANCH = "党支部"
ON_THE_WAY = ("申请", "积极分子", "发展对象")
"""What titles say that tell of a list of cases, though none of their days was known."""
OVER, CLEAR = "已结束", "没有发现问题"
"""Where nothing comes next, and where the check of dates found nothing."""
EPOCH, FIRST_SERIAL, LAST_SERIAL = date(1899, 12, 30), 10_000, 80_000
"""A spreadsheet counts days from there; those are 1927 and 2119."""
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
"""The part of a day behind the point is its time."""
MONTH = re.compile(r"(\d{4})\s*(?:[-./、年])\s*(\d{1,2})\s*月?")
COMPACT_MONTH = re.compile(r"(19|20)(\d{2})(0[1-9]|1[0-2])")
LOST_ZERO = re.compile(r"\d{4}\.1")
"""1985.10 as a number is kept as 1985.1."""
SHORT_DAY = re.compile(r"'?(\d{2})\s*[-./、]\s*(\d{1,2})\s*[-./、]\s*(\d{1,2})")
SHORT_MONTH = re.compile(r"'?(\d{2})\s*(?:[-./、]|年)\s*(\d{1,2})\s*月?")
UP_TO = re.compile(r"(?<=[\d日号])\s*(?:至|到|[-~—–]+)\s*(?=\d)")
"""Between the first and the last day of a notice or a class."""
REMARK = re.compile(r"[(\[【].*?[)\]】]")
AROUND = " \t\n'‘’."
NONE = frozenset({"无", "暂无", "没有", "未", "未定", "待定", "空", "/", "\\", "-", "--", "—", "——",
                  "–", "*", "n/a"})  # fmt: skip
"""What is written into a cell so that it isn't empty."""
PARTED = re.compile(r"[、，,；;/\n]+")
YES = frozenset({"是", "有", "对", "√", "✓", "1", "y", "yes", "true"})
NO = frozenset({"否", "不是", "无", "没有", "×", "0", "n", "no", "false"})
OTHER_WORDS = {
    "postgraduate": ("硕士", "博士", "研究生"),
    "university": ("本科", "大学", "学士"),
    "college": ("大专", "专科"),
    "vocational": ("中专", "中技", "技校", "职高"),
    "high_school": ("高中", "初中", "小学", "中学"),
}
"""How sheets say an education beside the words of the rulebook."""
EDUCATION = "1.education"
BORN = "1.born_on"
LONGEST = 200
Cell = str | date | None
"""As it is written."""


class CellFault(StrEnum):
    """Why a cell is refused, where no rule of the procedure says so."""

    NO_NAME = "no_name"
    LONG = "long"
    NO_BRANCH = "no_branch"
    NO_APPLICATION = "no_application"
    NOT_A_DAY = "not_a_day"
    MONTH_ONLY = "month_only"
    LOST_ZERO = "lost_zero"
    NOT_OFFERED = "not_offered"
    NO_MEMBER = "no_member"
    SEVERAL = "several"
    NOT_FULL = "not_full"
    TWICE = "twice"
    TWO_ALIKE = "two_alike"
    NAME_STAYS = "name_stays"
    ENTERED_HERE = "entered_here"
    AFTER_TAKING_OVER = "after_taking_over"


def read(column: Column, text: str, today: date) -> Value | CellFault | None:
    """Return what a cell says; None for nothing."""
    said = text.strip()
    word = unicodedata.normalize("NFKC", said).casefold()
    # 无 is a no where yes or no is asked.
    if column.kind is CellKind.FLAG and word in YES | NO:
        return word in YES
    if not said or word in NONE:
        return None
    if column.kind is CellKind.FLAG:
        return CellFault.NOT_OFFERED
    if column.kind is CellKind.DAY:
        return _day(column, said, today)
    if column.kind is CellKind.CHOICE:
        return _option(column, said) or CellFault.NOT_OFFERED
    if column.kind is CellKind.CHOICES:
        picked = [_option(column, part) for part in PARTED.split(said) if part.strip()]
        found = tuple(dict.fromkeys(item for item in picked if item))
        return found if all(picked) else CellFault.NOT_OFFERED
    if column.kind is CellKind.PEOPLE:
        return tuple(sorted(dict.fromkeys(_names(said))))
    return said if len(said) <= LONGEST else CellFault.LONG


def _names(said: str) -> Iterator[str]:
    """张三（党员）、李四 are two names; so are 张三 李四, while 李 远 is one, spaced out."""
    plain = REMARK.sub("", unicodedata.normalize("NFKC", said))
    for part in PARTED.split(plain):
        words = part.split()
        names = words if all(len(word) > 1 and not word.isascii() for word in words) else [part]
        yield from (tidy(name) for name in names if name.strip())


def _day(column: Column, said: str, today: date) -> date | CellFault:
    """Return the day in a cell; of two, the first where something began on it, else the last."""
    found = day_in(said, today, column.of == BORN)
    if not isinstance(found, CellFault) or column.of == BORN:
        return found
    ends = UP_TO.split(unicodedata.normalize("NFKC", said))
    if len(ends) != 2:
        return found
    first = day_in(ends[0], today)
    if isinstance(first, CellFault):
        return found
    if column.begins:
        return first
    # 2026.3.5-3.9: the year isn't said twice.
    last = day_in(f"{first.year}.{ends[1]}", today)
    return day_in(ends[1], today) if isinstance(last, CellFault) else last


def day_in(said: str, today: date, born: bool = False) -> date | CellFault:
    """Return a day as the chat reads it, or as a spreadsheet counts it. `born`: where only a month
    is told, its first day; of an act the day is wanted."""
    plain = unicodedata.normalize("NFKC", said).replace("。", ".").strip(AROUND)
    if born:
        # 1985.07.12（41岁）; of an act, what stands in brackets may say that it is another day.
        plain = REMARK.sub("", plain).removesuffix("生").strip(AROUND)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        pass
    # Before the chat's reading: a cell that lost its format holds the bare number.
    if (serial := SERIAL.fullmatch(plain)) and FIRST_SERIAL <= int(serial[1]) <= LAST_SERIAL:
        return EPOCH + timedelta(days=int(serial[1]))
    if LOST_ZERO.fullmatch(plain):
        return CellFault.LOST_ZERO if born else CellFault.MONTH_ONLY
    if (month := _month(plain, today, born)) is not None:
        return month
    # 26.3.5 in a column of days begins with the year, as 26年3月5日 does in the chat.
    if short := SHORT_DAY.fullmatch(plain):
        plain = f"{short[1]}年{short[2]}月{short[3]}日"
    return parse_day(plain, today) or CellFault.NOT_A_DAY


def _month(plain: str, today: date, born: bool) -> date | CellFault | None:
    """Return the first day of a month alone, where that is enough; None where it is none."""
    plain = figures(plain)
    found, compact = MONTH.fullmatch(plain), COMPACT_MONTH.fullmatch(plain)
    if found:
        year, month = int(found[1]), int(found[2])
    elif compact:
        year, month = int(compact[1] + compact[2]), int(compact[3])
    # 5.7 of an act is a day of this year; nobody is told to be born on one without its year.
    elif born and (short := SHORT_MONTH.fullmatch(plain)):
        year, month = 2000 + int(short[1]), int(short[2])
        year -= 100 * (year > today.year)
    else:
        return None
    if not 1 <= month <= 12:
        return CellFault.NOT_A_DAY
    return date(year, month, 1) if born else CellFault.MONTH_ONLY


def _option(column: Column, said: str) -> str | None:
    word = _plain(said)
    labels = {_plain(label): option for option, label in column.options}
    if word in labels:
        return labels[word]
    if column.of == EDUCATION:
        return next((o for o, words in OTHER_WORDS.items() if any(w in word for w in words)), None)
    # 工人 for 工人（工勤技能人员）: the beginning of one label alone.
    near = {option for label, option in labels.items() if label.startswith(word) and len(word) > 1}
    return near.pop() if len(near) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[\s()（）、，]", "", unicodedata.normalize("NFKC", text)).casefold()


def write(column: Column, value: Value | None) -> Cell:
    """Return a value as a cell that `read` understands."""
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    options = dict(column.options)
    if isinstance(value, tuple):
        return joined(options.get(item, item) for item in value)
    return options.get(str(value), str(value))


def joined(names: Iterable[str]) -> str:
    """Several names in one cell."""
    return "、".join(names)


def to_check(number: int) -> str:
    """How many dates of a case don't fit."""
    return f"{number}处要核对" if number else CLEAR
