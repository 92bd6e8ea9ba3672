"""A draw that anybody can repeat, by committee, no branch twice in a row."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import draws
from domain.draws import draw
from domain.rulebook.reading.reader import load
from services.inspections.views import CheckedBranch, Inspection, Visits

POOL = {"甲党委": ["一支部", "二支部", "三支部"], "乙党委": ["四支部", "五支部"]}
NAMES = st.text("abcdef", min_size=1, max_size=3)
POOLS = st.dictionaries(NAMES, st.lists(NAMES, unique=True, max_size=6), max_size=5).map(
    lambda pool: {name: [f"{name}/{branch}" for branch in found] for name, found in pool.items()}
)


@pytest.mark.rule("random_checks")
def test_the_same_seed_gives_the_same_branches() -> None:
    drawn = draw(POOL, (), 1, 2026)
    turned = {name: list(reversed(POOL[name])) for name in reversed(POOL)}
    assert draw(turned, (), 1, 2026) == drawn
    assert len({draw(POOL, (), 1, seed) for seed in range(50)}) > 1


@given(POOLS, st.integers(1, 3), st.integers(0, 999_999))
def test_as_many_of_every_committee_and_none_twice_in_a_row(
    pool: dict[str, list[str]], each: int, seed: int
) -> None:
    first = draw(pool, (), each, seed)
    second = draw(pool, first, each, seed + 1)
    assert not set(first) & set(second)
    for branches in pool.values():
        mine = set(first) & set(branches)
        assert len(mine) == min(each, len(branches))
        assert len(set(second) & set(branches)) == min(each, len(branches) - len(mine))


def test_a_committee_with_one_branch_is_looked_at_every_second_time() -> None:
    pool = {"甲党委": ["一支部"]}
    assert draw(pool, (), 1, 5) == ("一支部",)
    assert draw(pool, ("一支部",), 1, 5) == ()


@pytest.mark.rule("random_checks")
def test_nothing_that_is_kept_of_a_branch_could_put_it_before_another() -> None:
    kept = {name for kind in (CheckedBranch, Inspection, Visits) for name in kind.__annotations__}
    assert len(kept) > 15
    assert not kept & {"score", "points", "mark", "grade", "rank", "place", "best", "worst"}
    assert "score" not in inspect.getsource(draws)
    numbers = [name for name, kind in CheckedBranch.__annotations__.items() if kind in (int, float)]
    assert numbers == []
    book = load("yakeshi")
    assert {item.source for item in (*book.defects, *book.merits)} == {"G一", "G二"}
