"""What the department, and a branch, see of a random check. Nothing here can be put in an order of
better and worse: there is no mark, no number of defects beside another, no place."""

from dataclasses import dataclass
from datetime import date

from domain.rulebook.schema import Text


@dataclass(frozen=True)
class Visits:
    """How the visits of a branch stand, for whoever looks at them: names of the persons."""

    made: tuple[str, ...]
    missing: tuple[str, ...]
    unsigned: tuple[str, ...]
    without_result: tuple[str, ...]


@dataclass(frozen=True)
class Ballots:
    """How the ballots of a branch stand, for whoever looks at them: names of the persons voted on,
    and of those in whose ballots something was noted."""

    held: tuple[str, ...]
    noted: tuple[str, ...]


@dataclass(frozen=True)
class Circular:
    """What a check found, for branches that weren't concerned: no branch is named or counted."""

    told_on: date
    defects: tuple[Text, ...]
    merits: tuple[Text, ...]


@dataclass(frozen=True)
class CheckedBranch:
    """`checked_on`: None until somebody has looked. `due_on`: by when its defects have to be put
    right, once the branch was told. `answer`: what it did."""

    item_id: str
    inspection_id: str
    branch: str
    committee: str
    checked_on: date | None
    defects: tuple[Text, ...]
    note: str
    due_on: date | None
    righted_on: date | None
    answer: str
    visits: Visits | None = None
    merits: tuple[Text, ...] = ()
    ballots: Ballots | None = None

    @property
    def criticised(self) -> bool:
        return bool(self.defects)


@dataclass(frozen=True)
class Inspection:
    """A draw with its branches, in the order of committee and name. `left_out`: branches of the
    draw before."""

    inspection_id: str
    drawn_on: date
    seed: int
    per_committee: int
    pool: int
    left_out: tuple[str, ...]
    branches: tuple[CheckedBranch, ...]
    told_on: date | None

    @property
    def complete(self) -> bool:
        """Every branch was looked at."""
        return all(branch.checked_on is not None for branch in self.branches)
