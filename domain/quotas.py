"""名额: how many a year's plan takes from each committee, and how a number is shared out in
proportion (按比例, G三). A quota is shown beside the plan; nobody is refused for it."""

from collections.abc import Mapping
from dataclasses import dataclass

MOST = 9_999


@dataclass(frozen=True)
class QuotaUse:
    """`places`: None where none was set. `proposed`, `accepted`: names of the year."""

    places: int | None
    proposed: int
    accepted: int

    @property
    def over(self) -> int:
        """How many more were accepted than there are places; 0 without a quota."""
        return 0 if self.places is None else max(0, self.accepted - self.places)


def shared_out(total: int, bases: Mapping[str, int]) -> dict[str, int]:
    """Share out `total` in proportion to `bases`, by largest remainder; of equal remainders the
    first. Sums up to `total`; {} where all bases are 0: then there is no proportion."""
    everybody = sum(bases.values())
    if not everybody:
        return {}
    # Divide whole numbers: rounded fractions would make or break a tie.
    places = {key: total * base // everybody for key, base in bases.items()}
    rest = total - sum(places.values())
    by_remainder = sorted(bases, key=lambda key: -(total * bases[key] % everybody))
    for key in by_remainder[:rest]:
        places[key] += 1
    return places
