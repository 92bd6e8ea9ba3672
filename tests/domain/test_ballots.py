"""Votes: sums that must fit, thresholds at their edges, and lines read as they were meant."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case.answers import check_totals, judge, read_totals
from domain.rulebook.schema import BallotRule, Strength, Text

WORDS = Text("规则", "rule")


def rule(layer: Strength, of: str, op: str, share: str, base: str) -> BallotRule:
    return BallotRule(f"{of}{op}", layer, "pass", of, op, Fraction(share), base, "N19", WORDS)


CITY = rule(Strength.LOCAL, "yes", ">=", "1/2", "due")
NATIONAL = rule(Strength.LEGAL, "yes+written", ">", "1/2", "entitled")
TWO_THIRDS = rule(Strength.LOCAL, "yes", ">=", "2/3", "entitled")


@pytest.mark.parametrize("base", range(1, 31))
def test_half_and_two_thirds_at_their_edges(base: int) -> None:
    for yes in range(base + 1):
        totals = {"yes": yes, "due": base, "entitled": base}
        assert judge((CITY,), totals).passed == (2 * yes >= base)
        assert judge((NATIONAL,), totals).passed == (2 * yes > base)
        assert judge((TWO_THIRDS,), totals).passed == (3 * yes >= 2 * base)


def test_exactly_one_half_passes_in_the_city_and_fails_nationally() -> None:
    verdict = judge((NATIONAL, CITY), {"entitled": 20, "due": 20, "yes": 10})
    national, city = verdict.shares
    assert (national.passed, national.needed) == (False, 11)
    assert (city.passed, city.needed) == (True, 10)
    assert not verdict.passed
    assert verdict.conflict


def test_the_organisers_need_two_thirds_of_all() -> None:
    assert not judge((TWO_THIRDS,), {"entitled": 5, "yes": 3}).passed
    assert judge((TWO_THIRDS,), {"entitled": 5, "yes": 4}).passed


def test_nobody_entitled_is_never_a_pass() -> None:
    assert not judge((CITY,), {"due": 0, "yes": 0}).passed


@given(st.integers(1, 500), st.integers(0, 500))
def test_needed_is_the_smallest_number_that_passes(base: int, yes: int) -> None:
    for item in (CITY, NATIONAL, TWO_THIRDS):
        needed = judge((item,), {"due": base, "entitled": base, "yes": yes}).shares[0].needed
        at = {"due": base, "entitled": base, "yes": needed}
        assert judge((item,), at).passed
        assert not judge((item,), {**at, "yes": needed - 1}).passed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("应到50 实到48 赞成46 不赞成2", {"due": 50, "present": 48, "yes": 46, "no": 2}),
        ("实到４８，应到：５０；不同意 2，同意 46", {"due": 50, "present": 48, "yes": 46, "no": 2}),
        ("Due 50 present 48 yes 46 no 2", {"due": 50, "present": 48, "yes": 46, "no": 2}),
        ("有表决权20 实到11 同意6 不同意4 弃权1",
         {"entitled": 20, "present": 11, "yes": 6, "no": 4, "abstain": 1}),
        ("应到二十 实到十八 同意十六 不同意二",
         {"due": 20, "present": 18, "yes": 16, "no": 2}),
        ("应到一百零五人，实到九十八人，同意九十七票，一票弃权",
         {"due": 105, "present": 98, "yes": 97}),
        ("应到二十 实到十八 一致同意", {"due": 20, "present": 18}),
        ("应到二十，超过三分之二，同意十四票", {"due": 20, "yes": 14}),
        ("应到1,234 实到1,200", {"due": 1234, "present": 1200}),
        ("应到50 应到51", {}),
        ("应到-3", {}),
        ("48", {}),
        ("应到" * 3000, {}),
    ],
)  # fmt: skip
def test_a_line_of_numbers_is_read(text: str, expected: dict[str, int]) -> None:
    assert read_totals(text) == expected


@pytest.mark.parametrize(
    ("totals", "fits"),
    [
        ({"entitled": 20, "present": 20, "yes": 20, "no": 0}, True),
        ({"entitled": 20, "present": 21}, False),
        ({"due": 10, "present": 11}, False),
        ({"present": 10, "issued": 11}, False),
        ({"issued": 10, "returned": 11}, False),
        ({"returned": 10, "valid": 11}, False),
        ({"present": 10, "yes": 8, "no": 3}, False),
        ({"present": 10, "written": 1, "entitled": 11, "yes": 8, "no": 3}, True),
        ({"present": 10, "written": 2, "entitled": 11}, False),
        ({"valid": 10, "yes": 8, "no": 1}, False),
        ({"valid": 10, "yes": 8, "no": 1, "abstain": 1}, True),
    ],
)
def test_totals_that_cannot_be_are_found(totals: dict[str, int], fits: bool) -> None:
    problems = check_totals(totals)
    assert (not problems) == fits
    for problem in problems:
        assert problem.values is not None
        assert problem.values["left_sum"] != problem.values["right_sum"]
