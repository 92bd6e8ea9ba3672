"""Structured logs with ids of ours only: no token, no text, no person."""

import logging
import sys

import structlog

QUIET = ("httpx", "httpcore", "aiohttp", "aiogram", "telegram", "apscheduler", "alembic", "PIL",
         "pypdf", "aiosqlite", "sqlalchemy")  # fmt: skip
"""Libraries that write addresses (with the token in them), whole updates, rows, or what stands in
a photo."""


def set_up(level: str = "INFO") -> None:
    number = logging.getLevelNamesMapping()[level]
    # Ours is written by structlog. Of libraries only warnings, whatever our own level is.
    least = max(number, logging.WARNING)
    logging.basicConfig(level=least, stream=sys.stderr, format="%(message)s", force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
