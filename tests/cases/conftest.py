"""The house of the conversation stories, under the real rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import partial

import pytest

from domain.calendar.office_hours import ZONE, day_of
from domain.case.facts import Value
from domain.rulebook.schema import Role, Step
from sandbox.sample_answers import answers_for, proofs_wanted
from services.attachments.formats import JPEG, CleanFile
from services.casefile.procedure import Procedure
from services.cases.views import CaseCard
from services.container import procedure_of
from services.core.database import Database
from services.people.views import Actor, PersonChoice
from tests.conversation.conftest import (
    House,
    committee,
    database_url,
    director,
    introducer,
    make_house,
    other_secretary,
    secretary,
    stranger,
)
from tests.conversation.people import Somebody

__all__ = [
    "committee", "database_url", "director", "introducer", "other_secretary", "secretary",
    "stranger",
]  # fmt: skip


class Said(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "情况属实，表现良好。"


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of()


@pytest.fixture
async def house(database: Database, procedure: Procedure) -> House:
    return await make_house(database, procedure)


async def signed_on_paper(house: House, case: str, today: date) -> None:
    """The secretary says so of everybody whom no message reaches."""
    secretary = house.posts["书记丙"]
    for line in (await house.services.cases.card(secretary, case, today)).entries:
        if line.confirms:
            await house.services.steps.sign(house.act(), secretary, line.entry_id, paper=True)


UNAPPOINTED = ("3", "6", "9")
STAGES = (*UNAPPOINTED, "14", "17", "21")
"""Steps of every case under the real rules, in their order: when the first ones begin, no
introducer has been appointed."""


@dataclass(repr=False)
class Lead:
    """Leads a case to a step by the services, day by day, so that a story can begin there."""

    house: House
    person: str = "张三"
    case: str = ""
    names: tuple[str, str] = ("介绍丁", "党员甲一")
    """Who is appointed as introducer."""
    actors: dict[Role, Actor] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return day_of(self.house.at)

    async def to(self, step_id: str) -> "Lead":
        if self.case:
            await self._play(step_id)
            return self
        stages = (*self._stages(step_id), step_id)
        # As a whole as well: put back stage by stage, its rows would be copied seven times.
        what = "led", self.person, self.names, stages
        self.case, self.house.at = await self.house.once(what, partial(self._through, stages))
        return self

    async def _through(self, stages: Sequence[str]) -> tuple[str, datetime]:
        for stage in stages:
            names = () if stage in UNAPPOINTED else self.names
            what = "lead", self.person, names, stage
            self.case, self.house.at = await self.house.once(what, partial(self._play, stage))
        return self.case, self.house.at

    def _stages(self, step_id: str) -> Iterator[str]:
        """What stories that begin at different steps have in common is played once for them all."""
        for step in self.house.services.cases.procedure.current.steps:
            if step.id == step_id:
                return
            if step.id in STAGES:
                yield step.id

    async def _play(self, step_id: str) -> tuple[str, datetime]:
        """Gives the case, and when it is there."""
        services = self.house.services
        if not self.case:
            place = self.house.places["第一支部"]
            opened = await services.cases.open(
                self.house.act(), self.house.posts["书记丙"], self.person, place
            )
            self.case = opened.case_id
        for _ in range(80):
            card = await self.card()
            following = card.progress.moving
            assert following is not None
            until = [b.until for b in following.blockers if b.until]
            if until:
                await self.review(max(until))
                self.wait(max(until))
            if following.step.id == step_id:
                return self.case, self.house.at
            await self.take(following.step)
        raise AssertionError(step_id)

    async def review(self, until: date) -> None:
        """What comes again and again until a day, each time when it is due."""
        while True:
            card = await self.card()
            again = next((i for i in card.progress.open if i.step.id == "6a"), None)
            if again is None or again.deadlines[0].on > until:
                return
            self.wait(again.deadlines[0].on)
            await self.take(again.step)

    def wait(self, day: date) -> None:
        morning = datetime.combine(day, time(10), ZONE)
        self.house.at = max(self.house.at, morning)

    async def card(self) -> CaseCard:
        actor = self.house.posts["书记丙"]
        return await self.house.services.cases.card(actor, self.case, self.today)

    async def take(self, step: Step, **wanted: Value) -> None:
        """Enters a step as whoever acts, and has it signed."""
        steps = self.house.services.steps
        if step.id == "7a":
            # The organisers' meeting decides it in its plan, which has stories of its own.
            steps = replace(steps, tells=False)
        actor = self.actor(step.actors)
        answers = await self.answers(actor, step, **wanted)
        done = await steps.record(self.house.act(), actor, self.case, step.id, answers)
        for role in done.waits_for:
            await steps.sign(self.house.act(), self.actor((role,)), done.entry_id)
        await signed_on_paper(self.house, self.case, self.today)

    async def answers(self, actor: Actor, step: Step, **wanted: Value) -> dict[str, Value]:
        form = await self.house.services.steps.form(actor, self.case, step.id, self.today)
        known = dict(wanted)
        for name, number in proofs_wanted(step).items():
            known[name] = tuple([await self.photo(actor) for _ in range(number)])
        for asked in step.fields:
            if asked.appoints is Role.INTRODUCER:
                known[asked.id] = self.introducers(form.choices[asked.id])
        return answers_for(form, self.today, Said(), known)

    async def photo(self, actor: Actor) -> str:
        return await self.house.services.steps.attach(
            self.house.act(), actor, self.case, CleanFile(b"photo", JPEG)
        )

    def introducers(self, choices: Sequence[PersonChoice]) -> tuple[str, ...]:
        ids = {choice.name: choice.person_id for choice in choices}
        return tuple(ids[name] for name in self.names)

    def actor(self, roles: Sequence[Role]) -> Actor:
        return self.actors[roles[0]]


@pytest.fixture
async def lead(
    house: House, secretary: Somebody, introducer: Somebody, committee: Somebody
) -> Lead:
    await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600)
    posts = house.posts
    actors = {
        Role.SECRETARY: posts["书记丙"],
        Role.COMMITTEE: posts["委员乙"],
        Role.ORGANISER: posts["组织员庚"],
        Role.INTRODUCER: posts["介绍丁"],
        Role.CONTACT: posts["书记丙"],
    }
    return Lead(house, actors=actors)
