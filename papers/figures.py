"""Figures to print: the same blocks become a picture, a sheet, and a report in Word."""

from dataclasses import dataclass
from datetime import date

from papers.processes.typesetting import Job
from papers.values import clean

NOT_PICTURED = -1
OVERVIEW, PEOPLE, WORK, VOTES = PAGES = range(4)
"""A messenger makes a high picture small, so that there are several: where people stand, who was
admitted (twice), what was decided."""
WIDEST = 18
"""Characters of a label in a picture; of a longer one the rest is left out."""


@dataclass(frozen=True)
class Block:
    """Numbers under a title. `heads`: the names of their columns. `chart`: bars | columns | table;
    `table` isn't drawn. `page`: the picture in which they stand, NOT_PICTURED for none. `note`:
    below them."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    chart: str = "table"
    page: int = NOT_PICTURED
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """Names or numbers with a head row, for the sheet alone."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True)
class Bundle:
    """All figures of an organisation and a year."""

    organisation: str
    year: int
    made: date
    blocks: tuple[Block, ...]
    lists: tuple[Listed, ...] = ()


def picture(bundle: Bundle, page: int = OVERVIEW) -> Job:
    """One picture, as wide as a phone shows it."""
    blocks = [
        {
            "title": block.title,
            "heads": block.heads,
            "chart": block.chart,
            "note": block.note,
            "most": max([1, *(n for _, numbers in block.rows for n in numbers)]),
            "rows": [{"label": short(label), "numbers": numbers} for label, numbers in block.rows],
        }
        for block in bundle.blocks
        if block.page == page and (block.rows or block.note)
    ]
    title = clean(bundle.organisation)
    data = {"organisation": title, "year": bundle.year, "made": f"{bundle.made:%Y-%m-%d}"}
    return Job("figures", {**data, "blocks": blocks}, "png")


def short(label: str) -> str:
    said = clean(label)
    return said if len(said) <= WIDEST else said[: WIDEST - 1] + "…"
