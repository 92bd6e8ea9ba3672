"""No group of one to four can be reckoned from what is shown of a whole department: tried by
listing all that could stand where a number was kept back, for every two readers together."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from domain.figures.suppression import FEWEST, Readers
from services.figures.published import Finished, published
from tests.cases.cases import CITY
from tests.chance import examples

TREE = {
    "top": ("top",), "x": ("x", "top"), "y": ("y", "top"), "z": ("z", "top"),
    "x1": ("x1", "x", "top"), "x2": ("x2", "x", "top"), "y1": ("y1", "y", "top"),
}  # fmt: skip
READERS = Readers("top", TREE)
BRANCHES = ("x1", "x2", "y1", "z")
Counts = dict[str, dict[str, int]]


def summed(branches: dict[str, dict[str, int]]) -> Counts:
    """The sums of all organisations, from those of the branches."""
    found: Counts = {place: {} for place in TREE}
    for branch, cells in branches.items():
        for above in TREE[branch]:
            for cell, number in cells.items():
                found[above][cell] = found[above].get(cell, 0) + number
    return found


def groups(sums: Counts, parts: Sequence[str]) -> dict[str, dict[str, int]]:
    return {part: {place: cells.get(part, 0) for place, cells in sums.items()} for part in parts}


def seen_by_two(sums: Counts) -> Iterator[Counts]:
    """What nobody, each one, and every two see of their own, by branch."""
    for count in range(3):
        for places in combinations([place for place in TREE if place != "top"], count):
            mine = {b for b in BRANCHES if any(place in TREE[b] for place in places)}
            yield {b: sums[b] for b in mine}


def spread(left: int, places: int) -> Iterator[tuple[int, ...]]:
    """Every way to share a number out."""
    if places == 1:
        yield (left,)
        return
    for here in range(left + 1):
        yield from ((here, *others) for others in spread(left - here, places - 1))


@cache
def reckoned(left: int, places: int) -> frozenset[int]:
    """What some of the parts kept back must be together, where only one number is possible: all
    that is known is how many they are in all."""
    tables = [*spread(left, places)]
    found = set()
    for size in range(1, places + 1):
        for some in combinations(range(places), size):
            possible = {sum(table[place] for place in some) for table in tables}
            found |= possible if len(possible) == 1 else set()
    return frozenset(found)


def nobody_is_given_away(sums: Counts, parts: Sequence[str], hidden: frozenset[str]) -> None:
    top = sums["top"]
    for seen in seen_by_two(sums):
        left = {
            part: top.get(part, 0) - sum(cells.get(part, 0) for cells in seen.values())
            for part in parts
        }
        for part in set(parts) - hidden:
            assert not 0 < left[part] < FEWEST, (part, seen)
        if hidden:
            known = reckoned(sum(left[part] for part in hidden), len(hidden))
            assert not any(0 < number < FEWEST for number in known), (sorted(hidden), seen)


numbers = st.integers(min_value=0, max_value=9)
PARTS = ("a", "b", "c", "d")


@examples(10, 100)
@given(data=st.data(), parts=st.sampled_from([PARTS[:2], PARTS[:3], PARTS]))
def test_two_readers_together_reckon_no_small_group(
    data: st.DataObject, parts: tuple[str, ...]
) -> None:
    sums = summed({b: {part: data.draw(numbers) for part in parts} for b in BRANCHES})
    whole = {place: sum(cells.values()) for place, cells in sums.items()}
    if READERS.give_away(whole):
        return
    hidden = READERS.kept_back(groups(sums, parts))
    nobody_is_given_away(sums, parts, hidden)
    assert not hidden or all(part in hidden for part in parts if not sums["top"][part])


def at(**branches: tuple[int, ...]) -> Counts:
    return summed({b: dict(zip(PARTS, row, strict=False)) for b, row in branches.items()})


def test_parts_of_nobody_cover_no_small_one() -> None:
    # 22 women and men, and nobody of whom it isn't known: 22 - 20 would leave the men.
    sums = at(x1=(5, 1, 0), x2=(5, 1, 0), y1=(5, 0, 0), z=(5, 0, 0))
    assert READERS.kept_back(groups(sums, PARTS[:3])) == {"a", "b", "c"}


def test_large_parts_stay_and_so_does_what_one_reader_sees_all_of() -> None:
    sums = at(x1=(9, 6), x2=(9, 6), y1=(9, 6), z=(9, 6))
    assert READERS.kept_back(groups(sums, PARTS[:2])) == frozenset()
    assert READERS.kept_back(groups(at(x1=(9, 0)), PARTS[:2])) == frozenset()


def test_what_is_left_to_a_third_branch_is_kept_back_from_two() -> None:
    # Who leads x and who leads y would know of the two at z.
    sums = at(x1=(9, 9), y1=(9, 9), z=(2, 9))
    assert READERS.give_away(groups(sums, ("a",))["a"])
    assert not READERS.give_away(groups(sums, ("b",))["b"])


def test_one_of_each_in_ten_parts_tells_of_none() -> None:
    # Everything is kept back, also what nobody is in: else each of the others would be one.
    parts = tuple("abcdefghijkl")
    branches = {b: dict.fromkeys(parts[n::4], 1) for n, b in enumerate(BRANCHES)}
    hidden = READERS.kept_back(groups(summed(branches), (*parts, "nobody")))
    assert hidden == {*parts, "nobody"}


@given(data=st.data())
def test_a_finished_year_as_it_is_shown_tells_of_no_small_group(data: st.DataObject) -> None:
    """From the rows that a reader is shown, back to what could be reckoned from them."""
    stem, sexes = "made.probation", ("female", "male", "unknown")
    figures = ("wanting", "criticised")
    branches = {}
    for branch in BRANCHES:
        female, male = data.draw(numbers), data.draw(numbers)
        cells = {stem: female + male, f"{stem}.sex.female": female, f"{stem}.sex.male": male}
        wanting = data.draw(numbers)
        criticised = data.draw(st.integers(0, wanting))
        branches[branch] = {
            **cells, "figure.wanting": wanting, "figure.criticised": criticised,
        }  # fmt: skip
    sums = summed(branches)
    blocks = published(CITY, Finished(READERS, sums, {}))
    rows = {text.zh: number for block in blocks for text, number in block.rows}
    if rows["预备党员"] is None:
        assert "女" not in rows
    else:
        nobody_is_given_away(sums, (stem,), frozenset())
        cells_of = {"女": "female", "男": "male", "未填": "unknown"}
        shown = {name for zh, name in cells_of.items() if rows.get(zh, 0) is not None}
        hidden = frozenset(f"{stem}.sex.{name}" for name in sexes if name not in shown)
        nobody_is_given_away(sums, [f"{stem}.sex.{name}" for name in sexes], hidden)
    known = [f for f, zh in zip(figures, ("回访发现问题", "批评教育"), strict=True) if rows[zh]]
    nobody_is_given_away(sums, [f"figure.{name}" for name in known], frozenset())
    if len(known) == len(figures):
        rest = {p: {"rest": c["figure.wanting"] - c["figure.criticised"]} for p, c in sums.items()}
        nobody_is_given_away(rest, ("rest",), frozenset())
