"""From the application to the archive under the real rules, every step through the conversation."""

from datetime import date, timedelta

import pytest

from domain.calendar.office_hours import day_of
from domain.case.facts import OpenStep
from domain.rulebook.schema import Field, FieldType, Role, Step
from domain.states import Status
from services.casefile.load import Procedure
from services.cases.views import CaseCard
from services.container import procedure_of
from services.core.database import Database
from tests.conversation.conftest import House, make_house
from tests.conversation.people import Somebody
from tests.domain.walk import review
from tests.plans.chat import planned

DAYS = {"born_on": "1995-05-05", "began_on": "前天"}
NUMBERS = {"entitled": 20, "due": 20, "present": 20, "yes": 20, "no": 0}
MEMBERS = ("党员甲一", "党员甲二")


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of()


@pytest.fixture
async def house(database: Database, procedure: Procedure) -> House:
    return await make_house(database, procedure)


class Walker:
    """Takes every step with the first answer that moves the case on."""

    def __init__(self, house: House, case: str, people: dict[Role, Somebody]) -> None:
        self.house, self.case, self.people = house, case, people
        self.introducers = ("介绍丁", "党员甲一")

    @property
    def today(self) -> date:
        return day_of(self.house.at)

    async def card(self) -> CaseCard:
        actor = self.house.posts["书记丙"]
        return await self.house.services.cases.card(actor, self.case, self.today)

    async def wait(self, following: OpenStep, again: tuple[Step, date] | None) -> None:
        """Let the days pass that the rules ask for, with what comes again meanwhile."""
        untils = [item.until for item in following.blockers if item.until is not None]
        assert untils, following.blockers
        if again is None or again[1] > max(untils):
            self.house.pass_days((max(untils) - self.today).days)
            return
        self.house.pass_days((again[1] - self.today).days)
        await self.take(again[0])

    async def take(self, step: Step) -> str:
        if step.planned:
            above = self.people[Role.COMMITTEE], self.people[Role.ORGANISER]
            said = await planned(self.people[Role.SECRETARY], *above, "张三")
            assert "已保存：张三" in said, said
            return said
        person = self.people[step.actors[0]]
        said = await person.presses_again(1, f"f:{self.case}:{step.id}")
        for _ in range(60):
            if "核对后保存" in person.screen.text:
                break
            await self.answer(person, self.asked(person, step))
        assert "确认，保存" in person.choices, person.screen.text
        said = await person.presses("确认，保存")
        assert "已保存：张三" in said, said
        return said

    def asked(self, person: Somebody, step: Step) -> Field:
        labels = [f"<b>{field.label.zh}</b>" for field in step.fields]
        found = [
            field
            for field, label in zip(step.fields, labels, strict=True)
            if label in person.screen.text
        ]
        assert found, person.screen.text
        return found[0]

    async def answer(self, person: Somebody, field: Field) -> None:
        if field.optional:
            await person.presses("跳过")
        elif field.type is FieldType.DATE:
            await person.says(DAYS.get(field.id, "今天"))
        elif field.type is FieldType.NUMBER:
            await person.says(str(NUMBERS.get(field.count or "", field.minimum or 6)))
        elif field.type is FieldType.TEXT:
            await person.says("情况属实，表现良好。")
        elif field.type is FieldType.FLAG:
            await person.says("否" if field.id in ("objections", "leaving", "mobile") else "是")
        elif field.type is FieldType.CHOICE:
            await person.says(field.options[0].text.zh)
        else:
            await self.list(person, field)

    async def list(self, person: Somebody, field: Field) -> None:
        if field.type is FieldType.PROOF:
            await person.shows_photo(b"photo")
        elif field.type is FieldType.CHECKLIST:
            await person.presses("全部点上")
        elif field.type is FieldType.PERSON:
            await person.says(MEMBERS[0])
            return
        elif field.type is FieldType.PERSONS:
            for name in self.introducers[: field.minimum or 1]:
                await person.says(name)
        else:
            await person.presses(field.options[0].text.zh[:20])
        await person.presses("下一项 ›")


@pytest.fixture
async def walker(
    house: House, director: Somebody, committee: Somebody, introducer: Somebody, secretary: Somebody
) -> Walker:
    organiser = await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600)
    await secretary.says("开始新的一件")
    await secretary.says("张三")
    case = secretary.button("开始填写")[1].split(":")[1]
    people = {
        Role.SECRETARY: secretary,
        Role.COMMITTEE: committee,
        Role.ORGANISER: organiser,
        Role.INTRODUCER: introducer,
        Role.CONTACT: secretary,
    }
    return Walker(house, case, people)


async def test_the_whole_way(walker: Walker, introducer: Somebody) -> None:
    taken: list[str] = []
    for _ in range(120):
        card = await walker.card()
        following = card.progress.moving
        if following is None:
            break
        if following.waits_for:
            await introducer.says("待办")
            await introducer.presses("签字")
            assert "已签字" in await introducer.presses("核对无误，签字")
            secretary = walker.people[Role.SECRETARY]
            await secretary.says("待办")
            await secretary.presses("签字")
            assert "已签字" in await secretary.presses("已在纸上签字")
        elif not following.possible:
            await walker.wait(following, review(card.progress))
        else:
            taken.append(following.step.id)
            await walker.take(following.step)
    card = await walker.card()
    assert card.progress.status is Status.ARCHIVED
    assert {"8a", "14a", "15", "17a", "21a", "22c", "22d", "23", "24", "24b", "25"} <= set(taken)
    assert card.progress.next is None
    seen = await walker.people[Role.SECRETARY].presses_again(1, f"c:{walker.case}:d")
    assert "已归档" in seen
    assert walker.today > date(2026, 11, 23) + timedelta(days=365 * 2)
