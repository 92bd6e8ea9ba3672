"""Where something failed: never what was said when it did."""

import traceback
from pathlib import Path

import structlog

from services.core.database import away

log = structlog.get_logger()


def location_of(error: BaseException | None) -> str:
    """The innermost line of ours that an error passed through."""
    steps = traceback.extract_tb(error.__traceback__) if error else []
    ours = [
        step for step in steps if "/handlers/" in step.filename or "/services/" in step.filename
    ]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""


def log_if_away(error: Exception) -> None:
    """Raises `error` where it isn't the database."""
    if not away(error):
        raise error
    log.warning("database_away", error=type(error).__name__, at=location_of(error))
