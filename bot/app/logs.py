"""Structured logs with ids of ours only: no token, no text, no person.

A library's own words may quote any of these (an address with the token in it, the values of a
statement, a whole update), so only where it spoke and which error it met are written, never what it
said. The same holds for the error that ends a process.
"""

import logging
import sys
from traceback import extract_tb
from types import TracebackType

import structlog

STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
LINE = structlog.processors.JSONRenderer(ensure_ascii=False)


class RedactingFormatter(logging.Formatter):
    """Format a library's record as JSON, without its message."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        line = {
            "event": "library",
            "level": record.levelname.lower(),
            "logger": record.name,
            "where": f"{record.module}:{record.lineno}",
            **(described(error) if error else {}),
        }
        return str(LINE(None, "", STAMP(None, "", line)))


def described(error: BaseException) -> dict[str, object]:
    """The kind of an error and where it arose, innermost first. Its text may quote a person."""
    frames = reversed(extract_tb(error.__traceback__))
    places = [f"{frame.name} in {frame.filename}:{frame.lineno}" for frame in frames]
    return {"error": type(error).__name__, "at": places}


def set_up(level: str = "INFO") -> None:
    number = logging.getLevelNamesMapping()[level]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[structlog.processors.add_log_level, STAMP, LINE],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.excepthook = _ended


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    structlog.get_logger().critical("ended", **described(error))
