"""How a command refuses: one sentence, and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bot.app.settings import SettingsError
from domain.files.toml import FileError
from models.crypto import KeyProblem
from models.errors import NewerSchema

REFUSALS = (SettingsError, FileError, KeyProblem, NewerSchema)


@contextmanager
def refusing() -> Iterator[None]:
    """Exits with 2 and one sentence where something is set wrongly, or isn't what this version can
    work with."""
    try:
        yield
    except REFUSALS as problem:
        print(f"yinlu: {problem}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
