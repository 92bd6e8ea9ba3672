"""Recount the dates of all open cases after a change of the calendar, in batches.

Each deadline holds the version of the calendar by which it was counted, so that the rows tell what
is left: broken off anywhere, a recount continues where it stopped. A date that moves leaves an
audit line in its case. Notices whose result is entered are over, and stay.

A case that has a stored outlook isn't read: that says from what its dates are counted
(`services.casefile.outlooks`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.facts import Deadline
from domain.case.progress import dates_of
from domain.case.public_notice import notice_of
from domain.rulebook.schema import Rulebook, Unit
from models import CaseFile, DeadlineRow, EntryRow, NoticeRow
from models.crypto import KeyProblem
from models.in_values import among
from services.casefile.follows import next_look
from services.casefile.load import facts_of_many
from services.casefile.outlooks import dates_of_many
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.audit import append_to_many
from services.core.database import Database
from services.core.guard import HAND, change_rows, every_column, plain_rows

BATCH = 250
ACTOR = "calendar"
Moved = list[list[object]]
"""Step, what moved, the day before, the day now."""


Rows = list[tuple[Any, Mapping[str, object]]]
"""Dates as they are stored, each with what changes."""


@dataclass(frozen=True)
class Recounted:
    """Numbers of cases: recounted, with a date that moved, and those that no key opens."""

    cases: int = 0
    moved: int = 0
    unread: int = 0


@dataclass
class Recount:
    """Recounts dates after a change of the calendar."""

    database: Database
    procedure: Procedure

    async def run(self, now: datetime) -> Recounted:
        """Recount until no deadline is left that was counted by another calendar. A case that no
        key opens keeps its dates and is tried again the next time; `yinlu doctor` names it."""
        await self._untouched()
        cases = moved = 0
        unread: list[str] = []
        after = ""
        while True:
            # Commit each batch: acts wait for some hundred cases, never for a whole city's.
            async with self.database.write() as session:
                ids = await self._stale(session, after, unread)
                if not ids and not after:
                    return Recounted(cases - len(unread), moved, len(unread))
                if ids:
                    moved += await self._batch(session, ids, now, unread)
            cases += len(ids)
            # At the end once more from the beginning: a process with the calendar of before may
            # have entered something meanwhile.
            after = ids[-1] if ids else ""

    async def left(self) -> int:
        """Return how many cases still have to be recounted."""
        stale = col(DeadlineRow.calendar_version) != self.procedure.calendar.version
        async with self.database.read() as session:
            counted = select(func.count(func.distinct(DeadlineRow.case_id))).where(stale)
            return (await session.exec(counted)).one()

    async def _untouched(self) -> None:
        """Mark dates in months and calendar days as counted at once, since no calendar moves them:
        most cases needn't be replayed."""
        version = self.procedure.calendar.version
        async with self.database.write() as session:
            names = set(await session.exec(select(CaseFile.rulebook).distinct()))
            moving = frozenset().union(*(dependent(self.procedure.find(name)) for name in names))
            still = (
                update(DeadlineRow)
                .where(col(DeadlineRow.calendar_version) != version)
                .where(col(DeadlineRow.limit_id).not_in(moving))
            )
            # Under no MAC, as this is done to all rows at once.
            await session.exec(still.values(calendar_version=version), execution_options=HAND)

    async def _stale(self, session: AsyncSession, after: str, unread: Sequence[str]) -> list[str]:
        stale = col(DeadlineRow.calendar_version) != self.procedure.calendar.version
        # In order, so that no batch goes through all that those before it have counted.
        behind = select(DeadlineRow.case_id).where(stale, col(DeadlineRow.case_id) > after)
        statement = behind.distinct().order_by(col(DeadlineRow.case_id)).limit(BATCH)
        if unread:
            # Left out until the next run: found again and again, they would never let this one end.
            statement = statement.where(col(DeadlineRow.case_id).not_in(unread))
        return list(await session.exec(statement))

    async def _batch(
        self, session: AsyncSession, ids: Sequence[str], now: datetime, unread: list[str]
    ) -> int:
        today, version = day_of(now), self.procedure.calendar.version
        before = await _rows(session, ids)
        notices = await _notices(session, ids)
        moves: dict[str, Moved] = {}
        changed: Rows = []
        for case_id, (book, dates) in (await self._dates(session, ids, unread)).items():
            moved = _dates(before[case_id], dates, today, changed)
            moved += self._notice(book, dates, notices.get(case_id, ()))
            if moved:
                moves[case_id] = moved
        # Not by `database.act`: run again, a recount must count what is left.
        act = Act(f"recount:{now.isoformat()}", now)
        append_to_many(session, act, ACTOR, "recount", moves)
        await change_rows(session, DeadlineRow, changed)
        read = [case_id for case_id in ids if case_id not in unread]
        counted = update(DeadlineRow).where(among(col(DeadlineRow.case_id), read))
        await session.exec(counted.values(calendar_version=version), execution_options=HAND)
        return len(moves)

    async def _dates(
        self, session: AsyncSession, ids: Sequence[str], unread: list[str]
    ) -> dict[str, tuple[Rulebook, tuple[Deadline, ...]]]:
        """Return rulebook and dates of cases, by the calendar in use. Appends to `unread` those
        that can't be read: their dates stay as they are until somebody has put them right."""
        found = await dates_of_many(session, ids, self.procedure)
        touched = [case_id for case_id in ids if case_id not in found]
        known = await facts_of_many(session, touched, self.procedure) if touched else {}
        unread += [case_id for case_id in touched if case_id not in known]
        for case_id, (book, facts) in known.items():
            try:
                found[case_id] = book, dates_of(book, facts, self.procedure.calendar)
            except KeyProblem:
                unread.append(case_id)
        return found

    def _notice(
        self,
        book: Rulebook,
        dates: Sequence[Deadline],
        notices: Iterable[tuple[NoticeRow, EntryRow]],
    ) -> Moved:
        """Move the last day of notices that still hang, and publish them once more."""
        moved: Moved = []
        for row, entry in notices:
            if not _hangs(entry.step, dates, book):
                continue
            step = book.step(entry.step)
            period = notice_of(step, entry.done_on, self.procedure.calendar)
            if row.last_day != period.last_day:
                moved.append([step.id, "notice", row.last_day, period.last_day])
                row.first_day, row.last_day = period.first_day, period.last_day
                row.published = False
        return moved


def _dates(
    rows: Mapping[tuple[str, str], Any], dates: Iterable[Deadline], today: date, changed: Rows
) -> Moved:
    """Append every date that differs to `changed`, and return those whose day moved. A calendar
    moves dates; it makes none and ends none."""
    moved: Moved = []
    for new in dates:
        old = rows.get((new.step, new.limit))
        if old is None or (old.due_on, old.provisional) == (new.on, new.provisional):
            continue
        look = old.next_look
        if old.due_on != new.on:
            moved.append([new.step, new.limit, old.due_on, new.on])
            # As of yesterday, so that a date moved onto a rung of today is told today.
            look = next_look(new.on, new.kind, new.ladder, today - timedelta(days=1))
        values = {"due_on": new.on, "provisional": new.provisional, "next_look": look}
        changed.append((old, values))
    return moved


def dependent(book: Rulebook) -> frozenset[str]:
    """Return the ids of the limits whose day a calendar can move."""
    # `8a.last_day` and the like: the end of a notice is itself the later of two counts.
    return frozenset(
        limit.id
        for step in book.steps
        for limit in step.limits
        if limit.unit is Unit.WORKING_DAYS or "_day" in limit.of
    )


def _hangs(step: str, deadlines: Iterable[Deadline], book: Rulebook) -> bool:
    """Whether a notice still hangs: then a date of an open step is counted from it."""
    limits = {(s.id, limit.id): limit.of for s in book.steps for limit in s.limits}
    return any(limits[d.step, d.limit].startswith(f"{step}.") for d in deadlines)


async def _rows(session: AsyncSession, ids: Sequence[str]) -> dict[str, dict[tuple[str, str], Any]]:
    found: dict[str, dict[tuple[str, str], Any]] = {case_id: {} for case_id in ids}
    statement = every_column(DeadlineRow).where(among(col(DeadlineRow.case_id), ids))
    for row in await plain_rows(session, DeadlineRow, statement):
        found[row.case_id][row.step, row.limit_id] = row
    return found


async def _notices(
    session: AsyncSession, ids: Sequence[str]
) -> dict[str, list[tuple[NoticeRow, EntryRow]]]:
    statement = select(NoticeRow, EntryRow).where(
        among(col(NoticeRow.case_id), ids), NoticeRow.entry_id == EntryRow.id
    )
    found: dict[str, list[tuple[NoticeRow, EntryRow]]] = {}
    for row, entry in await session.exec(statement):
        found.setdefault(row.case_id, []).append((row, entry))
    return found
