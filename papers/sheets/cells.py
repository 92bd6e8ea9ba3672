"""What a cell of a sheet says, read and written."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from domain.case.dates import parse_day
from domain.case.facts import Value
from domain.writing.names import tidy
from papers.sheets.columns import Column, Kind

CASES, MEMBERS = "发展名册", "党员名册"
"""What the sheets are called."""
BRANCH = "党支部"
OVER, CLEAR = "已结束", "没有发现问题"
"""Where nothing comes next, and where the check of dates found nothing."""
EPOCH, FIRST_SERIAL, LAST_SERIAL = date(1899, 12, 30), 10_000, 80_000
"""A spreadsheet counts days from there; those are 1927 and 2119."""
SERIAL = re.compile(r"\d{5}")
MONTH = re.compile(r"(\d{4})\s*(?:[-./、年])\s*(\d{1,2})\s*月?")
COMPACT_MONTH = re.compile(r"(19|20)(\d{2})(0[1-9]|1[0-2])")
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


class Why(StrEnum):
    """Why a cell is refused, where no rule of the procedure says so."""

    NO_NAME = "no_name"
    LONG = "long"
    NO_BRANCH = "no_branch"
    NO_APPLICATION = "no_application"
    NOT_A_DAY = "not_a_day"
    MONTH_ONLY = "month_only"
    NOT_OFFERED = "not_offered"
    NO_MEMBER = "no_member"
    SEVERAL = "several"
    TWICE = "twice"
    TWO_ALIKE = "two_alike"
    NAME_STAYS = "name_stays"
    ENTERED_HERE = "entered_here"
    AFTER_TAKING_OVER = "after_taking_over"


def read(column: Column, text: str, today: date) -> Value | Why | None:
    """Return what a cell says; None for nothing."""
    said = text.strip()
    if not said:
        return None
    if column.kind is Kind.DAY:
        return day_in(said, today, column.of == BORN)
    if column.kind is Kind.FLAG:
        word = said.casefold()
        return True if word in YES else False if word in NO else Why.NOT_OFFERED
    if column.kind is Kind.CHOICE:
        return _option(column, said) or Why.NOT_OFFERED
    if column.kind is Kind.CHOICES:
        picked = [_option(column, part) for part in PARTED.split(said) if part.strip()]
        found = tuple(dict.fromkeys(item for item in picked if item))
        return found if all(picked) else Why.NOT_OFFERED
    if column.kind is Kind.PEOPLE:
        names = (tidy(part) for part in PARTED.split(said) if part.strip())
        return tuple(sorted(dict.fromkeys(names)))
    return said if len(said) <= LONGEST else Why.LONG


def day_in(said: str, today: date, born: bool = False) -> date | Why:
    """Return a day as the chat reads it, or as a spreadsheet counts it. `born`: where only a month
    is told, its first day; of an act the day is wanted."""
    try:
        return date.fromisoformat(said)
    except ValueError:
        pass
    # Before the chat's reading: a cell that lost its format holds the bare number.
    if SERIAL.fullmatch(said) and FIRST_SERIAL <= int(said) <= LAST_SERIAL:
        return EPOCH + timedelta(days=int(said))
    if (day := parse_day(said, today)) is not None:
        return day
    plain = unicodedata.normalize("NFKC", said)
    found = MONTH.fullmatch(plain)
    year, month = (int(found[1]), int(found[2])) if found else (0, 0)
    if not found and (compact := COMPACT_MONTH.fullmatch(plain)):
        year, month = int(compact[1] + compact[2]), int(compact[3])
    if not 1 <= month <= 12:
        return Why.NOT_A_DAY
    return date(year, month, 1) if born else Why.MONTH_ONLY


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


def write(column: Column, value: Value | None) -> str | date | None:
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
