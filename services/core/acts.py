"""One act of one person: what makes it unique, and when it happened."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Act:
    """One act of one person. `key` is unique per bot, update and act: run again, it returns the
    first result. `at` is an aware time."""

    key: str
    at: datetime
