"""Find the cases of a person's lists: within reach, by name, waiting for them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.kinds import HELPERS
from models import CaseFile, CaseHelper, CaseWaiting
from models.among import among
from services.people.scope import branches_below
from services.people.views import Actor


async def _reach(session: AsyncSession, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return two conditions: cases at or below the actor's posts, and cases they help in."""
    places: set[str] = set()
    for post in actor.posts:
        # A helper's post opens no branch: helpers see the cases they help in.
        if post.role not in HELPERS:
            places.update(await branches_below(session, post.organisation_id))
    statement = select(CaseHelper).where(
        CaseHelper.person_id == actor.person_id, col(CaseHelper.until).is_(None)
    )
    helping = {row.case_id for row in await session.exec(statement)}
    return among(col(CaseFile.organisation_id), places), among(col(CaseFile.id), helping)


async def found_by(
    session: AsyncSession, actor: Actor, text: str, also: Sequence[ColumnElement[bool]] = ()
) -> Sequence[str]:
    """Return the ids of the cases within reach whose name contains `text`, the newest first.
    `also`: what else holds of them."""
    here = and_(or_(*await _reach(session, actor)), *also)
    newest = (col(CaseFile.opened_on).desc(), col(CaseFile.id))
    if not text:
        return (await session.exec(select(CaseFile.id).where(here).order_by(*newest))).all()
    # Names are sealed, so a search decrypts all within reach; without a text none is opened.
    cases = await session.exec(select(CaseFile).where(here).order_by(*newest))
    return [case.id for case in cases if text in case.person.lower()]


async def waiting_for(session: AsyncSession, actor: Actor) -> Sequence[str]:
    """Return the ids of the cases that wait for a role of the actor, ended ones too while their end
    calls for something. A superset: who acts is told by the progress of each."""
    below, helping = await _reach(session, actor)
    posts, helpers = actor.roles - HELPERS, sorted(HELPERS)
    turn = select(CaseWaiting.case_id).where(CaseWaiting.case_id == CaseFile.id)
    mine = or_(
        below & turn.where(col(CaseWaiting.role).in_(posts)).exists(),
        helping & turn.where(col(CaseWaiting.role).in_(helpers)).exists(),
    )
    return (await session.exec(select(CaseFile.id).where(mine))).all()
