"""One act of one person: what makes it unique, and when it happened."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Act:
    """One act of one person. `key` is unique per bot, update and act: run again, the act returns
    its first result. `at`: an aware time."""

    key: str
    at: datetime


@dataclass(frozen=True)
class Acts:
    """Make the acts of one update, `acts("record")`. `at`: when it is handled, an aware time.
    `source`: who brought it (`services.messages.chats`): each counts its updates by itself."""

    bot: int
    update: int
    at: datetime
    source: int = 0

    def __call__(self, name: str) -> Act:
        # Never random: handled again after a crash, the update must arrive at the same key.
        bot = f"{self.bot}.{self.source}" if self.source else self.bot
        return Act(f"{bot}:{self.update}:{name}", self.at)
