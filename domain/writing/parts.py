"""Parts of one message: numbered 一、二、三 or 1. 2. 3., or a line each."""

import re

_MARK = re.compile(
    r"(?:(?:^|(?<=[\s。；;，,！!]))"
    r"(?:[(（]?(?P<word>[一二三四五六七八九])(?:[)）、.．：:是查看]|[ \t\u3000])|"
    r"[(（]?(?P<digit>[1-9])(?:[)）、．：:]|\.(?!\d)))|(?P<sign>[①②③④⑤⑥⑦⑧⑨]))[ \t\u3000]*"
)
_WORDS, _SIGNS = "一二三四五六七八九", "①②③④⑤⑥⑦⑧⑨"
_PEOPLE = re.compile(r"^\D{0,8}?(\d{1,3})\s*[人名位个](?:的意见)?(?=\W|$)[\s，。,；;]*")
_YEAR = re.compile(r"\d{4}|[〇零一二三四五六七八九]{4}")
_EDGES = " \t\n\u3000，,；;"


def numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """What stands before the first number, and the parts behind 一, 二, 三; no parts where they
    aren't numbered from one upward."""
    marks = list(_MARK.finditer(text))
    found = [mark for number, mark in enumerate(marks) if _number(mark) == number + 1]
    if len(found) < 2 or len(found) != len(marks):
        return text, ()
    ends = [*(mark.start() for mark in found[1:]), len(text)]
    parts = [text[mark.end() : end] for mark, end in zip(found, ends, strict=True)]
    return text[: found[0].start()].strip(_EDGES), tuple(part.strip(_EDGES) for part in parts)


def _number(mark: re.Match[str]) -> int:
    if mark["word"]:
        return _WORDS.index(mark["word"]) + 1
    return int(mark["digit"]) if mark["digit"] else _SIGNS.index(mark["sign"]) + 1


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
