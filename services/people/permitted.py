"""What the posts of an actor reach, and who holds a role now."""

from collections.abc import Collection, Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.permissions import ActPlace, Permission, may
from domain.rulebook.kinds import HELPERS
from domain.rulebook.schema import Role
from models import PostRow
from models.in_values import among
from services.people.scope import branches_below, path_of
from services.people.views import Actor, Post


async def posts_with(session: AsyncSession, actor: Actor, permission: Permission) -> list[Post]:
    """Return the posts that carry a permission where they are held."""
    found = []
    for post in actor.posts:
        place = ActPlace(post.organisation_id, await path_of(session, post.organisation_id))
        # One post at a time: another of theirs may carry the permission for another place.
        if may(permission, (post,), place):
            found.append(post)
    return found


async def places_with(
    session: AsyncSession, actor: Actor, permission: Permission
) -> tuple[Post, ...]:
    """Return the posts that carry a permission, one for each organisation."""
    posts = await posts_with(session, actor, permission)
    return tuple({post.organisation_id: post for post in posts}.values())


async def reach_of(session: AsyncSession, actor: Actor, permission: Permission) -> set[str]:
    """Return the ids of all organisations at or below the posts that carry a permission."""
    found: set[str] = set()
    for post in await posts_with(session, actor, permission):
        found.update(await branches_below(session, post.organisation_id))
    return found


def seeing(actor: Actor) -> tuple[str, ...]:
    """Return the organisations of the posts by which an actor sees cases; a helper sees those they
    help in."""
    return tuple(
        dict.fromkeys(post.organisation_id for post in actor.posts if post.role not in HELPERS)
    )


async def people_in(
    session: AsyncSession, roles: Iterable[Role], places: Collection[str] | None = None
) -> tuple[str, ...]:
    """Return the ids of the persons who hold one of `roles` now, each once: at one of `places`, or
    anywhere."""
    # Whole rows: a post that somebody wrote by hand gives nobody a message.
    statement = select(PostRow).where(
        col(PostRow.role).in_([role.value for role in roles]), col(PostRow.until).is_(None)
    )
    if places is not None:
        statement = statement.where(among(col(PostRow.organisation_id), places))
    return tuple(dict.fromkeys(post.person_id for post in await session.exec(statement)))
