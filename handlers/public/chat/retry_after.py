"""How long the messenger wants to be left alone."""

from datetime import timedelta

from telegram.error import RetryAfter


def seconds(refusal: RetryAfter) -> float:
    """The library gives a number or a duration, by its version and settings."""
    given = refusal.retry_after
    return given.total_seconds() if isinstance(given, timedelta) else float(given)
