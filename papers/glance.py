"""What is seen in one look, as a picture for a phone: the way of a case, the week of a branch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from papers.figures import short
from papers.processes.typesetting import Job
from papers.values import clean


@dataclass(frozen=True)
class Point:
    """A step on the way. `state`: done | next | open | later. `said`: behind it, such as the day on
    which it was done, or whom it waits for."""

    number: str
    title: str
    state: str
    said: str = ""


@dataclass(frozen=True)
class Stretch:
    """A stage with its steps."""

    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Walker:
    """Somebody of a branch on the way. `stage`: how many of the stages lie behind them; `next`:
    what comes; `when`: by which day; `urgency`: overdue | week | ready | later."""

    person: str
    stage: int
    next: str
    when: str
    urgency: str


def way(person: str, branch: str, stretches: Sequence[Stretch], made: date) -> Job:
    """All steps of a case: what is done, what comes, whom it waits for."""
    drawn = [
        {"title": stretch.title, "points": [vars(point) for point in stretch.points]}
        for stretch in stretches
        if stretch.points
    ]
    return Job("way", {**_head(person, branch, made), "stretches": drawn}, "png")


def week(
    branch: str, stages: Sequence[str], walkers: Sequence[Walker], rest: int, made: date
) -> Job:
    """Where everybody of a branch stands, the most urgent first. `rest`: how many aren't drawn."""
    drawn = [{**vars(walker), "person": short(walker.person)} for walker in walkers]
    data = {**_head(branch, "", made), "stages": stages, "walkers": drawn, "rest": rest}
    return Job("week", data, "png")


def _head(title: str, below: str, made: date) -> dict[str, str]:
    return {"title": clean(title), "below": clean(below), "made": f"{made:%Y-%m-%d}"}
