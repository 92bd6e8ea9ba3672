"""What the timetable calls. Each job asks for what is due at the time it is handed, and ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.house import Services

KEPT = timedelta(days=2)
"""The messenger gives an update again for a day at most."""


@dataclass
class Jobs:
    """`written` is called when there are messages to send, `looked` after every look."""

    services: Services
    now: Callable[[], datetime]
    written: Callable[[], None]
    looked: Callable[[], None] = lambda: None

    async def look(self) -> None:
        """Everything that has to be told now."""
        if await self.services.reminders.look(self.now()):
            self.written()
        self.looked()

    async def tidy(self) -> None:
        await self.services.inbox.forget(self.now() - KEPT)
