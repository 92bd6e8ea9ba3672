"""What is bound to a person and not to a post goes to whoever comes after."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.posts import ends_helping, leaves_drafts
from domain.rulebook.schema import Role
from domain.states import EndReason
from models import CaseFile, CaseHelper, Draft, Invitation, OutgoingRow, PostRow
from models.in_values import among
from models.messages import SendState
from models.people import ResponsibleRow
from services.core.ports import Message
from services.people.scope import branches_below
from services.people.views import EndedPost

HANDED_OVER, LINK_DECLINED = "handed_over", "link_declined"


Tell = Callable[[AsyncSession, Iterable[str], Message], Awaitable[int]]
"""Queues a message for persons in the transaction; returns for how many it wasn't queued before."""


@dataclass(frozen=True)
class Ending:
    """A post that ends. `successor_id`: who takes over, None for nobody yet."""

    post_id: str
    person_id: str
    role: Role
    organisation_id: str
    reason: EndReason
    successor_id: str | None
    at: datetime


async def hand_over_committees(session: AsyncSession, ending: Ending) -> int:
    """Give an organiser's committees to the successor, or to nobody until they are given anew."""
    if ending.role is not Role.ORGANISER:
        return 0
    mine = col(ResponsibleRow.person_id) == ending.person_id
    rows = (await session.exec(select(ResponsibleRow).where(mine))).all()
    for row in rows:
        if ending.successor_id is None:
            await session.delete(row)
        else:
            row.person_id, row.since = ending.successor_id, day_of(ending.at)
            session.add(row)
    await session.flush()
    # Cached by `responsible_for`, which would still find who has just left.
    session.info.pop("responsible", None)
    return len(rows)


async def hand_over_drafts(session: AsyncSession, ending: Ending) -> tuple[int, int]:
    """Give half-filled forms at the post's place to the successor; return how many go on and how
    many are deleted. Without a successor they wait for who joins that post next."""
    rows = await _drafts_at(session, ending.person_id, ending.organisation_id)
    if not leaves_drafts(ending.role, ending.reason):
        await session.exec(delete(Draft).where(among(col(Draft.id), [row.id for row in rows])))
        return 0, len(rows)
    if ending.successor_id is not None:
        await _give(session, rows, ending.successor_id)
    return len(rows), 0


async def take_over_drafts(session: AsyncSession, post: PostRow) -> None:
    """Give a person who joins what those left behind who held the same post before."""
    before = select(PostRow).where(
        PostRow.role == post.role,
        PostRow.organisation_id == post.organisation_id,
        PostRow.person_id != post.person_id,
        col(PostRow.until).is_not(None),
    )
    # All who held it before: a post may have changed hands without a successor more than once.
    for person_id in {row.person_id for row in await session.exec(before)}:
        if not await _holds_there(session, person_id, post):
            left = await _drafts_at(session, person_id, post.organisation_id)
            await _give(session, left, post.person_id)


async def _holds_there(session: AsyncSession, person_id: str, post: PostRow) -> bool:
    held = select(PostRow).where(
        PostRow.person_id == person_id,
        PostRow.organisation_id == post.organisation_id,
        col(PostRow.until).is_(None),
    )
    return (await session.exec(held)).first() is not None


async def _drafts_at(session: AsyncSession, person_id: str, organisation_id: str) -> list[Draft]:
    places = await branches_below(session, organisation_id)
    statement = (
        select(Draft)
        .join(CaseFile, col(CaseFile.id) == Draft.case_id)
        .where(Draft.person_id == person_id, among(col(CaseFile.organisation_id), places))
    )
    return list((await session.exec(statement)).all())


async def _give(session: AsyncSession, drafts: list[Draft], person_id: str) -> None:
    """A person has one draft of a step: their own stays, and the other goes."""
    own = select(Draft.case_id, Draft.step).where(Draft.person_id == person_id)
    begun = set((await session.exec(own)).all())
    for draft in drafts:
        if (draft.case_id, draft.step) in begun:
            await session.delete(draft)
        else:
            # It still opens: its answers are sealed to the row, not to the person.
            draft.person_id = person_id
            session.add(draft)
            begun.add((draft.case_id, draft.step))
    await session.flush()


async def end_help(session: AsyncSession, ending: Ending) -> int:
    """End a person's help in cases where the post's end asks for it, and return in how many. Nobody
    takes over: helpers are chosen by the branch."""
    if not ends_helping(ending.role, ending.reason):
        return 0
    statement = select(CaseHelper).where(
        CaseHelper.person_id == ending.person_id, col(CaseHelper.until).is_(None)
    )
    rows = (await session.exec(statement)).all()
    for row in rows:
        row.until = ending.at
        session.add(row)
    await session.flush()
    return len({row.case_id for row in rows})


async def tell_successor(
    tell: Tell, session: AsyncSession, ending: Ending, ended: EndedPost
) -> None:
    """Queue what was handed over, in words for the successor."""
    if ending.successor_id is None:
        return
    counts = {"reports": ended.reports, "committees": ended.committees, "drafts": ended.drafts}
    named = {"person": ended.person, "role": ended.role.value, "organisation": ended.organisation}
    post = ending.post_id
    message = Message(f"post:{post}", HANDED_OVER, post, named | counts, ending.at)
    await tell(session, (ending.successor_id,), message)


async def tell_at_last(session: AsyncSession, person_id: str, at: datetime) -> None:
    """Send what was handed over to somebody who only now has a chat to read it in."""
    waited = (
        col(OutgoingRow.person_id) == person_id,
        col(OutgoingRow.kind) == HANDED_OVER,
        col(OutgoingRow.state) == SendState.UNREACHABLE,
    )
    for row in (await session.exec(select(OutgoingRow).where(*waited).with_for_update())).all():
        row.state, row.not_before = SendState.NEW, at
        session.add(row)


async def forget_shown(session: AsyncSession, person_id: str) -> None:
    """Forget which messages stand in a chat that was lost: in the next one, perhaps another
    messenger's, the same numbers are other messages."""
    shown = OutgoingRow.person_id == person_id, col(OutgoingRow.message_id).is_not(None)
    for row in (await session.exec(select(OutgoingRow).where(*shown).with_for_update())).all():
        row.message_id = None
        session.add(row)


async def tell_inviter(
    tell: Tell, session: AsyncSession, invitation: Invitation, person: str, at: datetime
) -> bool:
    """Queue that a link was opened by somebody else; False where nobody issued it."""
    if invitation.invited_by is None:
        return False
    link, payload = invitation.id, {"person": person, "link": invitation.id}
    message = Message(f"invitation:{link}", LINK_DECLINED, link, payload, at)
    return bool(await tell(session, (invitation.invited_by,), message))
