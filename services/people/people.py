"""People: joining by a one-time link, inviting, members, languages."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.organisations import BELOW, BRANCH, COMMITTEE, DEPARTMENT, GENERAL_BRANCH, LEADING_GROUP
from domain.permissions import SEATS, TABLE, ActPlace, Permission, may
from domain.rulebook.schema import Role
from domain.writing.names import alike, tidy, told_apart
from models import AuditLine, CaseHelper, Invitation, Organisation, Person, PostRow
from models.crypto import ring
from models.macs import HOUSE
from services.core.acts import Act
from services.core.audit import Said
from services.core.database import Database
from services.core.errors import LinkForAnother, NotAllowed, NotFound, NotInvited, PostEnded
from services.core.guard import altered, refuse_altered
from services.core.heads import SeenHeads, move, same_house, sealed_heads
from services.core.i18n import language_of
from services.people.actor_cache import ActorCache, KnownActor
from services.people.handovers import (
    Tell,
    forget_shown,
    take_over_drafts,
    tell_at_last,
    tell_inviter,
)
from services.people.scope import path_of, tree
from services.people.views import Actor, PersonChoice, Post

VALID_FOR = timedelta(days=7)
INVITES = {
    Role.DIRECTOR: Permission.INVITE_DIRECTOR,
    Role.ORGANISER: Permission.INVITE_ORGANISER,
    Role.COMMITTEE: Permission.INVITE_COMMITTEE,
    Role.SECRETARY: Permission.INVITE_SECRETARY,
    Role.INTRODUCER: Permission.INVITE_INTRODUCER,
}
LEVELS = {
    Role.DIRECTOR: DEPARTMENT,
    Role.ORGANISER: DEPARTMENT,
    Role.COMMITTEE: COMMITTEE,
    Role.SECRETARY: BRANCH,
    Role.INTRODUCER: BRANCH,
}
"""At which level a role is held; helpers hold theirs in single cases."""


ENTERED_BY = {
    COMMITTEE: Permission.INVITE_COMMITTEE,
    LEADING_GROUP: Permission.INVITE_COMMITTEE,
    GENERAL_BRANCH: Permission.INVITE_SECRETARY,
    BRANCH: Permission.INVITE_SECRETARY,
}
"""Whoever may invite who leads an organisation may enter it; nobody acts here for a general branch
or a leading group, which are entered by whoever enters those beside them."""


def roles_for(actor: Actor) -> tuple[Role, ...]:
    """Return the roles that this person may invite to somewhere; where exactly, the act decides."""
    return tuple(role for role in Role if role in INVITES and TABLE[INVITES[role]] & actor.roles)


def levels(actor: Actor) -> frozenset[str]:
    """Return the levels of organisations under which this person may enter others."""
    held = {post.role for post in actor.posts if SEATS.get(post.role) == post.level}
    return frozenset(
        above
        for above, kinds in BELOW.items()
        if any(TABLE[ENTERED_BY[kind]] & held for kind in kinds)
    )


def branches(actor: Actor) -> tuple[Post, ...]:
    """Return the posts at branches where this person may enter somebody."""
    return tuple(post for post in actor.posts if post.role is Role.SECRETARY)


def token_hash(token: str) -> str:
    """Return what is stored of an invitation's token: a copy of the database lets nobody in."""
    return blake2b(token.encode(), digest_size=32).hexdigest()


class People:
    """Who is who: people, their chats, members and invitations."""

    def __init__(self, database: Database, tell: Tell) -> None:
        """`tell`: queues a message; handed in, since messages lie above people."""
        self.database, self.tell = database, tell
        self._actors = ActorCache()

    async def whoami(self, chat_id: int, heads: SeenHeads | None = None) -> Actor:
        """Return who writes, and note that they can be reached again. `heads`: gets those that were
        read for it. Raises NotInvited."""
        actor, blocked = await self._known(chat_id, heads or SeenHeads())
        if blocked:
            await self.reached(chat_id)
        return actor

    async def known(self, chat_id: int) -> Actor:
        """Return whose chat it is, reachable or not. Raises NotInvited."""
        return (await self._known(chat_id, SeenHeads()))[0]

    async def _known(self, chat_id: int, heads: SeenHeads) -> tuple[Actor, bool]:
        chat = chat_index(chat_id)
        ask = partial(sealed_heads, case_id=heads.wanted)
        heads.commits = self.database.commits
        if kept := self._actors.get(chat):
            heads.sealed = await self.database.look_at_once(ask)
            house = heads.sealed.get(HOUSE)
            if house is not None and same_house(kept.house, house):
                if house != kept.house:
                    self._actors.keep(chat, replace(kept, house=house))
                return kept.actor, kept.blocked
        async with self.database.look() as session:
            # Before the person: what changes in between is read anew the next time.
            heads.sealed = await session.run_sync(lambda asking: ask(asking.connection()))
            actor, blocked = await actor_by_chat(session, chat_id)
            # Who has no post is let in by a case, which doesn't stand in the chain of the house.
            if actor.posts and not altered(session) and move(heads.sealed, HOUSE):
                self._actors.keep(chat, KnownActor(heads.sealed[HOUSE], actor, blocked))
            return actor, blocked

    async def blocked(self, chat_id: int, at: datetime) -> None:
        """Note that a person has blocked the bot; the next message to them goes one level up.
        Ignores strangers."""
        await self._reachable(chat_id, at)

    async def reached(self, chat_id: int) -> None:
        await self._reachable(chat_id, None)

    async def _reachable(self, chat_id: int, blocked_at: datetime | None) -> None:
        async with self.database.write() as session:
            person = await _by_chat(session, chat_id)
            if person is not None:
                person.blocked_at = blocked_at

    async def actor(self, person_id: str) -> Actor:
        """Return a person as an actor. Raises NotFound."""
        async with self.database.read() as session:
            person = await session.get(Person, person_id)
            if person is None:
                raise NotFound(person_id)
            return await actor_of(session, person)

    async def found(self, act: Act, department: str, director: str) -> str:
        """Create the department and invite its director; return the token. Run again, the same
        token is good for seven days more until it is taken up. Raises NotAllowed once there is an
        organisation that this act didn't create."""
        async with self.database.act(act, "") as work:
            if work.repeated:
                await _renew(work.session, act, str(work.result))
                return str(work.result)
            if (await work.session.exec(select(Organisation).limit(1))).first():
                raise NotAllowed("founded")
            place = Organisation(level=DEPARTMENT)
            place.name = department
            work.session.add(place)
            await work.session.flush()
            token = await invite(work.session, act, None, Role.DIRECTOR, place.id, director)
            await work.done("found", token)
            return token

    async def founded(self) -> bool:
        """Whether there is an organisation already."""
        async with self.database.read() as session:
            return (await session.exec(select(Organisation).limit(1))).first() is not None

    async def add_organisation(
        self, act: Act, actor: Actor, parent_id: str, level: str, name: str
    ) -> str:
        """Add an organisation where one of its kind can stand (`domain.organisations.BELOW`), and
        return its id. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            wanted = ENTERED_BY.get(level, Permission.INVITE_DIRECTOR)
            above = await require_at(work.session, actor, wanted, parent_id)
            if level not in BELOW.get(above.level, ()):
                raise NotAllowed(parent_id)
            place = Organisation(level=level, parent_id=parent_id)
            place.name = name
            work.session.add(place)
            await work.done("add_organisation", place.id)
            return place.id

    async def add_member(self, act: Act, actor: Actor, organisation_id: str, name: str) -> str:
        """Add a full member, who can be chosen as contact or introducer, and return the person's
        id. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            await require_at(work.session, actor, Permission.ADD_MEMBER, organisation_id)
            person = _person(organisation_id, name)
            work.session.add(person)
            await work.done("add_member", person.id)
            return person.id

    async def bring_members(
        self,
        own: Sequence[Act],
        actor: Actor,
        named: Sequence[tuple[str, str]],
        members: dict[str, frozenset[str]],
    ) -> list[str]:
        """Add full members from a roster, as `add_member`, in one commit. `named`: organisation and
        name, one for each of one's `own` acts. Return the id of each; "" where one of that name is
        there by now, or the actor may take nothing over there any more. `members`: kept by the
        caller from call to call, the names that were there before the first of each
        organisation."""
        async with self.database.acts(own, actor) as works:
            session, said = works.session, list[Said]()
            for act, (place, name) in zip(own, named, strict=True):
                if act.key in works.before or not await _takes_over(session, actor, place):
                    continue
                if place not in members:
                    rows = await _full_members(session, place)
                    members[place] = frozenset(row.name for row in rows)
                person = None if name in members[place] else _person(place, name)
                if person is not None:
                    session.add(person)
                said.append((HOUSE, act, person.id if person else ""))
            await works.done("add_member", said)
        found = {**works.before, **{act.key: result for _, act, result in said}}
        return [str(found.get(act.key, "")) for act in own]

    async def remove_members(
        self, own: Sequence[Act], actor: Actor, added: Sequence[tuple[str, Act]]
    ) -> list[bool | None]:
        """Remove members whom acts have added, in one commit. `added`: for each of one's `own` acts
        the organisation, and the act that added somebody. Return for each whether it was done:
        False for one who was invited or named for anything since, or where the actor may take
        nothing over any more; None where the act has added nobody."""
        async with self.database.acts(own, actor) as works:
            session, said = works.session, list[Said]()
            # By the lines of the acts that added them: by name it might be somebody else.
            keys = [brought.key for _, brought in added]
            rows = await session.exec(select(AuditLine).where(col(AuditLine.act_key).in_(keys)))
            ids = {row.act_key: row.result for row in rows if row.result}
            free = await _unnamed(session, [*ids.values()])
            for act, (place, brought) in zip(own, added, strict=True):
                if act.key in works.before or not await _takes_over(session, actor, place):
                    continue
                person = free.get(ids.get(brought.key, ""))
                if person is not None:
                    await session.delete(person)
                said.append((HOUSE, act, person is not None if brought.key in ids else None))
            await works.done("remove_member", said)
        found = {**works.before, **{act.key: result for _, act, result in said}}
        return [found.get(act.key, False) for act in own]

    async def namesakes(
        self, actor: Actor, organisation_id: str, name: str, adding: Act
    ) -> tuple[PersonChoice, ...]:
        """Return full members of an organisation whose name is written alike; none once `adding`
        was done. Raises NotAllowed."""
        async with self.database.read() as session:
            await require_at(session, actor, Permission.SEE_CASE, organisation_id)
            if await self.database.was_done(session, adding):
                return ()
            rows = await _full_members(session, organisation_id)
            return tuple(PersonChoice(row.id, row.name) for row in rows if alike(row.name, name))

    async def members(self, actor: Actor, organisation_id: str) -> tuple[PersonChoice, ...]:
        """Return full members of an organisation at or below the actor's posts. Raises
        NotAllowed."""
        async with self.database.read() as session:
            await require_at(session, actor, Permission.SEE_CASE, organisation_id)
            return await members_of(session, organisation_id)

    async def invite(
        self,
        act: Act,
        actor: Actor,
        role: Role,
        organisation_id: str,
        name: str = "",
        person_id: str | None = None,
    ) -> str:
        """Invite somebody to a role, and return the token of a one-time link, good for seven days.
        For a known member give `person_id`, else a `name`. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            place = await require_at(work.session, actor, INVITES[role], organisation_id)
            # At another level the post would carry no rights (`domain.permissions.SEATS`).
            if place.level != LEVELS[role]:
                raise NotAllowed(organisation_id)
            if person_id is not None:
                await require_all_posts(work.session, actor, person_id)
            token = await invite(
                work.session, act, actor.person_id, role, organisation_id, name, person_id
            )
            # As the result, sealed in the audit line: run again, the act shows the same link.
            await work.done("invite", token)
            return token

    async def named_in(self, token: str, at: datetime) -> str:
        """Return whom an invitation is for, so that whoever opens it can be asked. Raises
        NotInvited where it is unknown, used or too old."""
        async with self.database.read() as session:
            invitation = await _invitation(session, token)
            person = await session.get(Person, invitation.person_id) if invitation else None
            if invitation is None or person is None or not is_open(invitation, at):
                raise NotInvited
            return str(person.name)

    async def decline(self, act: Act, token: str) -> bool:
        """Close an invitation that somebody else has opened, and tell who issued it: a link in the
        wrong hands is a secret no more. Returns False where nobody is there to be told; then it
        stays open, since nobody could make another one. Raises NotInvited."""
        async with self.database.act(act, "") as work:
            if work.repeated:
                return bool(work.result)
            invitation = await _invitation(work.session, token)
            if invitation is None or not is_open(invitation, act.at):
                raise NotInvited
            person = await work.session.get_one(Person, invitation.person_id)
            told = await tell_inviter(self.tell, work.session, invitation, str(person.name), act.at)
            if told:
                invitation.revoked_at = act.at
                work.session.add(invitation)
            await work.done("decline_invitation", told)
            return told

    async def join(self, act: Act, chat_id: int, token: str, language: str | None) -> Actor:
        """Take up an invitation. Raises NotInvited where it is unknown, used or too old,
        LinkForAnother where it is another person's."""
        # No actor yet: until the link is taken up nobody is known in this chat.
        async with self.database.act(act, "") as work:
            session = work.session
            if not work.repeated:
                person = await _take_up(session, act, chat_id, token, language)
                await work.done("join", person.id)
            joined = await session.get(Person, work.result)
            if joined is None:
                raise NotInvited
            return await actor_of(session, joined)

    async def worked(self, actor: Actor) -> bool:
        """Whether somebody has done anything here, in whatever post."""
        statement = select(AuditLine).where(AuditLine.actor == actor.person_id).limit(1)
        async with self.database.read() as session:
            return (await session.exec(statement)).first() is not None

    async def set_language(self, act: Act, chat_id: int, language: str) -> Actor:
        """Set the language of whoever belongs to a chat. Raises NotInvited."""
        async with self.database.act(act, "") as work:
            person = await _by_chat(work.session, chat_id)
            if person is None:
                raise NotInvited
            if not work.repeated:
                person.language = language
                await work.done("set_language")
            return await actor_of(work.session, person)

    async def organisations(self, actor: Actor) -> tuple[tuple[str, str, str], ...]:
        """Return (id, level, name) of every organisation at or below the actor's posts."""
        async with self.database.read() as session:
            organisations = await tree(session)
            ids: dict[str, None] = {}
            for post in actor.posts:
                ids.update(dict.fromkeys(organisations.below(post.organisation_id)))
            return tuple(
                (one, *organisations.named(one)) for one in ids if one in organisations.rows
            )


async def members_of(session: AsyncSession, organisation_id: str) -> tuple[PersonChoice, ...]:
    """Return the full members of an organisation by name; equal names are numbered, so that the
    right one can be pressed."""
    rows = await _full_members(session, organisation_id)
    labels = told_apart([row.name for row in rows])
    return tuple(PersonChoice(row.id, label) for row, label in zip(rows, labels, strict=True))


async def _full_members(session: AsyncSession, organisation_id: str) -> list[Person]:
    statement = select(Person).where(
        Person.organisation_id == organisation_id,
        Person.full_member.is_(True),  # type: ignore[attr-defined]
    )
    return sorted(await session.exec(statement), key=lambda row: (row.name, row.id))


async def _takes_over(session: AsyncSession, actor: Actor, organisation_id: str) -> bool:
    """Whether the actor may still take a sheet over there. Raises RecordAltered where they might,
    if a row weren't changed by hand."""
    try:
        await require_at(session, actor, Permission.TAKE_OVER, organisation_id)
    except NotAllowed:
        refuse_altered(session)
        return False
    return True


async def _unnamed(session: AsyncSession, ids: Sequence[str]) -> dict[str, Person]:
    """Those of these people, by id, to whom nothing refers: neither a chat, nor a post, a case or
    an invitation."""
    people = await session.exec(select(Person).where(col(Person.id).in_(ids)))
    found = {row.id: row for row in people if row.chat_index is None}
    tables: tuple[Any, ...] = (PostRow, CaseHelper, Invitation)
    for table in tables:
        for row in await session.exec(select(table).where(col(table.person_id).in_(ids))):
            found.pop(row.person_id, None)
    return found


async def _by_chat(session: AsyncSession, chat_id: int) -> Person | None:
    statement = select(Person).where(Person.chat_index == chat_index(chat_id))
    return (await session.exec(statement)).first()


async def require_at(
    session: AsyncSession, actor: Actor, permission: Permission, organisation_id: str
) -> Organisation:
    """Return an organisation at which the actor has a permission. Raises NotAllowed."""
    place = ActPlace(organisation_id, await path_of(session, organisation_id))
    row = await session.get(Organisation, organisation_id)
    if row is None or not may(permission, actor.posts, place):
        raise NotAllowed(organisation_id)
    return row


def _person(organisation_id: str, name: str) -> Person:
    person = Person(organisation_id=organisation_id)
    person.name = tidy(name)
    return person


async def posts_of(session: AsyncSession, person_id: str) -> Sequence[PostRow]:
    """Return the posts that a person holds now, the longest held first."""
    statement = select(PostRow).where(PostRow.person_id == person_id, col(PostRow.until).is_(None))
    return (await session.exec(statement.order_by(col(PostRow.since)))).all()


async def require_all_posts(session: AsyncSession, actor: Actor, person_id: str) -> None:
    """Raises NotAllowed unless the actor may invite to every post of a person: whoever opens a link
    becomes that person, with all they hold."""
    for post in await posts_of(session, person_id):
        await require_at(session, actor, INVITES[Role(post.role)], post.organisation_id)


def is_open(invitation: Invitation, at: datetime) -> bool:
    """Whether an invitation can still be taken up."""
    closed = invitation.used_at is not None or invitation.revoked_at is not None
    return not closed and invitation.expires_at >= at


async def invite(
    session: AsyncSession,
    act: Act,
    inviter: str | None,
    role: Role,
    organisation_id: str,
    name: str,
    person_id: str | None = None,
    rejoins: bool = False,
) -> str:
    """Add an invitation to a transaction, and return its token. `rejoins`: it gives a person a new
    chat, and no post."""
    person = await session.get(Person, person_id) if person_id else None
    if person is None:
        person = _person(organisation_id, name)
        session.add(person)
        await session.flush()
    token = token_urlsafe(18)
    session.add(
        Invitation(
            token_hash=token_hash(token),
            person_id=person.id,
            role=role.value,
            organisation_id=organisation_id,
            invited_by=inviter,
            expires_at=act.at + VALID_FOR,
            rejoins=rejoins,
        )
    )
    return token


async def _renew(session: AsyncSession, act: Act, token: str) -> None:
    invitation = await _invitation(session, token)
    if invitation is None:
        raise NotFound(token_hash(token))
    if invitation.used_at is None:
        # Never shortened: a clock put back mustn't close a link that was given out.
        invitation.expires_at = max(invitation.expires_at, act.at + VALID_FOR)
        session.add(invitation)


async def _invitation(session: AsyncSession, token: str) -> Invitation | None:
    statement = select(Invitation).where(Invitation.token_hash == token_hash(token))
    return (await session.exec(statement)).first()


async def _take_up(
    session: AsyncSession, act: Act, chat_id: int, token: str, language: str | None
) -> Person:
    invitation = await _invitation(session, token)
    if invitation is None or not is_open(invitation, act.at):
        raise NotInvited
    known, invited = await _by_chat(session, chat_id), invitation.person_id
    if invitation.rejoins and known is not None and known.id != invited:
        # The chat would have to leave the other person, who didn't ask for it.
        raise LinkForAnother
    # Whoever is known in this chat stays one person, with a post more; the invited row stays
    # unused.
    person = known or await session.get(Person, invited)
    if person is None:
        raise NotInvited
    if person.chat_index not in (None, chat_index(chat_id)):
        # A person has one chat: a second one comes in only after the first was taken out.
        raise LinkForAnother
    invitation.used_at = act.at
    person.chat = str(chat_id)
    person.chat_index = chat_index(chat_id)
    # What their messenger says, until they choose (`set_language`).
    person.language = language_of(language)
    person.blocked_at = None
    await tell_at_last(session, person.id, act.at)
    if invitation.rejoins:
        await forget_shown(session, person.id)
        return person
    post = PostRow(
        person_id=person.id,
        organisation_id=invitation.organisation_id,
        role=invitation.role,
        since=act.at,
        invitation_id=invitation.id,
    )
    session.add(post)
    await take_over_drafts(session, post)
    return person


def chat_index(chat_id: int) -> str:
    """Return the blind index by which a chat is found, since its id is stored sealed."""
    return ring().blind(str(chat_id), "chat")


async def actor_of(session: AsyncSession, person: Person) -> Actor:
    """Return a person with the posts they hold now."""
    statement = select(PostRow, Organisation).where(
        PostRow.person_id == person.id,
        PostRow.organisation_id == Organisation.id,
        col(PostRow.until).is_(None),
    )
    return _actor(person, (await session.exec(statement)).all())


# Built once: every update asks it.
_BY_CHAT = (
    # Join outer: who only helps in cases has no post, and is known all the same.
    select(Person, PostRow, Organisation)
    .join(
        PostRow,
        (col(PostRow.person_id) == Person.id) & col(PostRow.until).is_(None),
        isouter=True,
    )
    .join(Organisation, col(Organisation.id) == PostRow.organisation_id, isouter=True)
    .where(col(Person.chat_index) == bindparam("chat"))
)


async def actor_by_chat(session: AsyncSession, chat_id: int) -> tuple[Actor, bool]:
    """Return whose chat it is, and whether they have blocked the bot. One query, since every update
    asks it. Raises NotInvited, PostEnded."""
    rows = (await session.exec(_BY_CHAT, params={"chat": chat_index(chat_id)})).all()
    if not rows:
        raise NotInvited
    person = rows[0][0]
    posts = [(post, place) for _, post, place in rows if post is not None]
    # Asked only without a post: nearly everybody has one, and every update comes by here.
    if not posts and not await _helps(session, person.id):
        raise PostEnded
    return _actor(person, posts), person.blocked_at is not None


async def _helps(session: AsyncSession, person_id: str) -> bool:
    statement = select(CaseHelper).where(
        CaseHelper.person_id == person_id, col(CaseHelper.until).is_(None)
    )
    return (await session.exec(statement)).first() is not None


def _actor(person: Person, posts: Iterable[tuple[PostRow, Organisation]]) -> Actor:
    held = tuple(Post(Role(post.role), at.id, at.name, at.level) for post, at in posts)
    return Actor(person.id, person.name, person.language, held)
