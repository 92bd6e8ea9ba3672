"""Which column of somebody's sheet is which of ours: the head found, titles folded, cells filled.

A head may stand below a title, in one row or in two (入党积极分子 above 列为时间); a merged cell
says for all its rows what stands in its first.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from papers.sheets.columns import Column, folded
from papers.sheets.reading import Raw

SEARCHED = 20
"""Rows in which the head is looked for."""
FEWEST = 2
"""Titles by which a row is known as the head; the name is one of them."""
PERSON = "case.person"
IDENTITY = ("身份证", "公民身份", "证件号")
NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")


@dataclass(frozen=True)
class Mapped:
    """`columns`: ours by the place of theirs. `unread`: titles of theirs that stay out.
    `identity`: titles of columns with identity numbers, left out. `rows`: from the first below the
    head, each with its number in the file."""

    columns: dict[int, Column]
    titles: dict[int, str]
    unread: tuple[str, ...]
    identity: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def mapped(sheets: Iterable[Raw], known: Sequence[Column]) -> Mapped | None:
    """Return the sheet that holds most of what we know; None where none has a name column."""
    found = [one for sheet in sheets if (one := _mapped(sheet, known)) is not None]
    return max(found, key=lambda one: (len(one.columns), len(one.rows)), default=None)


def _mapped(sheet: Raw, known: Sequence[Column]) -> Mapped | None:
    rows = [list(row) for row in sheet.rows]
    _fill(rows, sheet.merged)
    by_name: dict[str, Column] = {}
    for column in known:
        for name in column.names:
            by_name.setdefault(name, column)
    best: tuple[int, int, dict[int, Column], list[str]] | None = None
    # One row first: a title that spans the sheet would else be taken for the upper of two.
    for height in (1, 2):
        for place in range(min(SEARCHED, len(rows))):
            titles = _titles(rows, place, height)
            columns = _known(titles, by_name)
            named = len(columns) >= FEWEST and any(c.of == PERSON for c in columns.values())
            # The most titles win, the upper row where two are equal: data may hold a word that is a
            # title.
            if named and (best is None or len(columns) > len(best[2])):
                best = (place, height, columns, [parts[0] for parts in titles])
    if best is None:
        return None
    place, height, columns, shown = best
    body = rows[place + height :]
    identity = _identity(shown, body)
    # Also where the title is one of ours: a number in the column of names stays out all the same.
    kept = {number: column for number, column in columns.items() if number not in identity}
    return Mapped(
        columns=kept,
        titles={number: shown[number] for number in kept},
        unread=tuple(
            t for i, t in enumerate(shown) if t and i not in columns and i not in identity
        ),
        identity=tuple(shown[number] or "?" for number in identity),
        rows=tuple(
            (number, tuple(row))
            for number, row in enumerate(body, place + height + 1)
            if any(cell.strip() for cell in row)
        ),
    )


def _fill(rows: list[list[str]], merged: Iterable[tuple[int, int, int, int]]) -> None:
    for top, left, bottom, right in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        said = rows[top][left]
        for row in rows[top : bottom + 1]:
            for place in range(left, min(right + 1, len(row))):
                row[place] = row[place] or said


def _titles(rows: Sequence[Sequence[str]], place: int, height: int) -> list[tuple[str, ...]]:
    """What a column may be called, the likeliest first: by its lowest title, and by both."""
    lowest = rows[place + height - 1] if place + height <= len(rows) else ()
    if height == 1:
        return [(title.strip(),) for title in lowest]
    above, last = list(rows[place]), ""
    width = max(len(above), len(lowest))
    found: list[tuple[str, ...]] = []
    for number in range(width):
        upper = above[number].strip() if number < len(above) else ""
        lower = lowest[number].strip() if number < len(lowest) else ""
        # Where the file doesn't say what was merged, a title counts until the next one.
        last = upper or (last if lower else "")
        found.append((f"{last}{lower}", lower, last) if lower else (last,))
    return found


def _known(titles: Sequence[tuple[str, ...]], by_name: dict[str, Column]) -> dict[int, Column]:
    """The first column of each kind counts: a second of the same title would contradict it."""
    found: dict[int, Column] = {}
    used: set[str] = set()
    for number, names in enumerate(titles):
        column = next((by_name[folded(n)] for n in names if n and folded(n) in by_name), None)
        if column is not None and column.of not in used:
            found[number] = column
            used.add(column.of)
    return found


def _identity(titles: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Columns that are called so, or hold identity numbers whatever they are called."""
    found = []
    for number, title in enumerate(titles):
        cells = [row[number].strip() for row in body if number < len(row) and row[number].strip()]
        held = sum(NUMBER.fullmatch(cell) is not None for cell in cells)
        # Half of the cells is enough: one that slips in is worse than a column left unread.
        if any(word in title for word in IDENTITY) or (cells and held * 2 >= len(cells)):
            found.append(number)
    return tuple(found)
