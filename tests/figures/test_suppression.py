"""No number that is kept back can be reckoned from what is shown: tried by listing every table that
would look the same."""

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from domain.figures.suppression import FEWEST, TOTAL, Cell, Table, kept_back


def table(*rows: tuple[int, ...]) -> Table:
    names = tuple(f"row{n}" for n in range(len(rows)))
    columns = tuple(f"column{n}" for n in range(len(rows[0])))
    numbers = {
        (name, column): number
        for name, row in zip(names, rows, strict=True)
        for column, number in zip(columns, row, strict=True)
    }
    return Table(names, columns, numbers)


def same_to_the_eye(shown: Table, hidden: frozenset[Cell]) -> Iterator[Table]:
    """Every table with the same published numbers of which no cell differs by more than one. Such
    tables are the corners of a flow with whole numbers, so that a cell that can't differ by one
    can't differ at all."""
    cells = [cell for cell in shown.numbers if cell in hidden]
    for steps in product((-1, 0, 1), repeat=len(cells)):
        moved = {cell: shown.numbers[cell] + step for cell, step in zip(cells, steps, strict=True)}
        if min(moved.values(), default=0) < 0:
            continue
        other = Table(shown.rows, shown.columns, {**shown.numbers, **moved})
        if all(other.whole[c] == n for c, n in shown.whole.items() if c not in hidden):
            yield other


numbers = st.integers(min_value=0, max_value=7)
shapes = st.sampled_from([(1, 2), (1, 3), (2, 2), (2, 3), (3, 2)])


@given(shape=shapes, data=st.data(), known=st.booleans())
def test_what_is_kept_back_cannot_be_reckoned(
    shape: tuple[int, int], data: st.DataObject, known: bool
) -> None:
    rows = [tuple(data.draw(numbers) for _ in range(shape[1])) for _ in range(shape[0])]
    shown = table(*rows)
    hidden = kept_back(shown, known_totals=known)
    small = {
        cell
        for cell, number in shown.whole.items()
        if 0 < number < FEWEST and not (known and cell[1] == TOTAL)
    }
    assert small <= hidden
    if hidden == frozenset(shown.whole):
        return
    possible: dict[Cell, set[int]] = {cell: set() for cell in hidden}
    for other in same_to_the_eye(shown, hidden):
        for cell in hidden:
            possible[cell].add(other.whole[cell])
    assert all(len(found) > 1 for found in possible.values()), (rows, sorted(hidden))


def test_the_other_half_goes_with_a_small_one_and_the_total_stays() -> None:
    assert kept_back(table((20, 2))) == {
        ("row0", "column0"), ("row0", "column1"),
        (TOTAL, "column0"), (TOTAL, "column1"),
    }  # fmt: skip
    assert kept_back(table((20, 20), (9, 5))) == frozenset()
    assert kept_back(table((20, 0))) == frozenset()


def test_one_small_cell_takes_three_others_and_no_total() -> None:
    hidden = kept_back(table((3, 20, 30), (40, 50, 60), (70, 80, 90)))
    assert hidden == {
        ("row0", "column0"), ("row0", "column1"), ("row1", "column0"), ("row1", "column1"),
    }  # fmt: skip


def test_a_zero_hides_nothing_and_is_not_taken_for_it() -> None:
    hidden = kept_back(table((3, 0, 30), (40, 0, 60)))
    assert ("row0", "column1") not in hidden


def test_where_all_is_one_small_group_nothing_is_shown() -> None:
    assert kept_back(table((2,))) == {
        ("row0", "column0"), ("row0", TOTAL), (TOTAL, "column0"), (TOTAL, TOTAL),
    }  # fmt: skip
