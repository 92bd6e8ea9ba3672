"""Figures as the front doors see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.figures.counting import Cells
from domain.plans import Funnel
from domain.rulebook.schema import Rulebook, Text


@dataclass(frozen=True)
class LowerOrganisation:
    """An organisation right below: its own sums, never a rank."""

    organisation: str
    now: Cells
    cells: Cells


@dataclass(frozen=True)
class ReportNumbers:
    """Reports of a year, as the register shows them to the reader."""

    received: int
    settled: int


@dataclass(frozen=True)
class YearFigures:
    """`now`: where people stand; `cells`, `before`: of the year and the one before. `overdue`: how
    many dates have passed, by kind. `levels`: organisations by level. `reports`: None for who isn't
    in the department."""

    organisation_id: str
    organisation: str
    level: str
    year: int
    today: date
    book: Rulebook = field(repr=False)
    now: Cells
    cells: Cells
    before: Cells
    plan: Funnel
    overdue: Mapping[str, int]
    levels: Mapping[str, int]
    members: int
    below: tuple[LowerOrganisation, ...] = ()
    reports: ReportNumbers | None = None


@dataclass(frozen=True)
class Published:
    """The finished year of the whole department, for those below it. What isn't shown is None."""

    organisation: str
    year: int
    today: date
    blocks: "tuple[ShownBlock, ...]"


@dataclass(frozen=True)
class ShownBlock:
    """Some numbers under a title; None: kept back."""

    title: Text
    rows: tuple[tuple[Text, int | None], ...]


@dataclass(frozen=True)
class FigureWithPeople:
    """A figure with people behind it. `number`: its place in the list of figures."""

    number: int
    cell: str
    title: Text
    people: int


@dataclass(frozen=True)
class PersonLine:
    case_id: str
    person: str
    organisation: str


@dataclass(frozen=True)
class PeopleBehind:
    """A page (from 0) of the people behind a figure, by the names of their branches. `elsewhere`:
    how many of the page have moved on."""

    organisation_id: str
    year: int
    behind: FigureWithPeople
    lines: tuple[PersonLine, ...]
    elsewhere: int
    page: int
    pages: int


@dataclass(frozen=True)
class FigureFile:
    name: str
    content: bytes
