"""Which column of somebody's sheet is which of ours: the head found, titles folded, cells filled.

A head may stand below a title, in one row or in two (入党积极分子 above 列为时间); a merged cell
says for all its rows what stands in its first.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from papers.sheets.cells import CellFault, read
from papers.sheets.columns import CellKind, Column, folded
from papers.sheets.reading import Raw

SEARCHED = 20
"""Rows in which the head is looked for."""
FEWEST = 2
"""Titles by which a row is known as the head; the name is one of them."""
PERSON = "case.person"
PICKED = frozenset({CellKind.CHOICE, CellKind.CHOICES, CellKind.FLAG})
IDENTITY = ("身份证", "公民身份", "证件号")
NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")
SUMS = re.compile(r"(合\s*计|小\s*计|总\s*计|共\s*计|总人数)(?![\u4e00-\u9fff]{2})")
SIGNED = re.compile(r"备\s*注|注\s*[:：]|说\s*明|填表|制表|审核|填报|单位负责人|负责人|联系电话")
NUMBERED = re.compile(r"[(（]?\d{1,3}[)）]?")
"""Rows about nobody: sums, what stands below a list, the numbers of the columns under a head."""


@dataclass(frozen=True)
class Mapped:
    """`columns`: ours by the place of theirs. `unread`: titles of theirs that stay out.
    `identity`: titles of columns with identity numbers, left out. `rows`: from the first below the
    head, each with its number in the file. `passed`: numbers of those that are about nobody, such
    as a sum at the end. `sheet`: its name; `others`: of those that hold people as well, and aren't
    read."""

    columns: dict[int, Column]
    titles: dict[int, str]
    unread: tuple[str, ...]
    identity: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    passed: tuple[int, ...] = ()
    sheet: str = ""
    others: tuple[str, ...] = ()


def mapped(sheets: Iterable[Raw], known: Sequence[Column]) -> Mapped | None:
    """Return the sheet that holds most of what we know; None where none has a name column."""
    found = [one for sheet in sheets if (one := _mapped(sheet, known)) is not None]
    # One without a person, such as an example behind the list, is no sheet that was left out.
    found = [one for one in found if one.rows] or found
    best = max(found, key=lambda one: (len(one.columns), len(one.rows)), default=None)
    others = tuple(one.sheet for one in found if one is not best)
    return replace(best, others=others) if best and others else best


@dataclass(frozen=True)
class _Head:
    """Where the head begins, how many rows it has, what each column may be called, and which of
    ours it is."""

    place: int
    height: int
    titles: list[tuple[str, ...]]
    columns: dict[int, Column]


def _mapped(sheet: Raw, known: Sequence[Column]) -> Mapped | None:
    rows = [list(row) for row in sheet.rows]
    _fill(rows, sheet.merged)
    by_name: dict[str, Column] = {}
    for column in known:
        for name in column.names:
            by_name.setdefault(name, column)
    head = _head(rows, by_name)
    if head is None:
        return None
    first = head.place + head.height
    body, shown = rows[first:], [names[0] for names in head.titles]
    identity = _identity(shown, body)
    # Also where the title is one of ours: a number in the column of names stays out all the same.
    kept = {
        number: column
        for number, column in head.columns.items()
        if number not in identity and not _means_otherwise(number, column, shown[number], body)
    }
    joined = _beside(head.titles, kept, by_name)
    _join(body, joined)
    told = {*kept, *identity, *(number for more in joined.values() for number in more)}
    filled = [(n, tuple(row)) for n, row in enumerate(body, first + 1) if any(map(str.strip, row))]
    passed = {number for number, row in filled if _about_nobody(row, kept)}
    return Mapped(
        columns=kept,
        titles={number: shown[number] for number in kept},
        unread=tuple(dict.fromkeys(t for i, t in enumerate(shown) if t and i not in told)),
        identity=tuple(shown[number] or "?" for number in identity),
        rows=tuple((number, row) for number, row in filled if number not in passed),
        passed=tuple(sorted(passed)),
        sheet=sheet.name,
    )


def _head(rows: Sequence[Sequence[str]], by_name: dict[str, Column]) -> _Head | None:
    best: _Head | None = None
    # One row first: a title that spans the sheet would else be taken for the upper of two.
    for height in (1, 2):
        for place in range(min(SEARCHED, len(rows))):
            titles = _titles(rows, place, height)
            columns = _known(titles, by_name)
            person = next((i for i, c in columns.items() if c.of == PERSON), None)
            if person is None or len(columns) < FEWEST:
                continue
            # Somebody's name under 姓名: the second row isn't part of the head.
            if len(titles[person]) > 1 and folded(titles[person][1]) not in by_name:
                continue
            # The most titles win, the upper row where two are equal: data may hold a word that is a
            # title.
            if best is None or len(columns) > len(best.columns):
                best = _Head(place, height, titles, columns)
    return best


def _means_otherwise(
    number: int, column: Column, title: str, body: Sequence[Sequence[str]]
) -> bool:
    """Whether a column that is called otherwise there says something else than ours offers: under
    工作岗位 stand the names of posts. Read, it would keep every row out."""
    if column.kind not in PICKED or folded(title) == folded(column.title):
        return False
    said = [row[number] for row in body if number < len(row) and row[number].strip()]
    unfit = sum(read(column, cell, date.min) is CellFault.NOT_OFFERED for cell in said)
    return unfit * 2 > len(said)


def _beside(
    titles: Sequence[tuple[str, ...]], kept: dict[int, Column], by_name: dict[str, Column]
) -> dict[int, list[int]]:
    """Further columns of people: 第一介绍人 and 第二介绍人, or one title merged above both."""
    found: dict[int, list[int]] = {}
    people = {c.of: number for number, c in kept.items() if c.kind is CellKind.PEOPLE}
    for number, names in enumerate(titles):
        # Not by the upper title alone: under 培养联系人 a telephone number may stand.
        column = _column(names[:2], by_name)
        if column is not None and people.get(column.of, number) != number:
            found.setdefault(people[column.of], []).append(number)
    return found


def _join(body: Sequence[list[str]], joined: dict[int, list[int]]) -> None:
    for first, more in joined.items():
        for row in body:
            said = [row[number] for number in (first, *more) if number < len(row)]
            # A cell merged over both was filled with the same name twice.
            if first < len(row):
                row[first] = "、".join(dict.fromkeys(cell for cell in said if cell.strip()))


def _about_nobody(row: Sequence[str], columns: dict[int, Column]) -> bool:
    """Whether a row below the head is a sum, a signature, the head once more or its numbers."""
    said = next(cell.strip() for cell in row if cell.strip())
    person = next((number for number, c in columns.items() if c.of == PERSON), None)
    name = row[person].strip() if person is not None and person < len(row) else ""
    if person is not None and (folded(name) in columns[person].names or NUMBERED.fullmatch(name)):
        return True
    if SUMS.match(name) or SUMS.match(said):
        return True
    # No name has a colon, but a title of something else may be somebody's.
    return bool(SIGNED.match(said)) and (said != name or ":" in unicodedata.normalize("NFKC", said))


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
        # Merged over both rows, one title stands in each.
        lower = "" if lower == last else lower
        found.append((f"{last}{lower}", lower, last) if lower else (last,))
    return found


def _known(titles: Sequence[tuple[str, ...]], by_name: dict[str, Column]) -> dict[int, Column]:
    """The first column of each kind counts: a second of the same title would contradict it."""
    found: dict[int, Column] = {}
    used: set[str] = set()
    for number, names in enumerate(titles):
        column = _column(names, by_name)
        if column is not None and column.of not in used:
            found[number] = column
            used.add(column.of)
    return found


def _column(names: Sequence[str], by_name: dict[str, Column]) -> Column | None:
    return next((by_name[folded(name)] for name in names if name and folded(name) in by_name), None)


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
