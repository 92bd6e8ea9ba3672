"""Write what follows from a case's entries, and what holds it from outside of them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import DateKind, OpenStep, Progress
from domain.case.progress import assess
from domain.plans import LEVELS
from domain.rulebook.schema import Role
from models import CaseWaiting, DeadlineRow, HoldRow
from models.columns import new_id
from models.macs import count
from services.casefile.load import LoadedCase
from services.casefile.procedure import Procedure
from services.casefile.sums import keep_sums
from services.core.guard import HAND, insert_rows

NOTHING: Mapping[tuple[str, str, date], date] = {}


def _waits(item: OpenStep) -> frozenset[Role]:
    """Return the roles on whose to-do list a step may stand: a superset, since it is stored and
    some of what decides changes without an act on the case."""
    # A name climbs the levels of the plan while its case doesn't change.
    if item.step.planned:
        return LEVELS
    # Somebody asked by name may become unreachable any day; then the secretary confirms on paper.
    named = item.waits_for & set(item.step.each_signs)
    return item.turn | {Role.SECRETARY} if named else item.turn


async def rederive(
    session: AsyncSession, loaded: LoadedCase, procedure: Procedure, today: date
) -> Progress:
    """Rewrite what is stored of a case's state (status, stage, sums, waiting roles, deadlines) and
    return the progress it comes from. Stored only because lists, statistics and reminders can't
    replay every case."""
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    loaded.case.status, loaded.case.stage = progress.status, progress.stage
    session.add(loaded.case)
    await keep_sums(session, loaded, procedure)
    await _wait_for_nobody(session, loaded.case.id)
    unsaid = await _take_off(session, loaded.case.id, today)
    # What refers to a case is no object, and isn't kept back for it.
    await session.flush()
    await insert_rows(session, CaseWaiting, waiting(loaded.case.id, progress))
    dates = deadlines(loaded.case.id, progress, procedure, today, unsaid)
    await insert_rows(session, DeadlineRow, dates)
    return progress


def waiting(case_id: str, progress: Progress) -> list[dict[str, Any]]:
    """Return whom a case waits for, as rows of CaseWaiting."""
    roles = frozenset[Role]().union(*(_waits(item) for item in progress.open))
    return [{"case_id": case_id, "role": role.value} for role in sorted(roles)]


def deadlines(
    case_id: str,
    progress: Progress,
    procedure: Procedure,
    today: date,
    unsaid: Mapping[tuple[str, str, date], date] = NOTHING,
) -> list[dict[str, Any]]:
    """Return the dates of a case as rows of DeadlineRow. `unsaid`: when to look for those whose
    rung has come and wasn't said yet, by step, limit and due day."""
    # By it a changed calendar finds what it has to count anew.
    version = procedure.calendar.version
    return [
        {
            "id": new_id(),
            "case_id": case_id,
            "step": one.step,
            "limit_id": one.limit,
            "kind": one.kind.value,
            "due_on": one.on,
            "source": one.source,
            "ladder": one.ladder,
            "provisional": one.provisional,
            "calendar_version": version,
            "next_look": unsaid.get(
                (one.step, one.limit, one.on), next_look(one.on, one.kind, one.ladder, today)
            ),
        }
        for one in progress.deadlines
    ]


async def _wait_for_nobody(session: AsyncSession, case_id: str) -> None:
    gone = delete(CaseWaiting).where(col(CaseWaiting.case_id) == case_id)
    macs = (await session.exec(gone.returning(col(CaseWaiting.mac)), execution_options=HAND)).all()
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
    gone = (
        delete(DeadlineRow)
        .where(col(DeadlineRow.case_id) == case_id)
        .returning(
            col(DeadlineRow.step),
            col(DeadlineRow.limit_id),
            col(DeadlineRow.due_on),
            col(DeadlineRow.next_look),
            col(DeadlineRow.mac),
        )
    )
    rows = (await session.exec(gone, execution_options=HAND)).all()
    for row in rows:
        count(session.sync_session, DeadlineRow, case_id, row.mac, None)
    said = ((row.step, row.limit_id, row.due_on, row.next_look) for row in rows)
    return {(step, limit, due): look for step, limit, due, look in said if look and look <= today}


def next_look(due: date, kind: DateKind, ladder: Iterable[int], after: date) -> date | None:
    """Return the next day after `after` on which to remind of a deadline due on `due`; None once
    the ladder (days before it, negative: after) has ended. An earliest date is told on its day
    where it names none."""
    rungs = tuple(ladder) or ((0,) if kind == DateKind.EARLIEST else ())
    days = sorted(due - timedelta(days=rung) for rung in rungs)
    return next((day for day in days if day > after), None)


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
