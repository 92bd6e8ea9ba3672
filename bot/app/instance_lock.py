"""A lock that a process holds while it runs, where two at the same time would do harm."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.app.settings import SettingsError


@contextmanager
def alone(lock: Path, otherwise: str) -> Iterator[None]:
    """Hold `lock`, a file that stays; the system frees it however the process ends. Raises
    SettingsError saying `otherwise` where another process holds it."""
    handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(otherwise) from None
        yield
    finally:
        os.close(handle)
