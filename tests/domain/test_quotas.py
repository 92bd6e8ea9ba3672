"""Places shared out in proportion, to the last one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quotas import QuotaUse, shared_out

BASES = st.dictionaries(st.text("abcdefgh", min_size=1), st.integers(0, 500), max_size=40)


@pytest.mark.parametrize(
    ("total", "bases", "places"),
    [
        (285, {"a": 200, "b": 110}, {"a": 184, "b": 101}),
        (10, {"a": 1, "b": 1, "c": 1}, {"a": 4, "b": 3, "c": 3}),
        (1, {"a": 1, "b": 2}, {"a": 0, "b": 1}),
        (0, {"a": 5}, {"a": 0}),
        (7, {"a": 0, "b": 3}, {"a": 0, "b": 7}),
        (7, {"a": 0}, {}),
        (7, {}, {}),
    ],
)
def test_by_largest_remainder(total: int, bases: dict[str, int], places: dict[str, int]) -> None:
    assert shared_out(total, bases) == places


@given(st.integers(0, 9999), BASES)
def test_all_places_are_given_and_nobody_is_a_whole_place_off(
    total: int, bases: dict[str, int]
) -> None:
    found, everybody = shared_out(total, bases), sum(bases.values())
    if not everybody:
        assert found == {}
        return
    assert sum(found.values()) == total
    for key, base in bases.items():
        assert abs(found[key] - total * base / everybody) < 1 + 1e-9


@pytest.mark.rule("quota_shown")
@pytest.mark.parametrize(
    ("places", "accepted", "over"), [(None, 9, 0), (3, 2, 0), (3, 3, 0), (3, 4, 1), (0, 1, 1)]
)
def test_more_than_the_places_are_said(places: int | None, accepted: int, over: int) -> None:
    assert QuotaUse(places, accepted, accepted).over == over
