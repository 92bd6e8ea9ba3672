"""Find out who acts: a person by chat or id, with the posts they hold."""

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.schema import Role
from models import CaseHelper, Organisation, Person, PostRow
from models.columns import ring
from services.core.errors import NotInvited, PostEnded
from services.people.views import Actor, Post


def chat_index(chat_id: int) -> str:
    """Return the blind index by which a chat is found, since its id is stored sealed."""
    return ring().blind(str(chat_id), "chat")


async def actor_of(session: AsyncSession, person: Person) -> Actor:
    statement = select(PostRow, Organisation).where(
        PostRow.person_id == person.id,
        PostRow.organisation_id == Organisation.id,
        col(PostRow.until).is_(None),
    )
    return _actor(person, (await session.exec(statement)).all())


async def actor_by_chat(session: AsyncSession, chat_id: int) -> tuple[Actor, bool]:
    """Return whose chat it is, and whether they have blocked the bot. One query, since every update
    asks it. Raises NotInvited, PostEnded."""
    held = (col(PostRow.person_id) == Person.id) & col(PostRow.until).is_(None)
    statement = (
        select(Person, PostRow, Organisation)
        .join(PostRow, held, isouter=True)
        .join(Organisation, col(Organisation.id) == PostRow.organisation_id, isouter=True)
        .where(Person.chat_index == chat_index(chat_id))
    )
    rows = (await session.exec(statement)).all()
    if not rows:
        raise NotInvited
    person = rows[0][0]
    posts = [(post, place) for _, post, place in rows if post is not None]
    # Asked only without a post: nearly everybody has one, and every update comes by here.
    if not posts and not await _helps(session, person.id):
        raise PostEnded
    return _actor(person, posts), person.blocked_at is not None


async def _helps(session: AsyncSession, person_id: str) -> bool:
    statement = select(CaseHelper.id).where(
        CaseHelper.person_id == person_id, col(CaseHelper.until).is_(None)
    )
    return (await session.exec(statement.limit(1))).first() is not None


def _actor(person: Person, posts: Iterable[tuple[PostRow, Organisation]]) -> Actor:
    held = tuple(Post(Role(post.role), at.id, at.name, at.level) for post, at in posts)
    return Actor(person.id, person.name, person.language, held)
