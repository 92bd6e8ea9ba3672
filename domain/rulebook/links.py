"""How an entry reaches beyond its own step."""

from dataclasses import dataclass
from fractions import Fraction

from domain.rulebook.kinds import Requirement


@dataclass(frozen=True)
class Cover:
    """What was done elsewhere."""

    up_to: str
    """Every step up to this one counts as done."""
    day: str
    """The date field of this step that says on which day."""


@dataclass(frozen=True)
class OnlyIf:
    """Stands in a rulebook only where a setting is chosen so."""

    setting: str
    """The id of the setting."""
    any_of: tuple[str, ...]
    """Its options with which this stands."""


@dataclass(frozen=True)
class Call:
    """An entry that calls for a step."""

    step: str
    """The step that was entered."""
    field: str = ""
    """A question of it. Left out: every entry of that step calls."""
    any_of: tuple[str, ...] = ()
    """The answers to it that call."""
    approved: bool | None = None
    """`true`: only once the admission was approved (`approved_by`); `false`: only before."""


@dataclass(frozen=True)
class ShownIf:
    """When a question is asked at all."""

    field: str
    """A choice or yes-or-no question of the same step, before this one."""
    any_of: tuple[str, ...]
    """The answers to it with which this is asked; `"true"` and `"false"` of yes or no."""


@dataclass(frozen=True)
class Fewer:
    """Asked only when one number of the ballot is less than another."""

    of: str
    """The number that has to be less."""
    than: str
    """The number it is compared with."""
    share: Fraction = Fraction(1)
    """Less than this share of it."""


@dataclass(frozen=True)
class Each:
    """A list that holds at least as many as were picked in another: a proof for each way of posting
    a notice."""

    of: str
    """The other list, asked before this one."""
    rule: Requirement
    """The rule behind it."""


@dataclass(frozen=True)
class Fits:
    """A number of days that lie between two dates of the same step, both of them counted."""

    since: str
    """The first day."""
    until: str
    """The last day."""
    rule: Requirement
    """The rule behind it."""


@dataclass(frozen=True)
class SameAs:
    """An answer that was given before, at another step."""

    of: str
    """The question it was given to, as `"step.field"`."""
    rule: Requirement
    """The rule behind it."""


@dataclass(frozen=True)
class Regular:
    """A condition of a step: another one, which repeats, was taken as often as it has to be."""

    step: str
    """The step that repeats."""
    limit: str
    """Its limit, of kind `every`, that says how often."""
    rule: Requirement
    """The rule behind it."""
    elsewhere: str = ""
    """What was due before the entry of this step was somebody else's matter."""
