"""How an entry reaches beyond its own step."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cover:
    """What was done elsewhere: every step up to `up_to`, on the day in the date field `day`."""

    up_to: str
    day: str


@dataclass(frozen=True)
class OnlyIf:
    """Stands in a rulebook only where one of `options` is chosen for `setting`."""

    setting: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """An entry that calls for a step: any of `step`, or one that holds one of `options` in
    `field`."""

    step: str
    field: str = ""
    options: tuple[str, ...] = ()
