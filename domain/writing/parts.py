"""Parts of one message: numbered 一、 or 1. or ⑨ or （九）, or a line each."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.writing.numerals import whole_number

SIGNS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ONES = ("", *"一二三四五六七八九")
_WORD, _DIGIT = "二?十[一二三四五六七八九]?|[一二三四五六七八九]", "[1-9]|1[0-9]|20"
_MARK = re.compile(
    rf"[(（](?P<inside>{_WORD}|{_DIGIT})[)）]|(?P<sign>[{SIGNS}])"
    r"|(?:^|(?<=[\s。；;，,！!]))(?:"
    rf"第(?P<nth>{_WORD})[、，,：:是]"
    rf"|(?P<word>{_WORD})(?:[)）、.．：:是查看]|[ \t\u3000])"
    rf"|(?P<digit>{_DIGIT})(?:[)）、．]|[：:.](?!\d)))"
)
_ALONE = re.compile(rf"(?m)^[ \t\u3000]*(?P<digit>{_DIGIT})(?:。|[ \t\u3000]+(?=\S)|[ \t\u3000]*$)")
"""A number that heads a line without a sign behind it: only where they count from one."""
_NUMBERS = {
    **{sign: number for number, sign in enumerate(SIGNS, 1)},
    **{str(number): number for number in range(1, 21)},
    **{
        f"{tens}{ones}": 10 * ten + one
        for ten, tens in enumerate(("", "十", "二十"))
        for one, ones in enumerate(_ONES)
    },
}
"""What each mark says."""
_ONE_SIGN = re.compile(r"[⑴-⒛㈠-㈩０-９]|[1-9]\ufe0f?\u20e3")
"""Signs that hold a number with its brackets or its dot."""
_PEOPLE = re.compile(
    r"^\D{0,8}?(\d{1,3})\s*(?:[人名位个](?:的意见)?|people|persons)(?=\W|$)[\s，。.,；;]*"
)
_NUMERALS = "〇零一二三四五六七八九"
_YEAR = re.compile(rf"\d{{4}}|[{_NUMERALS}]{{4}}|[\d{_NUMERALS}]{{2}}\s*年.*月")
_EDGES = " \t\n\u3000，,；;"
_LEADING = _EDGES + "：:、.．)）-—–"
"""What may stand between a number and what it numbers: 一看：, 1）、"""


@dataclass(frozen=True)
class NumberedQuestion:
    """`sign`: its number is one in a circle, as questions of a screen bear them."""

    number: int
    text: str
    sign: bool = False


@dataclass(frozen=True)
class _Mark:
    number: int
    sign: bool
    start: int
    end: int
    heads_line: bool


def numbered(text: str) -> tuple[str, tuple[NumberedQuestion, ...]]:
    """What stands before the first number, and the parts behind the numbers. They count on from
    one, or the message begins with one of them; no parts where it is numbered otherwise."""
    folded = _ONE_SIGN.sub(_spelt_out, text)
    marks = _counting(folded)
    if not marks:
        return text, ()
    ends = [*(mark.start for mark in marks[1:]), len(folded)]
    parts = tuple(
        NumberedQuestion(
            mark.number, folded[mark.end : end].lstrip(_LEADING).rstrip(_EDGES), mark.sign
        )
        for mark, end in zip(marks, ends, strict=True)
    )
    return folded[: marks[0].start].strip(_EDGES), parts


def _spelt_out(found: re.Match[str]) -> str:
    sign = found[0]
    return f"{sign[0]}、" if sign[-1] == "\u20e3" else unicodedata.normalize("NFKC", sign)


def _counting(text: str) -> Sequence[_Mark]:
    """The marks that number the message. Where not all count on, those at the beginning of a line:
    a list inside one part has marks of its own."""
    marks = [_mark(found, text) for found in _MARK.finditer(text)]
    whole = _begins(marks, text) or (len(marks) > 1 and marks[0].number == 1)
    if whole and all(after.number == mark.number + 1 for mark, after in pairwise(marks)):
        return marks
    heads = [mark for mark in marks if mark.heads_line]
    if _begins(heads, text) and all(mark.number < after.number for mark, after in pairwise(heads)):
        return heads
    alone = [_mark(found, text) for found in _ALONE.finditer(text)]
    numbers = [mark.number for mark in alone]
    return alone if len(alone) > 1 and numbers == [*range(1, len(alone) + 1)] else ()


def _begins(marks: Sequence[_Mark], text: str) -> bool:
    """Whether nothing stands before the first mark but how many people were heard."""
    if not marks:
        return False
    before = text[: marks[0].start].strip(_EDGES)
    many, rest = people_first(before)
    return not (rest if many is not None else before) or whole_number(before) is not None


def _mark(found: re.Match[str], text: str) -> _Mark:
    # Each way of writing a mark is one group: the only one that has matched.
    kind = found.lastgroup or ""
    line = text[: found.start()].rpartition("\n")[2]
    number = _NUMBERS[found[kind]]
    return _Mark(number, kind == "sign", found.start(), found.end(), not line.strip())


def lines(text: str) -> tuple[str, ...]:
    """Its lines, without empty ones."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def people_first(text: str) -> tuple[int | None, str]:
    """How many people a message begins with, as 听了8人的意见, and the rest of it."""
    found = _PEOPLE.match(text)
    return (int(found[1]), text[found.end() :]) if found else (None, text)


def names_a_year(text: str) -> bool:
    """Whether a day is written with its year, in digits or numerals."""
    return _YEAR.search(text) is not None
