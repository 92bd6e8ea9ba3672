"""What a rulebook file may hold: a core, a profile of a city, or an earlier text.

The tables are read straight into the values of `domain.rulebook.schema`; here stands what only a
file says. `python -m docs.rulebook write` makes the JSON schema and the reference from it.
"""

from dataclasses import dataclass
from datetime import date, time

from pydantic import Field

from domain.files.toml import FileModel
from domain.rulebook.layers.earlier_text import NOTHING_OWN, Change, Own
from domain.rulebook.layers.profile import Addition, PlacedStep
from domain.rulebook.schema import (
    Limit,
    ReportFinding,
    Requirement,
    Setting,
    Stage,
    Step,
    Text,
)


@dataclass(frozen=True)
class Span:
    """A quiet time that people may choose, within the hours."""

    start: time
    end: time


@dataclass(frozen=True)
class WishesTable:
    """`digest`: times for the day's reminders beside the opening; `quiet`: quiet times."""

    digest: tuple[time, ...] = ()
    quiet: tuple[Span, ...] = ()


@dataclass(frozen=True)
class DateCheckTable:
    """What makes dates look written up afterwards; what is left out stays as the core has it.
    `record_within_days`: days between an act and its entry. `most_on_one_day`: different steps
    done on the same day. 0: not looked at."""

    record_within_days: int | None = None
    most_on_one_day: int | None = None


@dataclass(frozen=True, kw_only=True)
class LandmarkTable(Limit):
    """A day that follows from a case and nobody enters: a limit, known once `after` is done."""

    after: str


class CommonFile(FileModel):
    """What a core and a profile have in common."""

    id: str
    version: str
    title: Text
    in_force: date | None = None
    stages: tuple[Stage, ...] = ()
    findings: tuple[ReportFinding, ...] = ()
    approved_by: tuple[str, ...] = ()
    plan: tuple[Step, ...] = ()
    defects: tuple[Requirement, ...] = ()
    put_right: Limit | None = None
    report_days: int | None = None
    landmarks: tuple[LandmarkTable, ...] = ()
    principles: tuple[Requirement, ...] = ()
    date_check: DateCheckTable = DateCheckTable()
    wishes: WishesTable | None = None


class CoreFile(CommonFile):
    """A national text: every step of the procedure. `supersedes`: the text in force before it."""

    in_force: date
    steps: tuple[Step, ...] = ()
    settings: tuple[Setting, ...] = ()
    supersedes: str = ""


class ProfileFile(CommonFile):
    """What a city adds to the core it `extends`: steps of its own (each `before` another one),
    `adds` to steps of the core, `set` for what the core leaves open. `own_before`: steps that it
    had before the national text demanded them."""

    extends: str
    steps: tuple[PlacedStep, ...] = ()
    adds: tuple[Addition, ...] = ()
    set: dict[str, str] = Field(default_factory=dict)
    own_before: Own = NOTHING_OWN


class EarlierFile(FileModel):
    """An earlier national text, said by what differs from a later one (`differs_from`): steps it
    hadn't (`drops`), and steps it had otherwise (`changes`)."""

    id: str
    version: str
    title: Text
    in_force: date
    differs_from: str
    drops: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    supersedes: str = ""


def model_of(tables: dict[str, object]) -> type[CoreFile | ProfileFile | EarlierFile]:
    """What a file is, by the key that only it has."""
    if "differs_from" in tables:
        return EarlierFile
    return ProfileFile if "extends" in tables else CoreFile
