"""How a command refuses: one sentence, and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from typing import NoReturn

from sqlalchemy.exc import DBAPIError

from bot.app.settings import SettingsError
from domain.files.toml import FileError
from models.crypto import KeyProblem
from models.errors import NewerSchema

DISK_FULL = "53100"
"""As PostgreSQL calls it."""
REFUSALS = (SettingsError, FileError, KeyProblem, NewerSchema)


@contextmanager
def refusing() -> Iterator[None]:
    """Exits with 2 and one sentence where something is set wrongly, or isn't what this version can
    work with."""
    try:
        yield
    except REFUSALS as problem:
        _refuse(str(problem))
    except (OSError, DBAPIError) as problem:
        if not _disk_full(problem):
            raise
        _refuse("the disk is full: make room and run it again")


def _refuse(said: str) -> NoReturn:
    print(f"yinlu: {said}", file=sys.stderr)  # noqa: T201
    sys.exit(2)


def _disk_full(error: OSError | DBAPIError) -> bool:
    if isinstance(error, OSError):
        return error.errno in (ENOSPC, EDQUOT)
    full = "database or disk is full" in str(error.orig)
    return full or getattr(error.orig, "sqlstate", "") == DISK_FULL
