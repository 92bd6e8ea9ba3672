"""Reads the numbers of a ballot from one line, as people write them in a chat."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from domain.writing.numerals import figures, without_commas

WORDS: Mapping[str, tuple[str, ...]] = {
    "entitled": ("有表决权", "全体组织员", "全体", "entitled"),
    "due": ("应到会", "应到", "应参会", "due"),
    "present": ("实到会", "实到", "到会", "参会", "出席", "present", "attended", "attending"),
    "written": ("书面意见", "书面", "written"),
    "issued": ("发出", "发票", "发放", "印发", "issued"),
    "returned": ("收回", "returned"),
    "valid": ("有效票", "有效", "valid"),
    "no": ("不赞成", "不同意", "反对", "no", "against"),
    "yes": ("赞成", "同意", "yes", "for", "favour", "favor"),
    "abstain": ("弃权", "abstain", "abstained", "abstentions"),
    "": ("未到会", "未到", "缺席", "请假", "无效票", "无效", "废票", "absent", "invalid"),
}
"""By count; those of "" own a number that no count holds."""

LONGEST_LINE = 500
_COUNT_OF = {word: count for count, words in WORDS.items() for word in words}
# Longest first: 不同意 holds 同意, and 未到会 holds 到会.
_BY_LENGTH = sorted(_COUNT_OF, key=len, reverse=True)
_WORD = "|".join(f"(?<![a-z]){word}(?![a-z])" if word.isascii() else word for word in _BY_LENGTH)
_TOKEN = re.compile(rf"(?P<word>{_WORD})|(?P<number>\d+)", re.ASCII)
_NUMERALS = re.compile(
    r"(?<![\d第之半])[〇○零一二两三四五六七八九十百千]+"
    rf"(?=$|[^\u4e00-\u9fff]|[人票名位个张份]|{'|'.join(word for word in _BY_LENGTH if word)})"
)
"""Numerals that count: not the one of 一致同意, nor those of 三分之二."""
_BETWEEN = " \t\n,.;:!、。；：/·()=人名票位个张份"
BARE = re.compile(r"\s*\d{1,5}(?:[\s,.;:、。；：/]+\d{1,5})*[\s,.;、。；]*")
_APART = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])")
_BEFORE, _AFTER = frozenset("-/.+"), re.compile(r"[.,]\d|[-/%年月日]")


def read_totals(text: str) -> dict[str, int]:
    """The numbers of a line such as 应到50 实到48 赞成46, or "48 present, 46 yes", by count.

    Order is free; digits may be full-width, numbers in numerals (十六票). {} when nothing is
    understood, when the line is longer than 500 characters, or when one count is named twice with
    different numbers.
    """
    if len(text) > LONGEST_LINE:
        return {}
    line = without_commas(unicodedata.normalize("NFKC", text).lower())
    tokens = list(_tokens(_NUMERALS.sub(lambda found: figures(found[0]), line)))
    totals: dict[str, int] = {}
    for count, number in _pairs(tokens):
        # Nothing rather than one of the two: a wrong total would be entered as read.
        if totals.setdefault(count, number) != number:
            return {}
    return totals


def only_totals(text: str) -> bool:
    """Whether a text is a ballot line and nothing else, so that it answers no other question."""
    if not read_totals(text):
        return False
    line = without_commas(unicodedata.normalize("NFKC", text).lower())
    line = _APART.sub("", _NUMERALS.sub(lambda found: figures(found[0]), line))
    return not _TOKEN.sub("", line).strip(_BETWEEN)


def bare_numbers(text: str) -> int:
    """How many numbers a text holds that nothing is said of, as 20 18 2; 0 where it says more."""
    line = figures(without_commas(unicodedata.normalize("NFKC", text)))
    return len(re.findall(r"\d+", line)) if BARE.fullmatch(line) else 0


def _tokens(line: str) -> Iterator[tuple[str | None, int]]:
    """(count, 0) for a word, (None, number) for a number; dates, shares and decimals left out."""
    # Join what people set apart by blanks: 实 到 48 is 实到48.
    line = _APART.sub("", line)
    for found in _TOKEN.finditer(line):
        if word := found["word"]:
            yield _COUNT_OF[word], 0
        # Longer ones aren't votes (HIGHEST_NUMBER): a telephone, a document's number.
        elif len(found["number"]) <= 5 and not _part_of_more(line, found.start(), found.end()):
            yield None, int(found["number"])


def _part_of_more(line: str, start: int, end: int) -> bool:
    return (start > 0 and line[start - 1] in _BEFORE) or bool(_AFTER.match(line, end))


def _pairs(tokens: list[tuple[str | None, int]]) -> Iterator[tuple[str, int]]:
    """A number belongs to the word before it; in a line that begins with a number and ends with a
    word, to the word after it."""
    if tokens and tokens[0][0] is None and tokens[-1][0] is not None:
        # Read from behind, so that each number comes after its word in both ways of writing.
        tokens = tokens[::-1]
    named: list[str] = []
    for count, number in tokens:
        if count is not None:
            named.append(count)
        elif named:
            if owner := _owner(named):
                yield owner, number
            named = []


def _owner(named: list[str]) -> str:
    """有表决权 often only says who of those due or present is meant."""
    meant = [count for count in named if count != "entitled"]
    return (meant or named)[-1]
