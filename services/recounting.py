"""Dates counted anew when the plan of holidays has changed (RULES § 7)."""

from datetime import date, timedelta

from sqlmodel import col, select

from models import CaseFile, DeadlineRow
from services.base import Database
from services.case_rows import Procedure, load_case, rederive

AT_ONCE = 50


async def recount(database: Database, procedure: Procedure, today: date) -> int:
    """Derives the dates of every case that were counted with another plan; gives how many cases.
    Run at night: what is to be said today still is."""
    counted = 0
    while True:
        async with database.write() as session:
            statement = (
                select(DeadlineRow.case_id)
                .where(col(DeadlineRow.calendar_version) != procedure.calendar.version)
                .distinct()
                .limit(AT_ONCE)
            )
            cases = (await session.exec(statement)).all()
            for case_id in cases:
                case = await session.get_one(CaseFile, case_id)
                loaded = await load_case(session, case, procedure)
                await rederive(session, loaded, procedure, today - timedelta(days=1))
        if not cases:
            return counted
        counted += len(cases)
