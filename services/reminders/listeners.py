"""Who hears of dates, for many cases of one look: posts, people and snoozes are read once each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Ahead
from domain.permissions import next_up
from domain.rulebook.schema import Role
from models import Person, PostRow
from models.in_values import among
from services.casefile.outlooks import OutlinedCase
from services.cases.announcements import HELPING, held_by, signing_by
from services.messages.preferences import snoozed_by_many
from services.people.scope import path_of


@dataclass(frozen=True)
class Listening:
    """As one transaction reads them. `posts`: by organisation, at and above the cases; `paths`: of
    their organisations."""

    posts: Mapping[str, Collection[PostRow]]
    paths: Mapping[str, tuple[str, ...]]
    people: Mapping[str, Person]
    snoozed: Mapping[str, frozenset[tuple[str, str]]]

    def of(self, loaded: OutlinedCase, item: Ahead, escalate: bool) -> dict[str, bool]:
        """Return who is reminded of a step, by person id: those who act (False), and the next level
        up (True, urgent) on the last rung or where one of those who act can't be reached. Whoever
        has put the step off for some days is left out."""
        if item.waits_for:
            posts = self._over(loaded, item.waits_for | {Role.SECRETARY})
            acting = signing_by(loaded, posts, item)
        else:
            acting = held_by(loaded, self._over(loaded, item.turn), item.turn)
        listeners = dict.fromkeys(acting, False)
        if escalate or not all(self._reachable(one) for one in acting):
            roles = next_up(item.turn)
            above = held_by(loaded, self._over(loaded, roles), roles)
            listeners |= dict.fromkeys((one for one in above if one not in listeners), True)
        step = (loaded.case.id, item.step.id)
        return {one: up for one, up in listeners.items() if step not in self.snoozed[one]}

    def _reachable(self, person_id: str) -> bool:
        # Who was changed by hand isn't among those read.
        person = self.people.get(person_id)
        return person is not None and person.reachable

    def _over(self, loaded: OutlinedCase, roles: Iterable[Role]) -> list[PostRow]:
        """Return the posts of these roles at and above the branch of a case, but those of helpers,
        who help in single cases (`services.cases.announcements.posts_over`)."""
        wanted = {role.value for role in roles} - HELPING
        path = self.paths[loaded.case.organisation_id]
        return [post for one in path for post in self.posts.get(one, ()) if post.role in wanted]


async def listening_to(
    session: AsyncSession, cases: Collection[OutlinedCase], today: date
) -> Listening:
    """Read, for many cases at once, whom their dates may concern."""
    places = {one.case.organisation_id for one in cases}
    paths = {one: await path_of(session, one) for one in places}
    held = select(PostRow).where(
        among(col(PostRow.organisation_id), {one for path in paths.values() for one in path}),
        col(PostRow.until).is_(None),
    )
    posts: dict[str, list[PostRow]] = {}
    for post in await session.exec(held):
        posts.setdefault(post.organisation_id, []).append(post)
    concerned = {post.person_id for some in posts.values() for post in some}
    concerned |= {helper.person_id for one in cases for helper, _ in one.helpers}
    concerned |= {
        row.person_id for one in cases for _, rows in one.waiting.values() for row in rows
    }
    known = select(Person).where(among(col(Person.id), concerned))
    people = {person.id: person for person in await session.exec(known)}
    return Listening(posts, paths, people, await snoozed_by_many(session, concerned, today))
