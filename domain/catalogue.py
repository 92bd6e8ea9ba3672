"""责任追究: an organisation's own catalogue of situations. The sources list none, so none is known
here before a file says so (docs/procedure.md § 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import Field

from domain.files.toml import FileError, FileModel, build, parse
from domain.rulebook.schema import Text

NOTHING = Text("", "")


@dataclass(frozen=True)
class Situation:
    """`kind`: the class it belongs to, in the organisation's own words."""

    id: str
    kind: Text
    text: Text
    source: str


@dataclass(frozen=True)
class Catalogue:
    """`situations` by id, in the order of the file. Empty where an organisation entered none."""

    title: Text = NOTHING
    situations: Mapping[str, Situation] = field(default_factory=dict)


class SituationTable(FileModel):
    """`class` in the file: the class a situation belongs to."""

    id: str
    kind: Text = Field(alias="class")
    text: Text
    source: str


class CatalogueFile(FileModel):
    title: Text
    situations: tuple[SituationTable, ...] = ()


def read_catalogue(file: str, content: str) -> Catalogue:
    """Read a catalogue file. Raises FileError with file, key and reason."""
    read = build(file, parse(file, content), CatalogueFile)
    found: dict[str, Situation] = {}
    for row in read.situations:
        if row.id in found:
            raise FileError(file, f"situations[{row.id}].id", f"{row.id} stands here twice")
        found[row.id] = Situation(row.id, row.kind, row.text, row.source)
    if not found:
        raise FileError(file, "situations", "a catalogue needs at least one")
    return Catalogue(read.title, found)


__all__ = ["Catalogue", "FileError", "Situation", "read_catalogue"]
