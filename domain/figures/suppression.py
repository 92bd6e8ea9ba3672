"""Which numbers of a table are kept back from who may not see the people behind them.

A group of one to four is kept back, and so is what it could be reckoned from: a row with one blank
and a total isn't blank at all. A table is a flow: each total is what flows into its row, each cell
what flows from a row to a column. A number kept back can be reckoned exactly when no other amounts
could flow there without any published number changing; then one more is kept back, until none can.

Worked example: 20 women and 2 men of 22. The men are kept back; 22 - 20 gives them away, so the
women are kept back as well, and 22 stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

FEWEST = 5
"""A smaller group isn't shown to who may not see the people in it."""
TOTAL = ""
"""Names the row or column of totals."""
Cell = tuple[str, str]
"""Row and column."""
Numbers = Mapping[Cell, int]


@dataclass(frozen=True)
class Table:
    """A table of `numbers` by row and column, without its totals, which follow."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    numbers: Numbers

    @cached_property
    def whole(self) -> Numbers:
        """With the totals of rows, of columns, and of all."""
        found: dict[Cell, int] = {}
        for row in self.rows:
            for column in self.columns:
                number = self.numbers.get((row, column), 0)
                for cell in ((row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
                    found[cell] = found.get(cell, 0) + number
        return found


def kept_back(table: Table, known_totals: bool = False) -> frozenset[Cell]:
    """Return the cells and totals that aren't shown. `known_totals`: the totals of rows stand in
    another table as well, so that they are shown here whatever they are."""
    open_cells = {cell for cell in table.whole if known_totals and cell[1] == TOTAL}
    hidden = {cell for cell, n in table.whole.items() if 0 < n < FEWEST and cell not in open_cells}
    while (given := next(_given_away(table.whole, hidden), None)) is not None:
        more = _cover(table.whole, hidden, given, open_cells)
        if not more:
            # Nothing else could hide it, since all of it is one group: then none is shown.
            return frozenset(table.whole)
        hidden |= more
    return frozenset(hidden)


def _given_away(numbers: Numbers, hidden: set[Cell]) -> Iterator[Cell]:
    """The numbers kept back that can be reckoned, in a fixed order."""
    return (cell for cell in sorted(hidden) if not may_differ(numbers, hidden, cell))


def may_differ(numbers: Numbers, hidden: set[Cell] | frozenset[Cell], cell: Cell) -> bool:
    """Whether a number that is kept back could be another one, by all that is shown."""
    start, end = _ends(cell)
    others = hidden - {cell}
    # More of it flows back from its end to its start; less of it takes another way.
    if _reaches(numbers, others, end, start):
        return True
    return numbers[cell] > 0 and _reaches(numbers, others, start, end)


def _ends(cell: Cell) -> tuple[str, str]:
    """Between which points an amount flows: from the whole into rows, from there into columns, and
    back into the whole."""
    row, column = cell
    if row == TOTAL and column == TOTAL:
        return "out", "in"
    if column == TOTAL:
        return "in", f"r{row}"
    return ("c" + column, "out") if row == TOTAL else (f"r{row}", f"c{column}")


def _reaches(numbers: Numbers, hidden: set[Cell] | frozenset[Cell], start: str, end: str) -> bool:
    ways: dict[str, set[str]] = {}
    for cell in hidden:
        here, there = _ends(cell)
        ways.setdefault(here, set()).add(there)
        # Only what flows can be less.
        if numbers[cell] > 0:
            ways.setdefault(there, set()).add(here)
    seen, ahead = {start}, [start]
    while ahead:
        for point in ways.get(ahead.pop(), set()) - seen:
            seen.add(point)
            ahead.append(point)
    return end in seen


def _cover(numbers: Numbers, hidden: set[Cell], given: Cell, open_cells: set[Cell]) -> set[Cell]:
    """The cells to keep back next: the corners of a rectangle with the one that is given away, with
    as few more, and as few people in them, as will do; totals last."""
    row, column = given
    left = {cell for cell in numbers if cell not in hidden and cell not in open_cells}
    fitting: list[tuple[tuple[int, int, int, list[Cell]], set[Cell]]] = []
    for other_row, other_column in numbers:
        corners = {(row, other_column), (other_row, column), (other_row, other_column)} - {given}
        more = corners & left
        if more and corners <= left | hidden and may_differ(numbers, hidden | more, given):
            totals, people = sum(TOTAL in cell for cell in more), sum(numbers[c] for c in more)
            fitting.append(((totals, len(more), people, sorted(more)), more))
    return min(fitting)[1] if fitting else left
