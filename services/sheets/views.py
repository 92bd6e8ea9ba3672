"""Sheets as the front doors see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.case.facts import Problem
from domain.rulebook.schema import Rulebook
from domain.states import SheetKind
from papers.sheets.cells import CellFault
from services.core.errors import Refusal


class NoSheet(Refusal):
    """A file that can't be taken over. `reason`: of `papers.sheets.reading.REASONS`, no_head,
    no_rows below it, no_days or no_full where it can't be told what it lists, or away where the
    messenger doesn't hand it out."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WhyClosed(StrEnum):
    """Why a sheet can't be taken over or undone any more."""

    ENTERED = "entered"
    """It was, and undoing it is over: its lines are deleted."""
    UNDONE = "undone"
    LATE = "late"


class SheetClosed(Refusal):
    """A sheet of the actor's that can't be taken over or undone any more."""

    def __init__(self, closed: WhyClosed) -> None:
        super().__init__(closed.value)
        self.closed = closed


@dataclass(frozen=True)
class RefusedCell:
    """A cell that keeps its row out. `row`: its number in the file. `column`: its title there."""

    row: int
    column: str
    why: CellFault | Problem
    said: str = ""


@dataclass(frozen=True)
class SheetFile:
    """A list as a file."""

    name: str
    content: bytes
    rows: int


@dataclass(frozen=True)
class Previewed:
    """What taking a sheet over would do. `sheet_id`: "" where there is nothing to take over.
    `columns`: (theirs, ours) of what is read. `unread`, `identity`: titles of what is left out.
    `months`: how many are entered as born on the first, since their cell says year and month.
    `passed`: numbers of rows about nobody. `sheet`: the one that was read where there are `others`
    with people."""

    sheet_id: str
    kind: SheetKind
    book: Rulebook = field(repr=False)
    new: int
    changed: int
    same: int
    refused: tuple[RefusedCell, ...]
    columns: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    identity: tuple[str, ...]
    months: int = 0
    passed: tuple[int, ...] = ()
    sheet: str = ""
    others: tuple[str, ...] = ()

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """Columns that are called otherwise there."""
        return tuple((theirs, ours) for theirs, ours in self.columns if theirs != ours)


@dataclass(frozen=True)
class TakenOver:
    """`entered`: lines that count now. `left`: rows that somebody has changed or entered since the
    preview, or whose branch isn't the actor's any more."""

    sheet_id: str
    kind: SheetKind
    entered: int
    left: tuple[int, ...] = ()
    steps: Mapping[str, int] = field(default_factory=dict)
    """How many of the new cases stand at which next step, by its title."""


@dataclass(frozen=True)
class Undone:
    """`undone`: lines taken back. `left`: how many stay, since somebody has touched them since or
    their branch isn't the actor's any more. A line that never came is neither."""

    undone: int
    left: int
