"""How an entry reaches beyond its own step."""

from dataclasses import dataclass

from domain.rulebook.kinds import Requirement


@dataclass(frozen=True)
class Cover:
    """What was done elsewhere: every step up to `up_to`, on the day in the date field `day`."""

    up_to: str
    day: str


@dataclass(frozen=True)
class OnlyIf:
    """Stands in a rulebook only where one of `any_of` is chosen for `setting`."""

    setting: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """An entry that calls for a step: any of `step`, or one that holds one of `any_of` in
    `field`."""

    step: str
    field: str = ""
    any_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownIf:
    """Asked only when the choice `field` of the same step holds one of `any_of`."""

    field: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Fewer:
    """Asked only when the ballot number `of` is less than the one called `than`."""

    of: str
    than: str


@dataclass(frozen=True)
class Each:
    """A list that holds at least as many as were picked in the list `of`, asked before it: a proof
    for each way of posting a notice."""

    of: str
    rule: Requirement


@dataclass(frozen=True)
class Regular:
    """A condition of a step: `step`, which repeats, was taken as often as its `limit` asks. What
    was due before the entry of `elsewhere` was somebody else's matter."""

    step: str
    limit: str
    rule: Requirement
    elsewhere: str = ""
