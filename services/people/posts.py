"""End posts, revoke links and lock out lost telephones: whoever is gone must see nothing more.

Whoever may invite somebody to a role at a place may also end that post there, never their own: a
department whose last director had gone could be entered by nobody again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Role
from domain.states import EndReason
from models import Invitation, Organisation, OutgoingRow, Person, PostRow
from models.columns import open_text
from models.in_values import among
from models.messages import UNDER_WAY, SendState
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.core.guard import every_column, plain_rows
from services.people.handovers import (
    Ending,
    Tell,
    end_help,
    hand_over_committees,
    hand_over_drafts,
    tell_successor,
)
from services.people.not_yet_joined import unjoined
from services.people.people import (
    INVITES,
    invite,
    is_open,
    posts_of,
    require_all_posts,
    require_at,
)
from services.people.scope import allowed_at, branches_below, organisation, paths_of, tree
from services.people.views import (
    Actor,
    EndedPost,
    HeldPost,
    NewLink,
    OpenInvitation,
    PersonChoice,
    Staffing,
)

SUCCESSORS = 8
MOST_INVITED = 12
"""At once: so many links with their codes fit into one message."""


HandOver = Callable[[AsyncSession, Ending], Awaitable[int]]
"""Moves what is open and bound to a person, in the same transaction; returns how many."""


@dataclass(frozen=True)
class Posts:
    """`hand_over_reports`, `tell`: handed in, because reports and messages are no matter of this
    package."""

    database: Database
    hand_over_reports: HandOver
    tell: Tell

    async def overview(self, actor: Actor, at: datetime) -> Staffing:
        """Return every post and open link that the actor may end, by place."""
        async with self.database.read() as session:
            organisations, here = await tree(session), await _places(session, actor)
            places = [place for place in here if place in organisations.rows]
            await paths_of(session, places)
            names = {place: organisations.named(place)[1] for place in places}
            posts = [
                _held(row, person, names[row.organisation_id])
                for row, person in await _open_posts(session, places)
                if person.id != actor.person_id and await _may(session, actor, row)
            ]
            links = [
                _invited(row, person, names[row.organisation_id])
                for row, person in await _open_links(session, places, at)
                if await _may(session, actor, row)
            ]
        return Staffing(
            tuple(sorted(posts, key=lambda item: (item.organisation, item.role, item.person))),
            tuple(sorted(links, key=lambda item: (item.organisation, item.role, item.person))),
        )

    async def unjoined(
        self, actor: Actor, organisation_id: str, at: datetime
    ) -> tuple[PersonChoice, ...]:
        """Return who is named as introducer or contact at a branch and hasn't joined, as far as
        one act invites them. Raises NotAllowed."""
        async with self.database.read() as session:
            await require_at(session, actor, INVITES[Role.INTRODUCER], organisation_id)
            people = await unjoined(session, organisation_id, at)
            return tuple(PersonChoice(*one) for one in people[:MOST_INVITED])

    async def invite_unjoined(
        self, act: Act, actor: Actor, organisation_id: str
    ) -> tuple[NewLink, ...]:
        """Give each of `unjoined` a one-time link to the post of introducer, all or none. Raises
        NotAllowed."""
        async with self.database.act(act, actor) as work:
            session = work.session
            if not work.repeated:
                await require_at(session, actor, INVITES[Role.INTRODUCER], organisation_id)
                role, inviter, tokens = Role.INTRODUCER, actor.person_id, []
                people = await unjoined(session, organisation_id, act.at)
                for person, name in people[:MOST_INVITED]:
                    token = await invite(session, act, inviter, role, organisation_id, "", person)
                    tokens.append((name, token))
                # Sealed in the audit line: run again, the act shows the same links.
                await work.done("invite_unjoined", tokens)
            return tuple(NewLink(str(name), str(token)) for name, token in work.result)

    async def post(self, actor: Actor, post_id: str) -> HeldPost:
        """Raises NotAllowed."""
        async with self.database.read() as session:
            row = await self._post(session, actor, post_id)
            place = await session.get_one(Organisation, row.organisation_id)
            return _held(row, await session.get_one(Person, row.person_id), str(place.name))

    async def successors(
        self, actor: Actor, post_id: str, at: datetime
    ) -> tuple[PersonChoice, ...]:
        """Return who holds the same post, or is invited to it. Raises NotAllowed."""
        async with self.database.read() as session:
            row = await self._post(session, actor, post_id)
            return await _successors(session, row, at)

    async def end(
        self,
        act: Act,
        actor: Actor,
        post_id: str,
        reason: EndReason,
        day: date,
        successor_id: str | None = None,
    ) -> EndedPost:
        """End a post at once, given up on `day`, and hand what is open to the successor. Raises
        NotAllowed, also for a day to come."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return await _ended_before(work.session, work.result)
            row = await self._post(work.session, actor, post_id)
            if day > day_of(act.at):
                raise NotAllowed(day)
            known = {choice.person_id for choice in await _successors(work.session, row, act.at)}
            if successor_id is not None and successor_id not in known:
                raise NotAllowed(successor_id)
            ended = await self._end(work, actor, row, reason, day, successor_id)
            # Ids instead of names: the audit line stays when a name is corrected.
            result = {**asdict(ended), "role": ended.role.value, "post": post_id}
            result.update(person=row.person_id, organisation=row.organisation_id)
            await work.done("end_post", {**result, "successor": successor_id})
            return ended

    async def _end(
        self,
        work: Work,
        actor: Actor,
        row: PostRow,
        reason: EndReason,
        day: date,
        successor_id: str | None,
    ) -> EndedPost:
        session, at = work.session, work.act.at
        row.until, row.ended_on, row.ended_by, row.end_reason = at, day, actor.person_id, reason
        session.add(row)
        await session.flush()
        place = row.organisation_id
        ending = Ending(row.id, row.person_id, Role(row.role), place, reason, successor_id, at)
        named = await _names(session, row, successor_id)
        drafts, dropped = await hand_over_drafts(session, ending)
        ended = replace(
            named,
            reports=await self.hand_over_reports(session, ending),
            committees=await hand_over_committees(session, ending),
            drafts=drafts,
            dropped=dropped,
            cases=await end_help(session, ending),
            revoked=await _close_links(session, row, at),
        )
        # After the post's end was flushed, so that it isn't counted among those still held.
        if not await posts_of(session, row.person_id):
            await _drop_messages(session, row.person_id)
        await tell_successor(self.tell, session, ending, ended)
        return ended

    async def take_back(self, act: Act, actor: Actor, post_id: str) -> NewLink:
        """Lock out whoever opened a link that wasn't for them, and return a new one for whom it was
        meant. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return await _given_before(work.session, work.result)
            session = work.session
            row = await self._post(session, actor, post_id)
            used = await session.get(Invitation, row.invitation_id) if row.invitation_id else None
            if used is None:
                raise NotAllowed(post_id)
            day = day_of(act.at)
            await self._end(work, actor, row, EndReason.MISTAKE, day, None)
            opened_by = await session.get_one(Person, row.person_id)
            # A stranger came in on the row of whom it was for; a known person on a row of their
            # own.
            if opened_by.id == used.person_id and not await posts_of(session, opened_by.id):
                # A person has one chat: with the stranger's still there, the new link would be
                # refused.
                _without_chat(opened_by)
            await require_all_posts(session, actor, used.person_id)
            token = await invite(
                session, act, actor.person_id, Role(row.role), row.organisation_id, "",
                used.person_id,
            )  # fmt: skip
            result = {"person": used.person_id, "token": token}
            await work.done("take_back_link", result)
            return await _given_before(session, result)

    async def revoke(self, act: Act, actor: Actor, invitation_id: str) -> None:
        """Revoke a link. Raises NotAllowed, also once it was opened."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return
            row = await self._link(work.session, actor, invitation_id, act.at)
            row.revoked_at = act.at
            work.session.add(row)
            await work.done("revoke_invitation", invitation_id)

    async def renew(self, act: Act, actor: Actor, invitation_id: str) -> NewLink:
        """Give a person another link in place of one that nobody has opened. The old one can't be
        shown again, since only its hash is kept. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return await _given_before(work.session, work.result)
            session = work.session
            row = await session.get(Invitation, invitation_id)
            # One that was closed or is too old as well: its person waits for another.
            if row is None or row.used_at is not None or not await _may(session, actor, row):
                raise NotAllowed(invitation_id)
            await require_all_posts(session, actor, row.person_id)
            row.revoked_at = act.at
            session.add(row)
            token = await invite(
                session, act, actor.person_id, Role(row.role), row.organisation_id, "",
                row.person_id, rejoins=row.rejoins,
            )  # fmt: skip
            result = {"person": row.person_id, "token": token}
            await work.done("renew_invitation", result)
            return await _given_before(session, result)

    async def invitation(self, actor: Actor, invitation_id: str, at: datetime) -> OpenInvitation:
        """Raises NotAllowed, also once it was opened."""
        async with self.database.read() as session:
            row = await self._link(session, actor, invitation_id, at)
            place = await session.get_one(Organisation, row.organisation_id)
            return _invited(row, await session.get_one(Person, row.person_id), str(place.name))

    async def lost_telephone(self, act: Act, actor: Actor, person_id: str) -> str:
        """Lock out a person's chat at once, and return the token of a link by which the same person
        comes back. Only for who may end all their posts: the link opens them all, a higher one as
        well. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            session = work.session
            person = await session.get(Person, person_id)
            posts = await posts_of(session, person_id)
            if person is None or not posts or person_id == actor.person_id:
                raise NotAllowed(person_id)
            await require_all_posts(session, actor, person_id)
            _without_chat(person)
            session.add(person)
            # Also what they issued: whoever has the telephone may have made a link for later.
            await _revoke(session, act.at, col(Invitation.person_id) == person_id)
            await _revoke(session, act.at, col(Invitation.invited_by) == person_id)
            first = posts[0]
            token = await invite(
                session, act, actor.person_id, Role(first.role), first.organisation_id, "",
                person_id, rejoins=True,
            )  # fmt: skip
            await work.done("lost_telephone", token)
            return token

    async def _link(
        self, session: AsyncSession, actor: Actor, invitation_id: str, at: datetime
    ) -> Invitation:
        row = await session.get(Invitation, invitation_id)
        if row is None or not is_open(row, at) or not await _may(session, actor, row):
            raise NotAllowed(invitation_id)
        return row

    async def _post(self, session: AsyncSession, actor: Actor, post_id: str) -> PostRow:
        row = await session.get(PostRow, post_id)
        if row is None or row.until is not None or row.person_id == actor.person_id:
            raise NotAllowed(post_id)
        if not await _may(session, actor, row):
            raise NotAllowed(post_id)
        return row


def _held(row: Any, person: Any, organisation: str) -> HeldPost:
    """`row`, `person`: objects, or plain rows."""
    return HeldPost(
        post_id=row.id,
        person_id=person.id,
        person=open_text(person.name_sealed, "person", "name_sealed", person.id),
        role=Role(row.role),
        organisation_id=row.organisation_id,
        organisation=organisation,
        since=row.since,
        joined=person.chat_index is not None,
    )


def _invited(row: Invitation, person: Person, organisation: str) -> OpenInvitation:
    return OpenInvitation(
        invitation_id=row.id,
        person_id=person.id,
        person=str(person.name),
        role=Role(row.role),
        organisation_id=row.organisation_id,
        organisation=organisation,
        expires_at=row.expires_at,
    )


def _without_chat(person: Person) -> None:
    person.chat = person.chat_index = person.blocked_at = None


async def _may(session: AsyncSession, actor: Actor, row: Any) -> bool:
    """`row`: a post or an invitation, or the plain row of one."""
    permission = INVITES.get(Role(row.role))
    if permission is None:
        return False
    return await allowed_at(session, actor, row.organisation_id, permission)


async def _places(session: AsyncSession, actor: Actor) -> Sequence[str]:
    ids: dict[str, None] = {}
    for post in actor.posts:
        ids.update(dict.fromkeys(await branches_below(session, post.organisation_id)))
    return tuple(ids)


async def _open_posts(session: AsyncSession, places: Sequence[str]) -> Sequence[tuple[Any, Any]]:
    """Return the posts that are held at these organisations, and who holds them, as plain rows."""
    held = col(PostRow.until).is_(None), among(col(PostRow.organisation_id), places)
    rows = await plain_rows(session, PostRow, every_column(PostRow).where(*held))
    theirs = every_column(Person).where(among(col(Person.id), (row.person_id for row in rows)))
    people = {person.id: person for person in await plain_rows(session, Person, theirs)}
    return [(row, people[row.person_id]) for row in rows if row.person_id in people]


async def _open_links(
    session: AsyncSession, places: Sequence[str], at: datetime
) -> Sequence[tuple[Invitation, Person]]:
    statement = select(Invitation, Person).where(
        Invitation.person_id == Person.id,
        among(col(Invitation.organisation_id), places),
        col(Invitation.used_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        col(Invitation.expires_at) >= at,
    )
    return (await session.exec(statement)).all()


async def _successors(
    session: AsyncSession, row: PostRow, at: datetime
) -> tuple[PersonChoice, ...]:
    same = (
        PostRow.role == row.role,
        PostRow.organisation_id == row.organisation_id,
        col(PostRow.until).is_(None),
    )
    holders = select(Person, PostRow).where(Person.id == PostRow.person_id, *same)
    found = {person.id: str(person.name) for person, _ in await session.exec(holders)}
    for link, person in await _open_links(session, [row.organisation_id], at):
        # Whoever is invited may take over before joining; a link to rejoin gives no post.
        if link.role == row.role and not link.rejoins:
            found.setdefault(person.id, str(person.name))
    found.pop(row.person_id, None)
    choices = sorted(found.items(), key=lambda item: item[1])
    return tuple(PersonChoice(person_id, name) for person_id, name in choices[:SUCCESSORS])


async def _names(session: AsyncSession, row: PostRow, successor_id: str | None) -> EndedPost:
    person = await session.get_one(Person, row.person_id)
    place = await organisation(session, row.organisation_id)
    successor = await session.get(Person, successor_id) if successor_id else None
    names = str(person.name), Role(row.role), str(place.name) if place else ""
    return EndedPost(*names, str(successor.name) if successor else "")


async def _ended_before(session: AsyncSession, result: dict[str, Any]) -> EndedPost:
    """Return the result of an act that is repeated. Names are looked up by the stored ids."""
    row = await session.get_one(PostRow, result["post"])
    named = await _names(session, row, result["successor"])
    counts = ("reports", "committees", "drafts", "dropped", "cases", "revoked")
    return replace(named, **{key: result[key] for key in counts})


async def _given_before(session: AsyncSession, result: dict[str, Any]) -> NewLink:
    """Return the link of an act that is repeated: whoever asked may not have got it."""
    person = await session.get_one(Person, result["person"])
    return NewLink(str(person.name), result["token"])


async def _drop_messages(session: AsyncSession, person_id: str) -> None:
    """Drop what is queued for somebody who has no post any more."""
    waiting = (
        col(OutgoingRow.person_id) == person_id,
        col(OutgoingRow.state).in_(UNDER_WAY),
        # What has to leave a chat leaves this one too.
        col(OutgoingRow.kind) != "take_off",
    )
    for row in (await session.exec(select(OutgoingRow).where(*waiting).with_for_update())).all():
        row.state = SendState.MOOT
        session.add(row)


async def _close_links(session: AsyncSession, row: PostRow, at: datetime) -> int:
    """Revoke links to the same post and those the person has issued, and return how many: a link
    kept back would be a way in again."""
    mine = (col(Invitation.person_id) == row.person_id) & (
        col(Invitation.organisation_id) == row.organisation_id
    )
    return await _revoke(session, at, mine | (col(Invitation.invited_by) == row.person_id))


async def _revoke(session: AsyncSession, at: datetime, which: Any) -> int:
    still = col(Invitation.used_at).is_(None) & col(Invitation.revoked_at).is_(None)
    rows = (await session.exec(select(Invitation).where(which, still))).all()
    for row in rows:
        row.revoked_at = at
        session.add(row)
    await session.flush()
    return sum(row.expires_at >= at for row in rows)
