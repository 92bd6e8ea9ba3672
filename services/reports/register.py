"""The register of reports: who may see what of it."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import ZONE
from domain.permissions import Permission
from domain.rulebook.schema import Role
from models import CaseFile, CaseHelper, Person, PostRow, ReportCase, ReportRow
from services.core.database import Database
from services.core.errors import NotAllowed
from services.core.guard import refuse_altered
from services.people.scope import require_in_department
from services.people.views import Actor
from services.reports.views import ReportCard, ReportedCase

BATCHES = (9, 15)
"""Hours at which reports are fetched, so that their time says nothing of who wrote them."""
REPORT = "report"


def batch_of(now: datetime) -> str | None:
    """Return the batch that is due, "day/hour" (sortable as text); None before the first hour."""
    here = now.astimezone(ZONE)
    hours = [hour for hour in BATCHES if here.hour >= hour]
    return f"{here.date().isoformat()}/{hours[-1]:02}" if hours else None


async def links_of(session: AsyncSession, report_id: str) -> tuple[ReportCase, ...]:
    """Return the cases that a report is about, in the order in which they were named."""
    statement = select(ReportCase).where(ReportCase.report_id == report_id)
    rows = (await session.exec(statement.order_by(col(ReportCase.number)))).all()
    # Without a row that was changed somebody would look impartial who isn't.
    refuse_altered(session)
    return tuple(rows)


async def cases_of(session: AsyncSession, report_id: str) -> tuple[str, ...]:
    """Return the ids of the cases that a report is about."""
    return tuple([link.case_id for link in await links_of(session, report_id)])


async def partial_in(session: AsyncSession, case_ids: Iterable[str]) -> frozenset[str]:
    """Return the ids of those who have a part in one of these cases: introducers and contacts, now
    or before, and everybody of its branch. They never see a report on it and can't be named to
    check it; so nobody learns of another person's case either that the report is about."""
    found: frozenset[str] = frozenset()
    for case_id in case_ids:
        found |= await _part_of(session, await session.get_one(CaseFile, case_id))
    return found


async def _part_of(session: AsyncSession, case: CaseFile) -> frozenset[str]:
    # Ended posts and ended help count as well: leaving makes nobody impartial.
    place = case.organisation_id
    helpers = await session.exec(select(CaseHelper).where(CaseHelper.case_id == case.id))
    posts = await session.exec(select(PostRow).where(PostRow.organisation_id == place))
    people = await session.exec(select(Person).where(Person.organisation_id == place))
    found = {*(row.person_id for row in (*helpers, *posts)), *(row.id for row in people)}
    # Without a row that was changed somebody would look impartial who isn't.
    refuse_altered(session)
    return frozenset(found)


async def impartial(session: AsyncSession, actor: Actor, report_id: str) -> bool:
    """Whether an actor has no part in any case that a report is about."""
    return actor.person_id not in await partial_in(session, await cases_of(session, report_id))


async def found(session: AsyncSession, actor: Actor, report_id: str) -> ReportRow:
    """Return a report that the actor may see in the register. Raises NotAllowed, also where there
    is none."""
    await require_in_department(session, actor, Permission.SEE_REPORTS)
    row = await session.get(ReportRow, report_id)
    if row is None or not await impartial(session, actor, row.id):
        raise NotAllowed(report_id)
    return row


async def handled(session: AsyncSession, actor: Actor, report_id: str) -> ReportRow:
    """Return a report that the actor handles: as director, or as the organiser named. Raises
    NotAllowed."""
    row = await found(session, actor, report_id)
    if Role.DIRECTOR not in actor.roles and row.organiser_id != actor.person_id:
        raise NotAllowed(report_id)
    return row


async def forget_content(database: Database, before: date) -> int:
    """Delete text, notes and answer of reports closed on `before` or earlier; day, class and
    decision stay. Returns how many (docs/promises.md P7)."""
    async with database.write() as session:
        statement = select(ReportRow).where(
            col(ReportRow.closed_on) <= before,
            # Find what still holds something: else each night would write the rows of all years.
            or_(col(ReportRow.text_sealed).is_not(None), ReportRow.notes_sealed != b""),
        )
        rows = (await session.exec(statement)).all()
        for row in rows:
            row.text, row.notes_sealed = None, b""
            session.add(row)
        return len(rows)


async def notes_of(session: AsyncSession, row: ReportRow) -> tuple[tuple[date, str, str], ...]:
    """Return the notes on a report: day, who noted it, text."""
    found = []
    for day, person_id, text in (row.notes or {}).get("log", ()):
        person = await session.get(Person, person_id)
        found.append((day, str(person.name) if person else "", text))
    return tuple(found)


async def card_of(session: AsyncSession, row: ReportRow) -> ReportCard:
    """Return what the register shows of a report: nothing of what it says."""
    cases = [await session.get_one(CaseFile, of) for of in await cases_of(session, row.id)]
    organiser = await session.get(Person, row.organiser_id) if row.organiser_id else None
    return ReportCard(
        report_id=row.id,
        channel=row.channel,
        received_on=row.received_on,
        answer_by=row.answer_by,
        state=row.state,
        finding=row.finding,
        about=tuple(ReportedCase(case.id, str(case.person)) for case in cases),
        organiser=str(organiser.name) if organiser else "",
        organiser_id=row.organiser_id,
    )
