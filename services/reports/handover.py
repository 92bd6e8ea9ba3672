"""Hand over an organiser's open reports when the post ends."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.reports import WAITING, RegisterState
from domain.rulebook.schema import Role
from models import ReportRow
from services.people.handovers import Ending
from services.reports.register import cases_of, partial_in


async def hand_over_reports(session: AsyncSession, ending: Ending) -> int:
    """Give open reports to the successor; where there is none, or the successor has a part in the
    case, back to the director. Returns how many. Runs in the transaction that ends the post."""
    if ending.role is not Role.ORGANISER:
        return 0
    statement = select(ReportRow).where(
        ReportRow.organiser_id == ending.person_id, col(ReportRow.state).in_(WAITING)
    )
    rows = (await session.exec(statement)).all()
    for row in rows:
        cases = await cases_of(session, row.id)
        partial = ending.successor_id in await partial_in(session, cases)
        row.organiser_id = None if partial else ending.successor_id
        # As new, since only a report without an organiser waits for the director.
        if row.organiser_id is None and row.state is RegisterState.CHECKING:
            row.state = RegisterState.NEW
        session.add(row)
    await session.flush()
    return len(rows)
