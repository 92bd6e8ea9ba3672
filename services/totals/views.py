"""Totals as the front doors see them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.figures.totals import Totals
from domain.rulebook.schema import Rulebook


class Sending(StrEnum):
    """How a year stands with the level above."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Neighbours:
    """Names of the peers with which totals are exchanged."""

    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToSend:
    """What would go up, before it does. `waits`: our own numbers have changed by so little that the
    difference would tell of one to four people, so that what was told stands. `sent_on`: when
    something of this year went last. `missing`: who below told nothing."""

    year: int
    above: tuple[str, ...]
    state: Sending
    waits: bool
    totals: Totals
    missing: tuple[str, ...]
    sent_on: date | None
    book: Rulebook = field(repr=False)


@dataclass(frozen=True)
class ToldBelow:
    """What one below told last."""

    name: str
    as_of: date
    version: int
    totals: Totals


@dataclass(frozen=True)
class Gathered:
    """A year of all below. `totals`: their sum; `before`: that of the year before. `missing`: who
    told nothing of it."""

    organisation: str
    year: int
    today: date
    totals: Totals
    before: Totals
    told: tuple[ToldBelow, ...]
    missing: tuple[str, ...]
    book: Rulebook = field(repr=False)
