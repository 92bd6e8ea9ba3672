"""书记的一周: on the first working day of a week whoever leads a branch is shown how it stands.

The reminders of that morning go into the same message (`Reminders`): nothing is said twice in a
day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.calendar.office_hours import day_of, digest_from, is_open
from domain.rulebook.schema import Role
from models import PostRow, Preference
from models.in_values import among
from services.casefile.procedure import Procedure
from services.core.database import Database
from services.core.ports import ROUTINE, Message
from services.messages.preferences import wishes_of_many
from services.messages.queue import WEEK, enqueue


@dataclass(frozen=True)
class Weeks:
    """Queues one digest a week for everybody who leads a branch and wants it."""

    database: Database
    procedure: Procedure

    def due(self, now: datetime) -> str:
        """Return the week whose digests are to be queued now, such as 2026-W49; "" for none. One
        that was missed for a whole day isn't made up for: each morning tells what presses anyway.
        """
        calendar, today = self.procedure.calendar, day_of(now)
        monday = today - timedelta(days=today.weekday())
        first = calendar.nth_working_day(monday, 1) == today
        year, week, _ = today.isocalendar()
        return f"{year}-W{week:02}" if first and is_open(now, calendar) else ""

    async def queue(self, now: datetime) -> int:
        """Queue the digests of this week; return how many weren't queued before. `now`: aware, a
        moment at which they are due."""
        week, told = self.due(now), 0
        async with self.database.write() as session:
            leading = select(PostRow).where(
                PostRow.role == Role.SECRETARY.value, col(PostRow.until).is_(None)
            )
            posts = (await session.exec(leading)).all()
            people = {post.person_id for post in posts}
            off = select(Preference).where(
                among(col(Preference.person_id), people), col(Preference.weekly).is_(False)
            )
            unwanted = {row.person_id for row in await session.exec(off)}
            wishes = await wishes_of_many(session, people)
            for post in posts:
                if post.person_id in unwanted:
                    continue
                at = digest_from(now, wishes[post.person_id], self.procedure.calendar)
                # The week stands in the matter: the digest before it stays, to compare.
                matter = f"{WEEK}:{week}:{post.organisation_id}"
                payload = {"organisation": post.organisation_id, "items": []}
                message = Message(matter, WEEK, week, payload, at, ROUTINE)
                told += await enqueue(session, (post.person_id,), message)
        return told
