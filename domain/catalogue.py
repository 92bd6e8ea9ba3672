"""责任追究: an organisation's own catalogue of situations. The sources list none, so none is known
here before a file says so (docs/procedure.md § 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import Field

from domain.files.toml import FileError, FileModel, Finding, build, parse, refuse
from domain.rulebook.schema import Role, Text

NOTHING = Text("", "")
DECIDES = (Role.COMMITTEE, Role.ORGANISER, Role.DIRECTOR)
"""Who may decide what becomes of a breach: those above the branches."""
MOST_DAYS = 3650
LONGEST_ID = 30
"""Of a situation or a treatment; it stands in the rows of breaches."""
SHORTEST_RESULT, LONGEST_RESULT = 4, 500
"""Characters of a result."""


@dataclass(frozen=True)
class Situation:
    """`kind`: the class it belongs to, in the organisation's own words. What the catalogue says of
    a situation besides, as far as it does: `procedure` (程序); `powers` (权限), who decides; `days`
    (期限), in which, counted from the day it was assigned; `treatments` (处理) to choose from."""

    id: str
    kind: Text
    text: Text
    source: str
    procedure: Text = NOTHING
    powers: Role | None = None
    days: int = 0
    treatments: tuple["Treatment", ...] = ()

    def treatment(self, treatment_id: str) -> "Treatment | None":
        return next((one for one in self.treatments if one.id == treatment_id), None)


@dataclass(frozen=True)
class Treatment:
    """What may be done about a situation, in the organisation's own words."""

    id: str
    text: Text


@dataclass(frozen=True)
class Catalogue:
    """`situations` by id, in the order of the file. Empty where an organisation entered none."""

    title: Text = NOTHING
    situations: Mapping[str, Situation] = field(default_factory=dict)


LADDER = (7, 1, 0, -1, -7, -30)
"""Days before the day by which it has to be dealt with (negative: after it) on which to remind."""


@dataclass(frozen=True)
class Rung:
    """A reminder whose day has come. `escalates`: the level above hears of it as well."""

    days: int

    @property
    def name(self) -> str:
        return f"{self.days:+d}"

    @property
    def escalates(self) -> bool:
        return self.days == min(LADDER)


def rung(due_on: date, today: date) -> Rung | None:
    """Return the newest reminder of a situation that is due on a day; None before the first."""
    left = (due_on - today).days
    reached = [days for days in LADDER if left <= days]
    return Rung(min(reached)) if reached else None


def owed_by(situation: Situation) -> frozenset[Role]:
    """Return who has to deal with a situation: whoever the catalogue gives the power, else the
    lowest level that may."""
    return frozenset({situation.powers or DECIDES[0]})


class SituationTable(FileModel):
    """`class` in the file: the class a situation belongs to."""

    id: str
    kind: Text = Field(alias="class")
    text: Text
    source: str
    procedure: Text = NOTHING
    powers: Role | None = None
    days: int = 0
    treatments: tuple[Treatment, ...] = ()


class CatalogueFile(FileModel):
    title: Text
    situations: tuple[SituationTable, ...] = ()


def _wrong(row: SituationTable) -> Iterator[Finding]:
    key, names = f"situations[{row.id}]", [one.id for one in row.treatments]
    if row.powers is not None and row.powers not in DECIDES:
        said = ", ".join(role.value for role in DECIDES)
        yield f"{key}.powers", f"expected one of {said}, found {row.powers.value}"
    if not 0 <= row.days <= MOST_DAYS:
        yield f"{key}.days", f"expected a whole number from 0 to {MOST_DAYS}, found {row.days}"
    yield from _too_long(f"{key}.id", row.id)
    for name in names:
        if names.count(name) > 1:
            yield f"{key}.treatments[{name}].id", f"{name} stands here twice"
        yield from _too_long(f"{key}.treatments[{name}].id", name)


def _too_long(key: str, name: str) -> Iterator[Finding]:
    if len(name) > LONGEST_ID:
        yield key, f"expected {LONGEST_ID} characters at most, found {len(name)}"


def read_catalogue(file: str, content: str) -> Catalogue:
    """Read a catalogue file. Raises FileError with file, key and reason."""
    read = build(file, parse(file, content), CatalogueFile)
    found: dict[str, Situation] = {}
    for row in read.situations:
        if row.id in found:
            raise FileError(file, f"situations[{row.id}].id", f"{row.id} stands here twice")
        refuse(file, _wrong(row))
        found[row.id] = Situation(
            row.id, row.kind, row.text, row.source,
            row.procedure, row.powers, row.days, row.treatments,
        )  # fmt: skip
    if not found:
        raise FileError(file, "situations", "a catalogue needs at least one")
    return Catalogue(read.title, found)


__all__ = ["Catalogue", "FileError", "Situation", "Treatment", "read_catalogue"]
