"""Who decides, and by which share of whom."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from domain.rulebook.kinds import OnlyIf, Strength, Text

COUNTS = (
    "entitled", "due", "present", "written", "issued", "returned", "valid", "yes", "no", "abstain",
)  # fmt: skip
"""The numbers of a ballot that a field may hold and a rule may name."""


@dataclass(frozen=True)
class BallotRule:
    """`of` compared by `op` to `share` of `base`: a quorum, or a majority."""

    id: str
    """Names the rule everywhere; a test names it too."""
    layer: Strength
    """Whose rule it is: `legal` of the nation, `local` of a city. All of a step have to pass."""
    purpose: str
    """`quorum`: whether the meeting can decide; `pass`: whether it is carried."""
    of: str
    """The number that is compared, or several joined by `+`."""
    op: str
    """`>` or `>=`."""
    share: Fraction
    """The part of the base, as a fraction in quotes."""
    base: str
    """The number of which it is a part."""
    source: str
    """Where it stands."""
    text: Text
    """What it says, as people read it."""
    only_if: OnlyIf | None = None
    """Counts only where a setting is chosen so."""

    @cached_property
    def of_counts(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.of.split("+"))

    @cached_property
    def base_counts(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.base.split("+"))


@dataclass(frozen=True)
class BodyRule:
    """Which body decides a matter, by one layer. Where layers name different ones, both are shown
    and the national one is followed (docs/procedure.md § 2)."""

    id: str
    """Names the rule everywhere; a test names it too."""
    layer: Strength
    """Whose rule it is."""
    matter: str
    """What is decided; the layers are compared where they name the same matter."""
    body: str
    """Who decides."""
    source: str
    """Where it stands."""
    text: Text
    """What it says, as people read it."""
    field: str = ""
    """The question of the step at which that is said."""
