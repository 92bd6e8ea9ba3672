"""Detect that the messenger wasn't reached for so long that it has dropped updates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import next_open
from models import Person, Setting
from services.core.database import Database
from services.core.ports import URGENT, Message
from services.messages.queue import enqueue

GAP = "gap"
KEPT = timedelta(hours=24)
"""Telegram keeps an update for a day."""


@dataclass
class Gaps:
    """Detects gaps, for each bot apart."""

    database: Database
    calendar: WorkCalendar

    async def heard(self, bot: str, now: datetime) -> timedelta | None:
        """Note that the messenger has just answered. After more than a day without an answer, tell
        everybody who can be reached, in the same commit, and return the length of the gap."""
        async with self.database.write("heard") as session:
            # Two processes that hear again at the same moment would both find the gap.
            await self.database.alone(session)
            last = await session.get(Setting, f"heard:{bot}")
            if last is None:
                session.add(Setting(key=f"heard:{bot}", value=now.isoformat()))
                return None
            since = datetime.fromisoformat(last.value)
            # A clock that was put back is no gap, and must not make one when it is put right.
            last.value = max(since, now).isoformat()
            if now - since <= KEPT:
                return None
            statement = select(Person).where(
                col(Person.chat_index).is_not(None), col(Person.blocked_at).is_(None)
            )
            # The beginning of a gap names it: found again, it is told once.
            slot = since.isoformat(timespec="seconds")
            hours, at = int((now - since) / timedelta(hours=1)), next_open(now, self.calendar)
            message = Message(f"{GAP}:{bot}", GAP, slot, {"hours": hours}, at, URGENT)
            await enqueue(session, [person.id for person in await session.exec(statement)], message)
            return now - since
