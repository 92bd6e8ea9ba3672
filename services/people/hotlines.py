"""举报电话: set by a committee or the department, used by every notice at or below it (G三)."""

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.hotlines import Hotline, hotline_in
from domain.permissions import Permission, Place, may
from models import CaseFile, HotlineRow, NoticeRow, Organisation
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed, NotFound
from services.people.scope import branches_below, name_of, organisation, path_of
from services.people.views import Actor

LEVELS = ("department", "committee")
"""Those that have a number of their own; a branch's notices name the one above it."""


@dataclass(frozen=True)
class HotlineLine:
    """What an organisation has set; None while nothing is."""

    organisation_id: str
    organisation: str
    level: str
    hotline: Hotline | None


@dataclass
class Hotlines:
    database: Database

    async def all(self, actor: Actor) -> tuple[HotlineLine, ...]:
        """Return the organisations whose number the actor may set, the department first. Raises
        NotAllowed where there is none."""
        async with self.database.read() as session:
            statement = select(Organisation).where(col(Organisation.level).in_(LEVELS))
            rows = [
                row for row in await session.exec(statement) if await _may(session, actor, row.id)
            ]
            found = [await _line(session, row) for row in rows]
        if not found:
            raise NotAllowed(Permission.SET_HOTLINE)
        return tuple(sorted(found, key=lambda one: (one.level == "committee", one.organisation)))

    async def set(self, act: Act, actor: Actor, organisation_id: str, line: str) -> HotlineLine:
        """Set the number and the person of an organisation, as one line. Raises NotAllowed, and
        NotFound where the line lacks one of both."""
        async with self.database.act(act, actor) as work:
            place = await organisation(work.session, organisation_id)
            if place is None or place.level not in LEVELS:
                raise NotAllowed(organisation_id)
            if not await _may(work.session, actor, organisation_id):
                raise NotAllowed(organisation_id)
            if not work.repeated:
                hotline = hotline_in(line)
                if hotline is None:
                    raise NotFound("a number and a name")
                await _store(work, actor, organisation_id, hotline)
                await work.done("set_hotline", organisation_id)
            return await _line(work.session, place)


async def hotline_for(session: AsyncSession, organisation_id: str) -> Hotline | None:
    """Return the number that holds for an organisation: the nearest one set there or above."""
    path = await path_of(session, organisation_id)
    rows = await session.exec(select(HotlineRow).where(col(HotlineRow.organisation_id).in_(path)))
    known = {row.organisation_id: Hotline(row.phone, row.person) for row in rows}
    return next((known[place] for place in path if place in known), None)


async def _store(work: Work, actor: Actor, organisation_id: str, hotline: Hotline) -> None:
    session, today = work.session, day_of(work.act.at)
    row = await _row(session, organisation_id) or HotlineRow(
        organisation_id=organisation_id, since=today, set_by=actor.person_id
    )
    row.since, row.set_by = today, actor.person_id
    row.phone, row.person = hotline.phone, hotline.person
    session.add(row)
    # Published anew with the number, so that nobody rings one that was given up.
    running = (
        select(NoticeRow)
        .join(CaseFile, col(NoticeRow.case_id) == CaseFile.id)
        .where(col(CaseFile.organisation_id).in_(await branches_below(session, organisation_id)))
        .where(NoticeRow.last_day >= today)
    )
    for notice in await session.exec(running):
        notice.published = False
        session.add(notice)
    await session.flush()


async def _row(session: AsyncSession, organisation_id: str) -> HotlineRow | None:
    statement = select(HotlineRow).where(HotlineRow.organisation_id == organisation_id)
    return (await session.exec(statement)).first()


async def _line(session: AsyncSession, place: Organisation) -> HotlineLine:
    row, name = await _row(session, place.id), await name_of(session, place.id)
    hotline = Hotline(row.phone, row.person) if row else None
    return HotlineLine(place.id, name, place.level, hotline)


async def _may(session: AsyncSession, actor: Actor, organisation_id: str) -> bool:
    place = Place(organisation_id, await path_of(session, organisation_id))
    return may(Permission.SET_HOTLINE, actor.posts, place)
