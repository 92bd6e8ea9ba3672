"""Which numbers are kept back from who may not see the people behind them.

A group of one to four is kept back, and whatever it could be reckoned from. Readers know more than
they are shown: each sees the people of an organisation and takes them off, and two can put together
what they know. So a number is shown where, without any two organisations, nobody is left of it or
at least five. What three or more know together isn't looked at.

The parts of a whole that is shown give each other away. The smallest of the rest are kept back with
a small one, until all that is kept back is together a group that may be shown. Parts of nobody go
first: if they were seen to be 0, those kept back would be known to be at least 1, and ten people in
ten parts to be one in each.

Worked example, of 22 people in one branch of many: 20 women, 2 men, of nobody it isn't known. The
men are kept back; 22 - 20 - 0 gives them away, so all three are kept back, and 22 stays.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FEWEST = 5
"""A smaller group isn't shown to who may not see the people in it."""
Group = Mapping[str, int]
"""How many of a group each organisation counts, with all below it."""


@dataclass(frozen=True)
class Readers:
    """Who reads the numbers of the organisation `top`: whoever sees one below it. `paths`: each
    organisation and all above it."""

    top: str
    paths: Mapping[str, tuple[str, ...]]

    def give_away(self, group: Group) -> bool:
        """Whether a number, if it were shown, would tell one or two of them of one to four people
        whom they don't see."""
        whole = group.get(self.top, 0)
        known = {place: n for place, n in group.items() if n and place != self.top}
        lefts = (whole, *(whole - number for number in known.values()))
        return any(map(_few, lefts)) or self._two_give_away(whole, known)

    def _two_give_away(self, whole: int, known: Group) -> bool:
        # By number, since every pair of a thousand branches would be a million looks.
        places: dict[int, list[str]] = defaultdict(list)
        for place, number in known.items():
            places[number].append(place)
        return any(
            self._apart(place, other)
            for place, number in known.items()
            for left in range(1, FEWEST)
            for other in places.get(whole - number - left, ())
        )

    def _apart(self, one: str, other: str) -> bool:
        return one not in self.paths[other] and other not in self.paths[one]

    def kept_back(self, parts: Mapping[str, Group]) -> frozenset[str]:
        """Return which parts of a whole aren't shown, where the whole is."""
        hidden = {name for name, group in parts.items() if self.give_away(group)}
        if not hidden:
            return frozenset()
        # By name where the numbers are equal: the same sums hide the same parts on every day.
        others = sorted(parts.keys() - hidden, key=lambda name: (self._number(parts[name]), name))
        nobody = [name for name in others if not self._number(parts[name])]
        hidden |= {*nobody}
        for name in others[len(nobody) :]:
            if not self.give_away(together(parts[name] for name in hidden)):
                break
            hidden.add(name)
        return frozenset(hidden)

    def _number(self, group: Group) -> int:
        return group.get(self.top, 0)


def _few(number: int) -> bool:
    return 0 < number < FEWEST


def together(groups: Iterable[Group]) -> Group:
    found: Counter[str] = Counter()
    for group in groups:
        found.update(group)
    return found


def without(group: Group, part: Group) -> Group:
    """Return those of a group who aren't in a part of it."""
    return {place: number - part.get(place, 0) for place, number in group.items()}
