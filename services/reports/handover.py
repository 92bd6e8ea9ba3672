"""What becomes of the reports in somebody's hands when their post ends."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.reports import WAITING, RegisterState
from domain.rulebook.schema import Role
from models import ReportRow
from services.people.posts import Ending
from services.reports.register import partial_in


async def hand_over_reports(session: AsyncSession, ending: Ending) -> int:
    """They go to the successor; where there is none, or they have a part in the case, back to the
    director, who names somebody else. Gives how many."""
    if ending.role is not Role.ORGANISER:
        return 0
    statement = select(ReportRow).where(
        ReportRow.organiser_id == ending.person_id, col(ReportRow.state).in_(WAITING)
    )
    rows = (await session.exec(statement)).all()
    for row in rows:
        partial = ending.successor_id in await partial_in(session, row.case_id)
        row.organiser_id = None if partial else ending.successor_id
        if row.organiser_id is None and row.state is RegisterState.CHECKING:
            row.state = RegisterState.NEW
        session.add(row)
    await session.flush()
    return len(rows)
