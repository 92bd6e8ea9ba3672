"""责任追究: an organisation's own catalogue of situations. The sources list none, so none is known
here before a file says so (docs/procedure.md § 5)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.files.tables import FileError, Table
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


def read_catalogue(file: str, content: str) -> Catalogue:
    """Raises FileError with file, key and reason."""
    try:
        table = Table(file, "", tomllib.loads(content))
    except tomllib.TOMLDecodeError as error:
        raise FileError(file, "-", f"not valid TOML: {error}") from None
    found: dict[str, Situation] = {}
    for row in table.tables("situations"):
        made = Situation(
            row.string("id"), row.text("class"), row.text("text"), row.string("source")
        )
        row.close()
        if made.id in found:
            raise row.wrong("id", f"{made.id} stands here twice")
        found[made.id] = made
    title = table.text("title")
    table.close()
    if not found:
        raise table.wrong("situations", "a catalogue needs at least one")
    return Catalogue(title, found)


__all__ = ["Catalogue", "FileError", "Situation", "read_catalogue"]
