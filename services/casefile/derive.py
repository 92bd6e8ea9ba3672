"""Write what follows from a case's entries, and what holds it from outside of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Progress
from domain.case.progress import assess
from domain.figures.counting import counted
from models import CaseWaiting, DeadlineRow, HoldRow
from models.columns import new_id
from models.macs import by_hand, count
from services.casefile.follows import Values, dates_of, waits_for
from services.casefile.load import LoadedCase
from services.casefile.outlooks import keep_of
from services.casefile.procedure import Procedure
from services.casefile.sums import place
from services.core.guard import insert_rows

# Built once: every act runs them. Of the tables, since no act has these rows as objects: a session
# would look for some.
_WAITING, _DEADLINES = (
    SQLModel.metadata.tables[str(table.__tablename__)] for table in (CaseWaiting, DeadlineRow)
)
_WAITED: Any = (
    delete(_WAITING).where(_WAITING.c.case_id == bindparam("case")).returning(_WAITING.c.mac)
)
_DATED: Any = (
    delete(_DEADLINES)
    .where(_DEADLINES.c.case_id == bindparam("case"))
    .returning(*(_DEADLINES.c[name] for name in ("step", "limit_id", "due_on", "next_look", "mac")))
)


async def rederive(
    session: AsyncSession, loaded: LoadedCase, procedure: Procedure, today: date
) -> Progress:
    """Rewrite what is stored of a case's state (status, stage, sums, waiting roles, deadlines,
    outlook) and return the progress it comes from. Stored only because lists, statistics and
    reminders can't replay every case."""
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    loaded.case.status, loaded.case.stage = progress.status, progress.stage
    session.add(loaded.case)
    await keep_sums(session, loaded, procedure)
    await _wait_for_nobody(session, loaded.case.id)
    unsaid = await _take_off(session, loaded.case.id, today)
    # What refers to a case is no object, and isn't kept back for it.
    await session.flush()
    await insert_rows(session, CaseWaiting, waiting(loaded.case.id, waits_for(progress)))
    dates = dates_of(progress, procedure.calendar, today, unsaid)
    await insert_rows(session, DeadlineRow, deadlines(loaded.case.id, dates))
    keep_of(session, loaded, progress, procedure, today)
    return progress


async def keep_sums(session: AsyncSession, loaded: LoadedCase, procedure: Procedure) -> None:
    """Count a case anew, and move the sums by what has changed."""
    counts = counted(loaded.book, loaded.facts, procedure.calendar)
    await place(session, loaded.case, counts)


def waiting(case_id: str, roles: Iterable[str]) -> list[dict[str, Any]]:
    """Return whom a case waits for, as rows of CaseWaiting."""
    return [{"case_id": case_id, "role": role} for role in roles]


def deadlines(case_id: str, dates: Iterable[Values]) -> list[dict[str, Any]]:
    """Return the dates of a case as rows of DeadlineRow."""
    return [{"id": new_id(), "case_id": case_id, **one} for one in dates]


async def _wait_for_nobody(session: AsyncSession, case_id: str) -> None:
    gone = await by_hand(session, _WAITED, {"case": case_id})
    macs = gone.all()
    for (mac,) in macs:
        count(session.sync_session, CaseWaiting, case_id, mac, None)


async def _take_off(
    session: AsyncSession, case_id: str, today: date
) -> dict[tuple[str, str, date], date]:
    """Delete the stored dates of a case; return when to look for those whose rung has come and
    wasn't said yet, by step, limit and due day.

    A rung that falls on a weekend is said on the next working day: an act in between must not
    skip it, and with the last rung the word to whoever is above.
    """
    gone = await by_hand(session, _DATED, {"case": case_id})
    rows = gone.all()
    for row in rows:
        count(session.sync_session, DeadlineRow, case_id, row.mac, None)
    said = ((row.step, row.limit_id, row.due_on, row.next_look) for row in rows)
    return {(step, limit, due): look for step, limit, due, look in said if look and look <= today}


async def hold_case(session: AsyncSession, case_id: str, reason: str, today: date) -> None:
    """Hold a case at its next gate, once for each reason."""
    known = select(HoldRow).where(
        HoldRow.case_id == case_id, HoldRow.reason == reason, col(HoldRow.released_on).is_(None)
    )
    # Several reports share one hold, which goes with the last of them (`reports.effects.close`).
    if (await session.exec(known)).first() is None:
        session.add(HoldRow(case_id=case_id, reason=reason, since=today))
        await session.flush()


async def release_case(session: AsyncSession, case_id: str, reason: str, today: date) -> None:
    """End the holds of a case for a reason."""
    statement = select(HoldRow).where(
        HoldRow.case_id == case_id, HoldRow.reason == reason, col(HoldRow.released_on).is_(None)
    )
    for row in await session.exec(statement):
        row.released_on = today
        session.add(row)
    await session.flush()
