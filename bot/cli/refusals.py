"""How a command refuses: one sentence, and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from typing import NoReturn

from bot.app.settings import SettingsError
from domain.files.toml import FileError
from models.crypto import KeyProblem
from models.errors import NewerSchema

DISK_FULL = "53100"
"""As PostgreSQL calls it."""
SQLITE_FULL = "database or disk is full"
REFUSALS = (SettingsError, FileError, KeyProblem, NewerSchema)


@contextmanager
def refusing() -> Iterator[None]:
    """Exits with 2 and one sentence where something is set wrongly, or isn't what this version can
    work with."""
    try:
        yield
    except REFUSALS as problem:
        _refuse(str(problem))
    except Exception as problem:
        if not _disk_full(problem):
            raise
        _refuse("the disk is full: make room and run it again")


def _refuse(said: str) -> NoReturn:
    print(f"yinlu: {said}", file=sys.stderr)  # noqa: T201
    sys.exit(2)


def _disk_full(error: BaseException) -> bool:
    """Whether a full disk is behind an error. A database's own is reached as the cause of the one
    raised: to name its class here would load SQLAlchemy at every start of `run`."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in (ENOSPC, EDQUOT):
            return True
        if SQLITE_FULL in str(found) or getattr(found, "sqlstate", "") == DISK_FULL:
            return True
        found = found.__cause__
    return False
