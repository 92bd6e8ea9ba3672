"""Sheets as the front doors see them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from domain.case.facts import Problem
from domain.rulebook.schema import Rulebook
from domain.states import SheetKind
from papers.sheets.cells import Why as Why
from services.core.errors import Refusal

Told = Callable[[int, int], Awaitable[None]]
"""Hears how many of how many are done."""


class NoSheet(Refusal):
    """A file that can't be taken over. `reason`: of `papers.sheets.reading.REASONS`, or no_head."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Refused:
    """A cell that keeps its row out. `row`: its number in the file. `column`: its title there."""

    row: int
    column: str
    why: Why | Problem
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
    `columns`: (theirs, ours) of what is read. `unread`, `identity`: titles of what is left out."""

    sheet_id: str
    kind: SheetKind
    book: Rulebook = field(repr=False)
    new: int
    changed: int
    same: int
    refused: tuple[Refused, ...]
    columns: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    identity: tuple[str, ...]

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """Columns that are called otherwise there."""
        return tuple((theirs, ours) for theirs, ours in self.columns if theirs != ours)


@dataclass(frozen=True)
class TakenOver:
    """`entered`: lines that count now. `left`: rows that somebody has changed since the preview."""

    sheet_id: str
    kind: SheetKind
    entered: int
    left: tuple[int, ...] = ()
    steps: Mapping[str, int] = field(default_factory=dict)
    """How many of the new cases stand at which next step, by its title."""


@dataclass(frozen=True)
class Undone:
    """`undone`: lines taken back. `left`: how many stay, since somebody has touched them since."""

    undone: int
    left: int
