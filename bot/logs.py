"""Structured logs with ids of ours only: no token, no text, no person."""

import logging
import sys

import structlog

QUIET = ("httpx", "httpcore", "aiohttp", "aiogram", "telegram", "apscheduler", "alembic")
"""Libraries that write addresses (with the token in them) or whole updates."""


def set_up(level: str = "INFO") -> None:
    number = logging.getLevelNamesMapping()[level]
    logging.basicConfig(level=number, stream=sys.stderr, format="%(message)s", force=True)
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
