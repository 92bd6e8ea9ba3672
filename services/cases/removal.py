"""Take out a case that nobody has worked on: brought by a sheet, or opened by an oversight."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import BreachRow, CaseFile, CaseHelper, CaseWaiting, DeadlineRow, EntryRow
from models.tables import tables_of_a_case
from services.casefile.sums import drop_from_sums
from services.cases.names import forget_name

FOLLOWS = (DeadlineRow, CaseWaiting, CaseHelper, BreachRow)
"""What a case has that follows from its entries."""
TOUCHED = tuple({*tables_of_a_case()} - {*FOLLOWS, EntryRow})
"""What somebody has added to it: every other table, one that a later version brings as well."""
ENTERED = (EntryRow, CaseHelper, BreachRow)
"""What is there once a step was entered."""


async def touched(session: AsyncSession, case_id: str) -> bool:
    """Whether somebody has added something to a case beside its entries."""
    if await _any(session, case_id, TOUCHED):
        return True
    # A breach that somebody has assigned a situation or treated.
    rows = await session.exec(select(BreachRow).where(BreachRow.case_id == case_id))
    return any(row.situation or row.treated_on for row in rows)


async def untouched(session: AsyncSession, case_id: str) -> bool:
    """Whether a case is as it was opened: nothing entered, nobody named, nothing added."""
    return not await _any(session, case_id, (*ENTERED, *TOUCHED))


async def _any(session: AsyncSession, case_id: str, tables: Sequence[Any]) -> bool:
    for table in tables:
        statement = select(table).where(col(table.case_id) == case_id).limit(1)
        if (await session.exec(statement)).first() is not None:
            return True
    return False


async def remove(session: AsyncSession, case: CaseFile) -> None:
    """Delete a case with its entries and what follows from them; its audit lines stay. Ask
    `touched` or `untouched` before."""
    # Take it out of the sums first: in what it counts stands in its own row.
    await drop_from_sums(session, case)
    # Delete row by row: in bulk the ledger of the case's chain would miss it.
    for table in (*FOLLOWS, EntryRow):
        for row in await session.exec(select(table).where(col(table.case_id) == case.id)):
            await session.delete(row)
    # Flush them before the case: they refer to it, and no relationship says so.
    await session.flush()
    forget_name(session, case.id)
    await session.delete(case)
    await session.flush()
