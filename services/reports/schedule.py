"""Scheduled work on reports: fetch them at fixed hours, remind of the answer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, is_open
from domain.case.reports import answer_day
from domain.reports import HOLDING, WAITING, Channel, IntakeState, RegisterState
from models import NoticeRow, ReportRow, Setting
from services.casefile.procedure import Procedure
from services.core.database import Database
from services.reports.effects import close, directors, enter, in_charge, tell
from services.reports.exchange import Exchange, Received
from services.reports.register import batch_of

BATCH = "report_batch"
WITHDRAWN = "withdrawn"
"""The finding of a report that was taken back before it was answered."""
REMINDERS = (6, 4, 2, 1, 0)
"""Days before the answer is due on which its handler hears of it; then once more, late."""


@dataclass
class ReportClock:
    """`exchange`: None where this process has no way to the public side's database."""

    database: Database
    procedure: Procedure
    exchange: Exchange | None = None

    async def collect(self, now: datetime) -> int:
        """Enter what the public sent into the register, once for each fixed hour; return how many
        reports and letters are new. `now`: aware. The hours are fixed so that the moment at which
        staff are told says nothing of when somebody wrote."""
        slot = batch_of(now)
        if self.exchange is None or slot is None or not is_open(now, self.procedure.calendar):
            return 0
        received = await self.exchange.received()
        async with self.database.write() as session:
            # Two looks at the same moment would both find that nobody has fetched yet.
            await self.database.alone(session)
            last = await session.get(Setting, BATCH)
            if last is not None and last.value >= slot:
                return 0
            # In the commit of the reports: after a crash the whole batch is taken again.
            session.add(last or Setting(key=BATCH, value=slot))
            if last is not None:
                last.value = slot
            fresh = [item for item in received if await self._take(session, item, now)]
        return len(fresh)

    async def _take(self, session: AsyncSession, item: Received, now: datetime) -> bool:
        """Enter one report or its new letters; return whether there is something new to read."""
        statement = select(ReportRow).where(ReportRow.intake_id == item.id)
        known = (await session.exec(statement)).first()
        if known is not None:
            return await self._further(session, known, item, now)
        # Taken back before the batch: staff never learn of it.
        if item.state is IntakeState.WITHDRAWN:
            return False
        notice = await session.get(NoticeRow, item.notice) if item.notice else None
        row = ReportRow(
            intake_id=item.id,
            # Who can write there must not enter a letter that nobody has opened.
            channel=Channel.PAGE if item.channel == Channel.PAGE else Channel.BOT,
            received_on=item.received_on,
            answer_by=self._due(item.answer_by, item.received_on),
            letters=item.letters,
        )
        await enter(session, row, (notice.case_id,) if notice else (), self.procedure, now)
        return True

    async def _further(
        self, session: AsyncSession, row: ReportRow, item: Received, now: datetime
    ) -> bool:
        """Enter what a reporter did since: took the report back, or wrote on. A letter after the
        answer has a time of its own and holds no case (docs/decisions/0012)."""
        if item.state is IntakeState.WITHDRAWN:
            if row.state in WAITING:
                # What was found before stays: taking back a later letter undoes no finding.
                finding = WITHDRAWN if row.state in HOLDING else row.finding
                await close(session, row, finding, self.procedure, day_of(now))
            return False
        # By number, not by a mark: looked at twice, a letter is told once.
        if item.letters <= row.letters:
            return False
        row.letters = item.letters
        if item.state is IntakeState.AGAIN and row.state is RegisterState.CLOSED:
            due = self._due(item.answer_by, day_of(now))
            row.state, row.answer_by, row.closed_on = RegisterState.AGAIN, due, None
        session.add(row)
        people = await in_charge(session, row)
        return bool(await tell(session, row, people, f"letter:{item.letters}", now, letter=True))

    def _due(self, told: date, since: date) -> date:
        """The last day that the reporter was told, and never later than the rules say: whoever can
        write the public side's database gives nobody more time."""
        return min(told, answer_day(self.procedure.current, since, self.procedure.calendar))

    async def remind(self, now: datetime) -> int:
        """Remind the handlers of reports to be answered, once a rung; on the last day and after it
        the directors as well. Returns how many are told."""
        today, told = day_of(now), 0
        if not is_open(now, self.procedure.calendar):
            return 0
        async with self.database.write() as session:
            statement = select(ReportRow).where(
                col(ReportRow.state).in_(WAITING),
                col(ReportRow.answer_by) <= today + timedelta(days=REMINDERS[0]),
            )
            for row in await session.exec(statement):
                left = (row.answer_by - today).days
                people = list(await in_charge(session, row))
                if left <= 0:
                    people += await directors(session, row)
                told += await tell(session, row, people, _slot(row, left), now)
        return told


def _slot(row: ReportRow, left: int) -> str:
    """Return the name of the rung reached, by which the same reminder isn't queued twice. With the
    due day for a letter after the answer, whose reminders come a second time."""
    rung = min((days for days in REMINDERS if days >= left), default=REMINDERS[0])
    name = f"{rung}" if left >= 0 else "late"
    return f"{row.answer_by.isoformat()}:{name}" if row.state is RegisterState.AGAIN else name
