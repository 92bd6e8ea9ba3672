"""Who hears of dates, for many cases of one look: posts, people and snoozes are read once each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import OpenStep
from domain.permissions import next_up
from domain.rulebook.schema import Role
from models import Person, PostRow
from services.casefile.load import LoadedCase
from services.cases.announcements import held_by, posts_over, signing_by
from services.messages.preferences import snoozed


@dataclass
class Listening:
    """As one transaction reads them."""

    session: AsyncSession
    today: date
    _posts: dict[tuple[str, frozenset[Role]], tuple[PostRow, ...]] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)
    _snoozed: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    async def of(self, loaded: LoadedCase, item: OpenStep, escalate: bool) -> dict[str, bool]:
        """Return who is reminded of a step, by person id: those who act (False), and the next level
        up (True, urgent) on the last rung or where one of those who act can't be reached. Whoever
        has put the step off for some days is left out."""
        if item.waits_for:
            posts = await self._over(loaded, item.waits_for | {Role.SECRETARY})
            acting = signing_by(loaded, posts, item)
        else:
            acting = held_by(loaded, await self._over(loaded, item.turn), item.turn)
        listeners = dict.fromkeys(acting, False)
        if escalate or not all([(await self._person(one)).reachable for one in acting]):
            roles = next_up(item.turn)
            above = held_by(loaded, await self._over(loaded, roles), roles)
            listeners |= dict.fromkeys((one for one in above if one not in listeners), True)
        step = (loaded.case.id, item.step.id)
        return {one: up for one, up in listeners.items() if step not in await self._put_off(one)}

    async def _over(self, loaded: LoadedCase, roles: Iterable[Role]) -> tuple[PostRow, ...]:
        key = loaded.case.organisation_id, frozenset(roles)
        if key not in self._posts:
            self._posts[key] = await posts_over(self.session, loaded, key[1])
        return self._posts[key]

    async def _person(self, person_id: str) -> Person:
        if person_id not in self._people:
            self._people[person_id] = await self.session.get_one(Person, person_id)
        return self._people[person_id]

    async def _put_off(self, person_id: str) -> frozenset[tuple[str, str]]:
        if person_id not in self._snoozed:
            self._snoozed[person_id] = await snoozed(self.session, person_id, self.today)
        return self._snoozed[person_id]
