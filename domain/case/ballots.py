"""Ballots: sums that must fit, and what each rule says of them. Fractions, never floats."""

from collections.abc import Iterable, Mapping
from itertools import repeat
from math import ceil, floor

from domain.case.ballot_parser import bare_numbers, only_totals, read_totals
from domain.case.facts import Answers, Problem, Share, Verdict
from domain.case.problem_codes import ProblemCode
from domain.rulebook.schema import BallotRule, Step

Totals = Mapping[str, int]


def totals_of(step: Step, answers: Answers) -> dict[str, int]:
    """The ballot numbers among a step's answers."""
    if not step.counted:
        return {}
    totals: dict[str, int] = {}
    due_is_asked_for = True
    for field in step.counted:
        number = answers.get(field.id)
        if isinstance(number, int):
            totals[field.count or ""] = number
        elif field.count == "due" and field.optional:
            due_is_asked_for = False
    # Everybody who is entitled is due, unless somebody says otherwise: where a step lets the number
    # be left out, that is what it means.
    if "entitled" in totals and not due_is_asked_for:
        totals["due"] = totals["entitled"]
    return totals


def with_valid(totals: Totals) -> dict[str, int]:
    """`totals` with the number of valid slips, which are those that said yes, no or abstained
    (docs/procedure.md § 2), where it was left out."""
    said = [totals[name] for name in ("yes", "no", "abstain") if name in totals]
    return {"valid": sum(said), **totals} if said else dict(totals)


def judge(rules: tuple[BallotRule, ...], totals: Totals) -> Verdict:
    """Apply every rule to the numbers. A rule whose base is 0 isn't passed."""
    return Verdict(tuple(_share(rule, totals) for rule in rules))


def _sum(counts: Iterable[str], totals: Totals) -> int:
    return sum(map(totals.get, counts, repeat(0)))


def _share(rule: BallotRule, totals: Totals) -> Share:
    have, base = _sum(rule.of_counts, totals), _sum(rule.base_counts, totals)
    limit = rule.share * base
    # Of 20, more than half is 11 and at least half is 10 (docs/procedure.md § 2).
    needed = floor(limit) + 1 if rule.op == ">" else ceil(limit)
    return Share(
        rule=rule.id,
        layer=rule.layer,
        purpose=rule.purpose,
        # Without a base nothing is passed: half of nobody would be reached by nobody.
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
    named = frozenset[str]()
    return named.union(*[(*rule.of_counts, *rule.base_counts) for rule in rules]) - {"written"}


ORDER = (
    (("due",), ("entitled",)),
    (("present",), ("entitled",)),
    (("present",), ("due",)),
    (("present", "written"), ("entitled",)),
    (("written", "present"), ("due",)),
    (("issued",), ("present", "written")),
    (("returned",), ("issued",)),
    (("returned",), ("present", "written")),
    (("valid",), ("returned",)),
    (("valid",), ("issued",)),
    (("valid",), ("present", "written")),
)
"""Each sum on the left may not be more than the one on the right. Compared only where the first
count on the left was given, and is as many as `LEAST` says: so a pair may stand here both ways."""
LEAST = {"written": 1}
"""Without written opinions their sum says no more than the number of those present."""
CEILINGS = ("valid", "returned", "issued", "present", "due", "entitled")


def check_totals(totals: Totals) -> tuple[Problem, ...]:
    """Totals that can't be, each with the sum that doesn't fit (docs/procedure.md § 2): `values`
    hold `left` and `right`, tuples of counts, and `left_sum`, `right_sum`."""
    found = [
        _contradiction(_given(left, totals), _given(right, totals), totals)
        for left, right in ORDER
        if totals.get(left[0], -1) >= LEAST.get(left[0], 0)
        and right[0] in totals
        and _sum(left, totals) > _sum(right, totals)
    ]
    return (*found, *_votes(totals))


def _given(counts: tuple[str, ...], totals: Totals) -> tuple[str, ...]:
    return tuple(count for count in counts if count in totals)


def _votes(totals: Totals) -> tuple[Problem, ...]:
    """The votes against the most special number there is. Written opinions are votes, and may or
    may not have been counted among the slips."""
    votes = _given(("yes", "no", "abstain"), totals)
    ceiling = next((count for count in CEILINGS if count in totals), None)
    if not votes or ceiling is None:
        return ()
    cast, most = _sum(votes, totals), totals[ceiling]
    # Count no written opinion twice: who gave one is among those due and entitled.
    written = 0 if ceiling in ("due", "entitled") else totals.get("written", 0)
    # Valid slips are for, against or abstaining: once they are known the sum has to match.
    complete = ceiling == "valid" and {"yes", "no"} <= totals.keys()
    if cast <= most + written and not (complete and cast not in (most, most + written)):
        return ()
    right = (ceiling, "written") if written else (ceiling,)
    return (_contradiction(votes, right, totals),)


def _contradiction(left: tuple[str, ...], right: tuple[str, ...], totals: Totals) -> Problem:
    values = {
        "left": left,
        "left_sum": _sum(left, totals),
        "right": right,
        "right_sum": _sum(right, totals),
    }
    return Problem(code=ProblemCode.TOTALS_CONTRADICT, field=left[0], values=values)


__all__ = [
    "Totals",
    "bare_numbers",
    "check_totals",
    "counts_of",
    "judge",
    "known_bases",
    "only_totals",
    "read_totals",
    "totals_of",
]
