"""Take out cases that nobody has worked on: brought by a sheet, or opened by an oversight."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import BreachRow, CaseFile, CaseHelper, CaseWaiting, DeadlineRow, EntryRow
from models.in_values import among
from models.tables import tables_of_a_case
from services.casefile.outlooks import forget_outlooks
from services.casefile.sums import drop_from_sums
from services.cases.search import forget_name
from services.core.guard import delete_rows

FOLLOWS = (DeadlineRow, CaseWaiting, CaseHelper, BreachRow)
"""What a case has that follows from its entries."""
TOUCHED = tuple({*tables_of_a_case()} - {*FOLLOWS, EntryRow})
"""What somebody has added to it: every other table, one that a later version brings as well."""
ENTERED = (EntryRow, CaseHelper, BreachRow)
"""What is there once a step was entered."""


async def touched(session: AsyncSession, ids: Sequence[str], but: Sequence[Any] = ()) -> set[str]:
    """Return those of these cases to which somebody has added something beside their entries.
    `but`: tables that don't matter."""
    found = await _named_in(session, [table for table in TOUCHED if table not in but], ids)
    # A breach that somebody has assigned a situation or treated.
    rows = await session.exec(select(BreachRow).where(among(col(BreachRow.case_id), ids)))
    return found | {row.case_id for row in rows if row.situation or row.treated_on}


async def untouched(session: AsyncSession, case_id: str) -> bool:
    """Whether a case is as it was opened: nothing entered, nobody named, nothing added."""
    return not await _named_in(session, (*ENTERED, *TOUCHED), (case_id,))


async def _named_in(session: AsyncSession, tables: Sequence[Any], ids: Sequence[str]) -> set[str]:
    """Those of these cases that have a row in one of the tables."""
    found = set[str]()
    for table in tables:
        rows = await session.exec(_of_cases(table), params={"cases": [*ids]})
        found |= {row.case_id for row in rows}
    return found


@cache
def _of_cases(table: Any) -> Any:
    return select(table).where(col(table.case_id).in_(bindparam("cases", expanding=True)))


async def remove(session: AsyncSession, cases: Sequence[CaseFile]) -> None:
    """Delete cases with their entries and what follows from them; their audit lines stay. Ask
    `touched` or `untouched` before."""
    # Take them out of the sums first: in what one counts stands in its own row.
    await drop_from_sums(session, cases)
    # Written first, and before the cases: the others refer to those, and no relationship says so.
    await session.flush()
    for table in (*FOLLOWS, EntryRow):
        await delete_rows(session, table, [case.id for case in cases])
    await forget_outlooks(session, [case.id for case in cases])
    for case in cases:
        forget_name(session, case.id)
        await session.delete(case)
    await session.flush()
