"""Who decides, and by which share of whom."""

from dataclasses import dataclass
from fractions import Fraction

from domain.rulebook.kinds import Strength, Text
from domain.rulebook.links import OnlyIf

COUNTS = (
    "entitled", "due", "present", "written", "issued", "returned", "valid", "yes", "no", "abstain",
)  # fmt: skip
"""The numbers of a ballot that a field may hold and a rule may name."""


@dataclass(frozen=True)
class BallotRule:
    """`of` (a count, or "present+written") compared by `op` (">" or ">=") to `share` of `base`."""

    id: str
    layer: Strength
    purpose: str
    of: str
    op: str
    share: Fraction
    base: str
    source: str
    text: Text
    only_if: OnlyIf | None = None


@dataclass(frozen=True)
class BodyRule:
    """Which body decides a `matter`, by one layer. Where layers name different ones, both are shown
    and the national one is followed (docs/procedure.md § 2). `field`: the question at which that
    matters."""

    id: str
    layer: Strength
    matter: str
    body: str
    source: str
    text: Text
    field: str = ""
