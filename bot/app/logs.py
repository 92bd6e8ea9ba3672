"""Structured logs with ids of ours only: no token, no text, no person.

A library's own words may quote any of these (an address with the token in it, the values of a
statement, a whole update), so only where it spoke and which error it met are written, never what it
said. The same holds for the error that ends a process.
"""

import logging
import sys
import warnings
from traceback import extract_tb
from types import TracebackType
from typing import TextIO

import structlog

QUIET = 60.0
"""Seconds for which a library that speaks at the same place again isn't written down: a flood of
strangers' requests must not fill the disk."""
STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
LINE = structlog.processors.JSONRenderer(ensure_ascii=False)


LINES = (structlog.processors.add_log_level, STAMP, LINE)


class RedactingFormatter(logging.Formatter):
    """Format a library's record as JSON, without its message."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        line = {
            "event": "library",
            "level": record.levelname.lower(),
            "logger": record.name,
            "where": f"{record.module}:{record.lineno}",
            **structlog.contextvars.get_contextvars(),
            **(described(error) if error else {}),
        }
        return str(LINE(None, "", STAMP(None, "", line)))


class DropRepeated(logging.Filter):
    """Let one record of a place through every QUIET seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[tuple[str, str, int, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        place = (record.name, record.module, record.lineno, kind.__name__ if kind else "")
        if record.created < self._written.get(place, float("-inf")) + QUIET:
            return False
        self._written[place] = record.created
        return True


def described(error: BaseException) -> dict[str, object]:
    """The kind of an error and where it arose, innermost first. Its text may quote a person."""
    frames = reversed(extract_tb(error.__traceback__))
    places = [f"{frame.name} in {frame.filename}:{frame.lineno}" for frame in frames]
    return {"error": type(error).__name__, "at": places}


def set_up(level: str = "INFO") -> None:
    """Write JSON lines to standard error: our own events whole, a library's records without their
    text."""
    number = logging.getLevelNamesMapping()[level]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter())
    handler.addFilter(DropRepeated())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *LINES],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.excepthook = _ended
    sys.unraisablehook = _unraisable
    warnings.showwarning = _warned


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    structlog.get_logger().critical("ended", **described(error))


def _unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    # Python's own hook writes the object and the error's text.
    error = unraisable.exc_value
    structlog.get_logger().error("unraisable", **(described(error) if error else {}))


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Write a warning as its kind and place: aiohttp's quotes the header of an upload, and with it
    the name of a file."""
    structlog.get_logger().warning("warned", kind=category.__name__, where=f"{filename}:{lineno}")
