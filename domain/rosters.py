"""The roster of a training class as it is pasted: names, one a line or parted by marks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.case.facts import Problem
from domain.rulebook.schema import Rulebook, Step
from domain.writing.names import alike, tidy

PARTED = re.compile(r"[\n、，,；;]+")
NUMBERED = re.compile(r"^\s*\d+\s*[.．、)）]\s*")


class RosterFault(StrEnum):
    """Why a name of a roster isn't entered."""

    UNKNOWN = "unknown"
    SEVERAL = "several"
    TWICE = "twice"
    NOT_READY = "not_ready"


@dataclass(frozen=True)
class NotEntered:
    """`problems`: why the step isn't open for this person, or what its answers break."""

    name: str
    why: RosterFault
    problems: tuple[Problem, ...] = ()


def names_in(text: str) -> tuple[str, ...]:
    """The names of a text in their order; numbers before them are no part of them."""
    lines = (NUMBERED.sub("", line) for line in text.split("\n"))
    parts = (tidy(part) for line in lines for part in PARTED.split(line))
    return tuple(part for part in parts if part)


def matched(
    names: Sequence[str], known: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[NotEntered, ...]]:
    """The ids of those named, and who isn't one person once. `known`: names by id."""
    ids: list[str] = []
    wrong: list[NotEntered] = []
    for place, name in enumerate(names):
        found = [item for item, other in known.items() if alike(name, other)]
        if any(alike(name, earlier) for earlier in names[:place]):
            wrong.append(NotEntered(name, RosterFault.TWICE))
        elif len(found) == 1:
            ids.append(found[0])
        else:
            wrong.append(NotEntered(name, RosterFault.SEVERAL if found else RosterFault.UNKNOWN))
    return tuple(ids), tuple(wrong)


def class_step(book: Rulebook) -> Step | None:
    """The step that a class enters for everybody on its roster; None where there is none."""
    return next((step for step in book.steps if step.in_class), None)
