"""举报电话: set, replaced and withdrawn by a committee or the department. Every notice at or below
it names the one that stands (G三)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.hotlines import Hotline, hotline_in
from domain.organisations import COMMITTEE, DEPARTMENT
from domain.permissions import Permission
from domain.reports import OPEN_AFTER
from models import CaseFile, HotlineRow, NoticeRow, Organisation
from models.in_values import among
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed, NotFound
from services.people.scope import allowed_at, branches_below, name_of, organisation, path_of
from services.people.views import Actor

LEVELS = (DEPARTMENT, COMMITTEE)
"""Those that have a number of their own; a branch's notices name the one above it."""


@dataclass(frozen=True)
class EarlierHotline:
    """One that was replaced or withdrawn, and on which days it stood."""

    hotline: Hotline
    since: date
    until: date


@dataclass(frozen=True)
class HotlineLine:
    """What an organisation has set; None while nothing is. `inherited`: what holds there instead,
    from above. `earlier`: those before, the newest first."""

    organisation_id: str
    organisation: str
    level: str
    hotline: Hotline | None
    inherited: Hotline | None = None
    earlier: tuple[EarlierHotline, ...] = ()


@dataclass
class Hotlines:
    database: Database

    async def all(self, actor: Actor) -> tuple[HotlineLine, ...]:
        """Return the organisations whose number the actor may set, the department first. Raises
        NotAllowed where there is none."""
        async with self.database.read() as session:
            statement = select(Organisation).where(col(Organisation.level).in_(LEVELS))
            rows = [
                row
                for row in await session.exec(statement)
                if await allowed_at(session, actor, row.id, Permission.SET_HOTLINE)
            ]
            found = [await _line(session, row) for row in rows]
        if not found:
            raise NotAllowed(Permission.SET_HOTLINE)
        return tuple(sorted(found, key=lambda one: (one.level == COMMITTEE, one.organisation)))

    async def set(self, act: Act, actor: Actor, organisation_id: str, line: str) -> HotlineLine:
        """Set the number and the person of an organisation, as one line; what stood there before
        is kept. Raises NotAllowed, and NotFound where the line lacks one of both."""
        async with self.database.act(act, actor) as work:
            place = await _place(work.session, actor, organisation_id)
            if not work.repeated:
                hotline = hotline_in(line)
                if hotline is None:
                    raise NotFound("a number and a name")
                await _store(work, actor, organisation_id, hotline)
                await work.done("set_hotline", organisation_id)
            return await _line(work.session, place)

    async def withdraw(self, act: Act, actor: Actor, organisation_id: str) -> HotlineLine:
        """Withdraw the number of an organisation; notices there name the one above it from now on,
        or none. Raises NotAllowed, and NotFound where nothing is set."""
        async with self.database.act(act, actor) as work:
            place = await _place(work.session, actor, organisation_id)
            if not work.repeated:
                if not await _end(work, actor, organisation_id):
                    raise NotFound("a number that is set")
                await _publish_anew(work, organisation_id)
                await work.done("withdraw_hotline", organisation_id)
            return await _line(work.session, place)


async def hotline_for(session: AsyncSession, organisation_id: str) -> Hotline | None:
    """Return the number that holds for an organisation: the nearest one set there or above."""
    return await _nearest(session, await path_of(session, organisation_id))


async def _nearest(session: AsyncSession, path: tuple[str, ...]) -> Hotline | None:
    statement = select(HotlineRow).where(
        col(HotlineRow.organisation_id).in_(path), col(HotlineRow.until).is_(None)
    )
    rows = await session.exec(statement)
    known = {row.organisation_id: Hotline(row.phone, row.person) for row in rows}
    return next((known[place] for place in path if place in known), None)


async def _place(session: AsyncSession, actor: Actor, organisation_id: str) -> Organisation:
    """Raises NotAllowed."""
    place = await organisation(session, organisation_id)
    if place is None or place.level not in LEVELS:
        raise NotAllowed(organisation_id)
    if not await allowed_at(session, actor, organisation_id, Permission.SET_HOTLINE):
        raise NotAllowed(organisation_id)
    return place


async def _store(work: Work, actor: Actor, organisation_id: str, hotline: Hotline) -> None:
    session, rows = work.session, await _rows(work.session, organisation_id)
    standing = next((row for row in rows if row.until is None), None)
    # Entered again as it is: nothing to keep as earlier, and no notice to publish anew.
    if standing is not None and Hotline(standing.phone, standing.person) == hotline:
        return
    await _end(work, actor, organisation_id)
    row = HotlineRow(
        organisation_id=organisation_id,
        number=len(rows) + 1,
        since=day_of(work.act.at),
        set_by=actor.person_id,
    )
    row.phone, row.person = hotline.phone, hotline.person
    session.add(row)
    await _publish_anew(work, organisation_id)


async def _end(work: Work, actor: Actor, organisation_id: str) -> bool:
    """End what stands there; False where nothing does."""
    for row in await _rows(work.session, organisation_id):
        if row.until is None:
            row.until, row.ended_by = day_of(work.act.at), actor.person_id
            work.session.add(row)
            return True
    return False


async def _publish_anew(work: Work, organisation_id: str) -> None:
    """Have every notice that can be reported on published again, so that nobody rings a number that
    was given up."""
    session, today = work.session, day_of(work.act.at)
    shown = (
        select(NoticeRow)
        .join(CaseFile, col(NoticeRow.case_id) == CaseFile.id)
        .where(among(col(CaseFile.organisation_id), await branches_below(session, organisation_id)))
        .where(NoticeRow.last_day >= today - OPEN_AFTER)
    )
    for notice in await session.exec(shown):
        notice.published = False
        session.add(notice)
    await session.flush()


async def _rows(session: AsyncSession, organisation_id: str) -> list[HotlineRow]:
    """Return all that were ever set there, the newest first."""
    statement = select(HotlineRow).where(HotlineRow.organisation_id == organisation_id)
    return list(await session.exec(statement.order_by(col(HotlineRow.number).desc())))


async def _line(session: AsyncSession, place: Organisation) -> HotlineLine:
    rows, path = await _rows(session, place.id), await path_of(session, place.id)
    standing = [Hotline(row.phone, row.person) for row in rows if row.until is None]
    return HotlineLine(
        organisation_id=place.id,
        organisation=await name_of(session, place.id),
        level=place.level,
        hotline=standing[0] if standing else None,
        # Without its own: what would hold if that were withdrawn.
        inherited=await _nearest(session, tuple(one for one in path if one != place.id)),
        earlier=tuple(
            EarlierHotline(Hotline(row.phone, row.person), row.since, row.until)
            for row in rows
            if row.until is not None
        ),
    )
