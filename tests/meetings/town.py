"""A town under the real rules: two branches, a committee, five organisers, and cases led to where a
story begins."""

from dataclasses import dataclass
from datetime import date
from itertools import count

from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Body, Role
from sandbox.cast import Cast, Play
from sandbox.people import FILE, read
from services.cases.views import CaseCard
from services.container import build_services
from services.meetings.views import MeetingView
from services.people.views import Actor
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

ORGANISERS = ("组织员庚", "组织员辛", "组织员壬", "组织员癸", "组织员寅")
BRANCH, OTHER, COMMITTEE, DEPARTMENT = "第一支部", "第二支部", "第一党委", "组织部"
FIRST_CHAT = 7000
ACTS = count(1)


@dataclass(repr=False)
class Town:
    house: House
    secretary: Somebody
    committee: Somebody
    organiser: Somebody

    @property
    def today(self) -> date:
        return day_of(self.house.at)

    def actor(self, name: str) -> Actor:
        return self.house.posts[name]

    def place(self, name: str) -> str:
        return self.house.places[name]

    async def led(self, name: str, until: str, days: int = 440, branch: str = BRANCH) -> str:
        """A case whose next step is `until`, begun so many days ago; gives its id."""
        item = {"name": name, "branch": branch, "at": until, "days": days}
        return await self.house.once(tuple(item.values()), Play(self._cast(), item).lead)

    def _cast(self) -> Cast:
        services = build_services(
            self.house.services.database, self.house.services.procedure, tells=False
        )
        data = {
            "branches": [
                {"name": BRANCH, "committee": COMMITTEE, "secretary": "书记丙",
                 "introducers": [{"name": "介绍丁"}, {"name": "党员甲一"}]},
                {"name": OTHER, "committee": COMMITTEE, "secretary": "书记戊", "introducers": []},
            ],
            "committees": [{"name": COMMITTEE, "officer": "委员乙"}],
            "organisers": [{"name": ORGANISERS[0]}],
            "texts": read(FILE)["texts"],
        }  # fmt: skip
        cast = Cast(services, {}, self.house.at, data, self.house.places, self.house.posts)
        cast._acts = ACTS
        return cast

    async def card(self, case_id: str) -> CaseCard:
        director = self.house.posts["主任甲"]
        return await self.house.services.cases.card(director, case_id, self.today)

    async def convened(self, who: str, body: Body, place: str, *cases: str) -> MeetingView:
        return await self.house.services.meetings.convene(
            self.house.act(), self.actor(who), body, self.place(place), cases
        )

    async def enter(self, case_id: str, step_id: str) -> None:
        """A step entered as everybody's, today, by whoever acts."""
        play = Play(self._cast(), {"name": "", "branch": BRANCH, "at": "", "days": 0})
        play.actors = {Role.SECRETARY: self.actor("书记丙"), Role.INTRODUCER: self.actor("介绍丁")}
        card = await self.card(case_id)
        await play._take(card, card.rulebook.step(step_id), self.today)
