"""Ballots: sums that must fit, and what each rule says of them. Fractions, never floats."""

import re
import unicodedata
from collections.abc import Mapping
from math import ceil, floor

from domain.facts import Answers, Problem, Share, Verdict
from domain.schema import BallotRule, Step

Totals = Mapping[str, int]

COUNTS = (
    "entitled", "due", "present", "written", "issued", "returned", "valid", "yes", "no", "abstain",
)  # fmt: skip
WORDS: Mapping[str, tuple[str, ...]] = {
    "entitled": ("有表决权", "全体组织员", "全体", "entitled"),
    "due": ("应到会", "应到", "due"),
    "present": ("实到会", "实到", "到会", "参会", "present"),
    "written": ("书面意见", "书面", "written"),
    "issued": ("发出", "发票", "发放", "issued"),
    "returned": ("收回", "returned"),
    "valid": ("有效票", "有效", "valid"),
    "no": ("不赞成", "不同意", "反对", "no", "against"),
    "yes": ("赞成", "同意", "yes", "for"),
    "abstain": ("弃权", "abstain"),
}
_COUNT_OF = {word: count for count, words in WORDS.items() for word in words}
_LINE = re.compile(
    "(" + "|".join(sorted(_COUNT_OF, key=len, reverse=True)) + r")\s*[:=]?\s*(\d{1,6})(?!\d)"
)
LONGEST_LINE = 200


def read_totals(text: str) -> dict[str, int]:
    """The numbers of a line such as 应到50 实到48 赞成46 不赞成2, by count; {} if there are none
    or if one is named twice with different numbers."""
    if len(text) > LONGEST_LINE:
        return {}
    totals: dict[str, int] = {}
    for word, number in _LINE.findall(unicodedata.normalize("NFKC", text).lower()):
        if totals.setdefault(_COUNT_OF[word], int(number)) != int(number):
            return {}
    return totals


def totals_of(step: Step, answers: Answers) -> dict[str, int]:
    """The ballot numbers among a step's answers."""
    found = {field.count: answers.get(field.id) for field in step.fields if field.count}
    return {count: number for count, number in found.items() if isinstance(number, int)}


def judge(rules: tuple[BallotRule, ...], totals: Totals) -> Verdict:
    """Every rule applied to the numbers. A rule whose base is nothing is not passed."""
    return Verdict(tuple(_share(rule, totals) for rule in rules))


def _sum(expression: str, totals: Totals) -> int:
    return sum(totals.get(part.strip(), 0) for part in expression.split("+"))


def _share(rule: BallotRule, totals: Totals) -> Share:
    have, base = _sum(rule.of, totals), _sum(rule.base, totals)
    limit = rule.share * base
    needed = floor(limit) + 1 if rule.op == ">" else ceil(limit)
    return Share(
        rule=rule.id,
        layer=rule.layer,
        purpose=rule.purpose,
        passed=base > 0 and have >= needed,
        have=have,
        base=base,
        needed=needed,
        source=rule.source,
        text=rule.text,
    )


def known_bases(rules: tuple[BallotRule, ...], totals: Totals) -> bool:
    """Whether every number that the rules look at was entered."""
    return counts_of(rules) <= totals.keys()


def counts_of(rules: tuple[BallotRule, ...]) -> frozenset[str]:
    """The numbers without which the rules can't be applied; written opinions may be none."""
    named = (part.strip() for rule in rules for part in f"{rule.of}+{rule.base}".split("+"))
    return frozenset(named) - {"written"}


ORDER = (
    (("due",), ("entitled",)),
    (("present",), ("entitled",)),
    (("present",), ("due",)),
    (("present", "written"), ("entitled",)),
    (("issued",), ("present",)),
    (("returned",), ("issued",)),
    (("valid",), ("returned",)),
)
"""Each sum on the left may not be more than the one on the right."""


def check_totals(totals: Totals) -> tuple[Problem, ...]:
    """Totals that can't be, each with the sum that doesn't fit (RULES § 2)."""
    found = [
        _contradiction(left, right, totals)
        for left, right in ORDER
        if all(count in totals for count in (*left, *right))
        and sum(totals[count] for count in left) > sum(totals[count] for count in right)
    ]
    votes = tuple(count for count in ("yes", "no", "abstain") if count in totals)
    cast = sum(totals[count] for count in votes)
    written = totals.get("written", 0)
    if "valid" in totals and {"yes", "no"} <= totals.keys():
        if cast != totals["valid"] + written and cast != totals["valid"]:
            found.append(_contradiction(votes, ("valid",), totals))
    elif ceiling := next((c for c in ("returned", "issued", "present") if c in totals), None):
        right = (ceiling, "written") if written else (ceiling,)
        if cast > totals[ceiling] + written:
            found.append(_contradiction(votes, right, totals))
    return tuple(found)


def _contradiction(left: tuple[str, ...], right: tuple[str, ...], totals: Totals) -> Problem:
    values = {
        "left": left,
        "left_sum": sum(totals.get(count, 0) for count in left),
        "right": right,
        "right_sum": sum(totals.get(count, 0) for count in right),
    }
    return Problem(code="totals_contradict", field=left[0], values=values)
