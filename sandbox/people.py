"""Who is at the local messenger: read without loading anything of the services."""

import tomllib
from pathlib import Path
from typing import Any

from messenger.core.settings import PEOPLE

FILE = Path(__file__).with_name("cast.toml")


def read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def people() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Everybody at the local messenger: the six of its own, and who else the cast has."""
    return PEOPLE | {name: (shown, ("staff",)) for name, shown in read(FILE)["beside"].items()}
