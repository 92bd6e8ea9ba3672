"""Queue what an act has to tell: to those who act next, and to those who are part of the case."""

from collections.abc import Iterable, Iterator

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import day_of, next_open
from domain.case.facts import Ahead, OpenStep, Progress
from domain.rulebook.kinds import HELPERS
from domain.rulebook.schema import Role
from models import EntryRow, PostRow
from services.casefile.load import AnyCase, LoadedCase
from services.casefile.signatures import asked, given, on_paper
from services.core.acts import Act
from services.core.ports import ROUTINE, URGENT, Message
from services.messages.queue import enqueue_all
from services.people.scope import path_of
from services.people.views import Actor
from services.plans.items import turn

YOUR_TURN, SIGN, RECORDED, CHANGED = "your_turn", "sign", "recorded", "changed"
CONCERNED = (Role.SECRETARY, Role.INTRODUCER)
"""Who is told of every entry in a case of theirs."""


HELPING = frozenset(role.value for role in HELPERS)
"""Roles that hold in single cases, as rows say them."""
_POSTS = select(PostRow).where(
    col(PostRow.organisation_id).in_(bindparam("path", expanding=True)),
    col(PostRow.role).in_(bindparam("roles", expanding=True)),
    col(PostRow.until).is_(None),
)


async def holders(
    session: AsyncSession, loaded: LoadedCase, roles: Iterable[Role]
) -> tuple[str, ...]:
    """Return the ids of the people who hold one of `roles` for this case: by a post at or above its
    branch, or as its helpers."""
    wanted = frozenset(roles)
    return held_by(loaded, await posts_over(session, loaded, wanted), wanted)


async def posts_over(
    session: AsyncSession, loaded: LoadedCase, roles: Iterable[Role]
) -> tuple[PostRow, ...]:
    """Return the posts of these roles at and above the branch of a case."""
    # Helpers' roles hold in single cases: an introducer's post gives no part in this one.
    wanted = {role.value for role in roles} - HELPING
    if not wanted:
        return ()
    path = await path_of(session, loaded.case.organisation_id)
    return tuple(await session.exec(_POSTS, params={"path": path, "roles": sorted(wanted)}))


def held_by(loaded: AnyCase, posts: Iterable[PostRow], roles: Iterable[Role]) -> tuple[str, ...]:
    """As `holders`, by posts that were read before."""
    # Rows hold the words of roles, which are equal to them.
    wanted = frozenset(roles)
    found = [post.person_id for post in posts if post.role in wanted]
    found += [helper.person_id for helper, _ in loaded.helpers if helper.role in wanted]
    return tuple(dict.fromkeys(found))


def _turns(progress: Progress, row: EntryRow) -> Iterator[OpenStep]:
    """Yield what is to be done now: a step that waits for a signature, else the next one; and what
    the entry itself calls for."""
    following = next((item for item in progress.open if item.waits_for), progress.next)
    if following is not None and (following.waits_for or following.possible):
        yield following
    for item in progress.open:
        if item.call is not None and item.call.number == row.number:
            yield item


def _told(loaded: LoadedCase, row: EntryRow) -> tuple[Role, ...]:
    """Return who else is told of an entry for what was answered in it."""
    step, answers = loaded.book.step_on(row.step, row.done_on), loaded.answers(row)
    telling = [field for field in step.fields if field.tells]
    return tuple(role for field in telling if answers.get(field.id) for role in field.tells)


async def signing(session: AsyncSession, loaded: LoadedCase, item: OpenStep) -> tuple[str, ...]:
    """As `signing_by`, reading the posts."""
    posts = await posts_over(session, loaded, item.waits_for | {Role.SECRETARY})
    return signing_by(loaded, posts, item)


def signing_by(loaded: AnyCase, posts: Iterable[PostRow], item: Ahead) -> tuple[str, ...]:
    """Return whose signature a step waits for: those asked by name, else the holders of the role.
    In the place of somebody whom no message reaches, the secretary, who confirms on paper. `posts`:
    of those roles and of secretaries, at and above the branch."""
    _, rows = loaded.signing(item.step.id)
    still, signed = asked(rows), given(rows)
    named = {Role(one.role) for one in still}
    paper = {one.person_id for one in on_paper(rows, loaded.helpers)}
    people = [one.person_id for one in still if one.person_id not in paper]
    people += held_by(loaded, posts, item.waits_for - named)
    waiting = [person for person in people if person not in signed]
    if paper:
        waiting += held_by(loaded, posts, (Role.SECRETARY,))
    return tuple(dict.fromkeys(waiting))


async def tell(
    session: AsyncSession,
    act: Act,
    actor: Actor,
    loaded: LoadedCase,
    progress: Progress,
    row: EntryRow,
    calendar: WorkCalendar,
) -> None:
    """Queue the messages that an act causes, in its transaction. The actor isn't told; the others
    are, within the hours."""
    told: dict[str, Message] = {}
    case, at = loaded.case.id, next_open(act.at, calendar)

    def say(people: Iterable[str], kind: str, step: str, priority: int) -> None:
        payload = {"case": case, "step": step, "entry": row.id}
        message = Message(f"{case}:{step}", kind, row.id, payload, at, priority)
        for person_id in people:
            if person_id != actor.person_id:
                # The first message wins: who has to act isn't also informed.
                told.setdefault(person_id, message)

    turns = [
        (item, item.waits_for or await turn(session, case, item.step, day_of(act.at)))
        for item in _turns(progress, row)
    ]
    heard = (*_told(loaded, row), *CONCERNED)
    wanted = frozenset(heard).union(*(roles for _, roles in turns))
    posts = await posts_over(session, loaded, wanted)
    for item, roles in turns:
        if item.waits_for:
            say(signing_by(loaded, posts, item), SIGN, item.step.id, URGENT)
        else:
            say(held_by(loaded, posts, roles), YOUR_TURN, item.step.id, ROUTINE)
    say(held_by(loaded, posts, heard), RECORDED, row.step, ROUTINE)
    await enqueue_all(session, told)
