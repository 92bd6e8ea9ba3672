"""Where somebody is who went to another city, as it is known here."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import DepartureRow, PeerMessage, PeerRow
from models.city_moves import CityMoveState
from services.cases.views import Gone


async def departure_of(session: AsyncSession, case_id: str) -> DepartureRow | None:
    """Return the last departure of a case that wasn't given back."""
    statement = (
        select(DepartureRow)
        .where(DepartureRow.case_id == case_id, DepartureRow.state != CityMoveState.REFUSED)
        .order_by(col(DepartureRow.left_at).desc())
    )
    return (await session.exec(statement.limit(1))).first()


async def gone(session: AsyncSession, case_id: str) -> Gone | None:
    """Return where the person of an ended case went; None for who didn't go to another city."""
    row = await departure_of(session, case_id)
    if row is None:
        return None
    peer = await session.get(PeerRow, row.peer_id)
    message = await session.get(PeerMessage, row.message_id)
    arrived = message.arrived_at if message else None
    name = peer.name if peer else ""
    return Gone(name, row.to, row.left_at, arrived, row.answered_at, row.answer or "")
