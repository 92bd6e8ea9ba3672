"""What a rulebook file may hold: a core, a profile of a city, or an earlier text.

The tables are read straight into the values of `domain.rulebook.schema`; here stands what only a
file says. `python -m docs.rulebook write` makes the JSON schema and the reference from it.
"""

from dataclasses import dataclass
from datetime import date, time

from pydantic import Field

from domain.files.toml import FileModel
from domain.rulebook.layers.earlier_text import NOTHING_OWN, EarlierStep, Own
from domain.rulebook.layers.profile import Addition, PlacedStep
from domain.rulebook.schema import (
    Division,
    Duty,
    Figure,
    Limit,
    OpenPoint,
    ReportFinding,
    Requirement,
    Stage,
    Step,
    Text,
)


@dataclass(frozen=True)
class Span:
    """A quiet time that people may choose, within the office hours."""

    start: time
    """When it begins."""
    end: time
    """When it ends."""


@dataclass(frozen=True)
class WishesTable:
    """When people may want to be told."""

    digest: tuple[time, ...] = ()
    """Times for the day's reminders beside the opening."""
    quiet: tuple[Span, ...] = ()
    """Quiet times."""


@dataclass(frozen=True)
class DateCheckTable:
    """What makes dates look written up afterwards; what is left out stays as the core has it."""

    record_within_days: int | None = None
    """Days between an act and its entry; 0: not looked at."""
    most_on_one_day: int | None = None
    """Different steps done on the same day; 0: not looked at."""


@dataclass(frozen=True, kw_only=True)
class LandmarkTable(Limit):
    """A day that follows from a case and nobody enters, such as the end of probation."""

    after: str
    """Known once this step is done."""


class CommonFile(FileModel):
    """What a core and a profile have in common."""

    id: str
    """The name of the file without `.toml`; cases keep it."""
    version: str
    """Raised with every change, so that people can name what they read."""
    title: Text
    """What the whole is called."""
    in_force: date | None = None
    """The first day it holds."""
    stages: tuple[Stage, ...] = ()
    """The parts of the way, in order."""
    findings: tuple[ReportFinding, ...] = ()
    """The classes in which a report from the public is settled; a profile's own replace those of
    its core."""
    approved_by: tuple[str, ...] = ()
    """Once all of these steps are done the person is a member: findings go to the meeting."""
    plan: tuple[Step, ...] = ()
    """What becomes of a name in the yearly plan before the step that decides it."""
    defects: tuple[Requirement, ...] = ()
    """What a random check may find wanting in a branch."""
    merits: tuple[Requirement, ...] = ()
    """What a random check may find done well in a branch; it is praised, and nobody is ranked."""
    put_right: Limit | None = None
    """By when that is put right, counted from the circular (`told_on`)."""
    duties: tuple[Duty, ...] = ()
    """What each organisation does once a year beside all cases."""
    figures: tuple[Figure, ...] = ()
    """What is counted of a year's cases; one of a profile takes the place of its core's of that
    name."""
    divisions: tuple[Division, ...] = ()
    """By what the people of a year are counted."""
    report_days: int | None = None
    """Days in which a report from the public is checked and answered."""
    report_source: str = ""
    """Where that stands; left out: in a profile's own document, of a core in common practice."""
    landmarks: tuple[LandmarkTable, ...] = ()
    """Days that follow and that nobody enters."""
    principles: tuple[Requirement, ...] = ()
    """Rules that hold everywhere and have no number."""
    date_check: DateCheckTable = DateCheckTable()
    """What makes dates look written up afterwards."""
    wishes: WishesTable | None = None
    """When people may want to be told."""


class CoreFile(CommonFile):
    """A national text: every step of the procedure."""

    in_force: date
    """The first day it holds; steps of an earlier day are judged by the text before."""
    steps: tuple[Step, ...] = ()
    """Every step, in the order of the work."""
    settings: tuple[OpenPoint, ...] = ()
    """Points that the sources leave open."""
    supersedes: str = ""
    """The text in force before it."""


class ProfileFile(CommonFile):
    """What a city adds to a national text."""

    extends: str
    """The national text it adds to."""
    document: Text
    """What the city's own document is called; a source that begins with `G` is said so."""
    place: Text
    """Where it holds, as people call it."""
    steps: tuple[PlacedStep, ...] = ()
    """Steps of its own."""
    adds: tuple[Addition, ...] = ()
    """What it adds to steps of the core."""
    settings: tuple[OpenPoint, ...] = ()
    """Points that the city's document leaves open."""
    set: dict[str, str] = Field(default_factory=dict)
    """What it chooses where a point is left open: the setting, and one of its options."""
    own_before: Own = NOTHING_OWN
    """Steps that it had before the national text demanded them."""


class EarlierFile(FileModel):
    """An earlier national text, said by what differs from a later one."""

    id: str
    """The name of the file without `.toml`."""
    version: str
    """Raised with every change."""
    title: Text
    """What the whole is called."""
    in_force: date
    """The first day it held."""
    differs_from: str
    """The later text."""
    drops: tuple[str, ...] = ()
    """Steps that it hadn't."""
    changes: tuple[EarlierStep, ...] = ()
    """Steps that it had otherwise."""
    supersedes: str = ""
    """The text in force before it."""


def model_of(tables: dict[str, object]) -> type[CoreFile | ProfileFile | EarlierFile]:
    """What a file is, by the key that only it has."""
    if "differs_from" in tables:
        return EarlierFile
    return ProfileFile if "extends" in tables else CoreFile
