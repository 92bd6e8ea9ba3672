"""The file of cells: which there are, where their settings stand, and what those say."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from bot.app.settings import FEWEST_CONNECTIONS, Settings, SettingsError
from bot.setup.files import EnvironmentFile
from domain.files.toml import FileModel, Finding, build, parse, read_text, refuse

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
"""Of a cell: it stands in names of databases and in labels of metrics."""
SETTINGS = "staff.env"
"""As `yinlu setup` calls the settings of the staff bot."""
POSTGRES = "postgresql+asyncpg://"


class PlanFile(FileModel):
    """`control`: the control database, for several processes. `server`: where `yinlu cell new`
    makes databases, as somebody who may. `folder`: each folder in it that has settings is a cell.
    `cells`: others, by name, with their settings or the folder of these. `connections`: to
    PostgreSQL, that a cell opens at most whose own settings don't say."""

    control: str = ""
    server: str = ""
    folder: str = ""
    health_port: int = Field(default=0, ge=0, le=65535)
    connections: int = Field(default=FEWEST_CONNECTIONS, ge=FEWEST_CONNECTIONS, le=1000)
    cells: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """`named`: settings by the name of their cell."""

    path: Path
    control: str
    server: str
    folder: Path | None
    health_port: int
    connections: int
    named: Mapping[str, Path]

    def cells(self) -> dict[str, Path]:
        """The settings of each cell there is now, also of those made since the file was read.
        Raises OSError where the folder can't be looked at: that isn't the same as no cells."""
        found = dict(self.named)
        if self.folder is not None:
            for entry in sorted(os.listdir(self.folder)):
                settings = self.folder / entry / SETTINGS
                if NAME.fullmatch(entry) and _is_there(settings):
                    found.setdefault(entry, settings)
        return found


def _is_there(settings: Path) -> bool:
    """Also where nobody lets us look: that is this cell's trouble, and said with its name."""
    try:
        return settings.exists()
    except OSError:
        return True


def read(path: Path) -> Plan:
    """Raises FileError. Paths in the file are seen from its folder."""
    file, here = path.name, path.absolute().parent
    found = build(file, parse(file, read_text(path, str(path))), PlanFile)
    refuse(file, _wrong(found))
    folder = here / found.folder if found.folder else None
    named = {name: _settings(here / at) for name, at in found.cells.items()}
    port, most = found.health_port, found.connections
    return Plan(path, found.control, found.server, folder, port, most, named)


def _wrong(found: PlanFile) -> Iterator[Finding]:
    for key, url in (("control", found.control), ("server", found.server)):
        if url and not url.startswith(POSTGRES):
            yield key, f"expected an address that begins with {POSTGRES}"
    for name in found.cells:
        if not NAME.fullmatch(name):
            yield f"cells.{name}", "expected small letters, digits and _, 31 at most"
    if not (found.folder or found.cells):
        yield "cells", "expected at least one, or a folder"


def _settings(at: Path) -> Path:
    return at / SETTINGS if at.is_dir() else at


def settings_of(file: Path, moves: bool = False, connections: int | None = None) -> Settings:
    """Read the settings of a cell. `moves`: whether other processes may take it over.
    `connections`: of a cell whose settings don't say. Raises SettingsError."""
    try:
        if not file.exists():
            raise SettingsError(f"{file}: there is no such file")
        settings = EnvironmentFile(file).settings()
    except OSError as error:
        raise SettingsError(f"{file}: it can't be read ({error.strerror})") from None
    # A cell's own folder would otherwise depend on where the process was started.
    if not settings.data.is_absolute():
        raise SettingsError("YINLU_DATA: expected the cell's own folder, from / on")
    if settings.webhook_url:
        raise SettingsError("YINLU_WEBHOOK_URL: a cell fetches its updates; take it out")
    if moves and settings.staff_database.startswith("sqlite"):
        raise SettingsError("DATABASE_URL: expected PostgreSQL, since the cell may be moved")
    # What a broken restore left behind looks whole to a bot.
    settings.refuse_half_restored()
    if connections is None or "connections" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"connections": connections})
