"""One act of one person: what makes it unique, and when it happened."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Act:
    """One act of one person. `key` is unique per bot, update and act: run again, it returns the
    first result. `at` is an aware time."""

    key: str
    at: datetime


@dataclass(frozen=True)
class Acts:
    """Makes the acts of one update: `act("record")`. The same update gives the same keys, so an
    update handled again after a crash repeats no act. `at`: when it is handled, an aware time."""

    bot: int
    update: int
    at: datetime

    def __call__(self, name: str) -> Act:
        return Act(f"{self.bot}:{self.update}:{name}", self.at)
