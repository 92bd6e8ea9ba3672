"""The responsible organiser checks first: the director says who that is, and nobody else may."""

import pytest
from sqlmodel import select

from domain.rulebook.schema import Role
from models import AuditLine, PlanRow, PostRow, ResponsibleRow
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound, StepNotOpen
from tests.conftest import on_both
from tests.conversation.people import Somebody
from tests.meetings.town import COMMITTEE, DEPARTMENT, ORGANISERS, Town
from tests.plans.chat import assessed, checked, proposed
from tests.plans.test_year_in_chat import told

UP = ("陆小满", "同意8 不同意0", "列入本级计划，上报组织部")


async def forwarded(town: Town) -> str:
    await town.led("陆小满", "7a", days=400)
    await proposed(town.secretary, "陆小满")
    await assessed(town.committee, UP)
    view = await town.house.services.plans.view(town.actor("主任甲"), 2026, town.today)
    return view.lines[0].item_id


async def newcomer(town: Town) -> Somebody:
    director = town.actor("主任甲")
    return await town.house.join(director, Role.ORGANISER, DEPARTMENT, "组织员卯", 900)


async def test_another_organiser_is_told_who_checks_first(town: Town, second: Database) -> None:
    item = await forwarded(town)
    other = await newcomer(town)
    assert "有1人等组织员初审" not in await other.says("/plan")
    assert "陆小满" not in await other.says("待办")
    said = await other.presses_again(1, f"po:{item}")
    assert "第一党委由组织员庚分管，请这位同志初审。" in said
    async with second.read() as session:
        row = (await session.exec(select(PlanRow))).one()
    assert (row.state, row.checked_by) == ("forwarded", None)
    assert "陆小满" in await town.organiser.says("待办")
    assert "陆小满：初审合格" in await checked(town.organiser)


async def test_only_the_responsible_one_hears_of_names_sent_up(town: Town) -> None:
    other = await newcomer(town)
    await forwarded(town)
    await told(town)
    assert "请组织员初审" in town.organiser.screen.text
    assert not other.chat


@on_both
async def test_the_director_gives_a_committee_to_another_organiser(
    town: Town, second: Database
) -> None:
    item = await forwarded(town)
    director = town.house.somebody(100)
    await director.says("/plan")
    said = await director.presses("定分管组织员")
    assert "第一党委：组织员庚" in said
    await director.presses(COMMITTEE)
    said = await director.presses("组织员辛")
    assert "第一党委：组织员辛" in said
    with pytest.raises(StepNotOpen):
        await town.house.services.plans.check(town.house.act(), town.actor("组织员庚"), item)
    line = await town.house.services.plans.check(town.house.act(), town.actor("组织员辛"), item)
    assert line.state == "checked"
    async with second.read() as session:
        row = (await session.exec(select(ResponsibleRow))).one()
        acts = (await session.exec(select(AuditLine.act))).all()
    assert row.person_id == town.actor("组织员辛").person_id
    assert acts.count("give_committee") == 2


async def test_without_anybody_responsible_the_director_is_asked(
    town: Town, second: Database
) -> None:
    async with town.house.services.database.write() as session:
        await session.delete((await session.exec(select(ResponsibleRow))).one())
    item = await forwarded(town)
    await told(town)
    director = town.house.somebody(100)
    assert "请先定由谁初审" in director.screen.text
    assert "还没有定分管组织员" in await director.says("/plan")
    said = await town.organiser.presses_again(1, f"po:{item}")
    assert "第一党委还没有定分管组织员" in said


async def test_a_department_with_one_organiser_needs_nobody_named(town: Town) -> None:
    gone = {town.actor(name).person_id for name in ORGANISERS[1:]}
    async with town.house.services.database.write() as session:
        await session.delete((await session.exec(select(ResponsibleRow))).one())
        posts = select(PostRow).where(PostRow.role == Role.ORGANISER.value)
        for post in await session.exec(posts):
            post.until = town.house.at if post.person_id in gone else None
            session.add(post)
    await forwarded(town)
    assert "陆小满：初审合格" in await checked(town.organiser)


@pytest.mark.parametrize("who", ["书记丙", "委员乙", "介绍丁", ORGANISERS[0]])
async def test_nobody_but_the_director_says_who_is_responsible(
    town: Town, second: Database, who: str
) -> None:
    service, actor = town.house.services.responsible, town.actor(who)
    organiser = town.actor(ORGANISERS[1]).person_id
    for refused in (
        service.charges(actor),
        service.organisers(actor),
        service.give(town.house.act(), actor, town.place(COMMITTEE), organiser),
    ):
        with pytest.raises(NotAllowed):
            await refused
    async with second.read() as session:
        row = (await session.exec(select(ResponsibleRow))).one()
    assert row.person_id == town.actor(ORGANISERS[0]).person_id


async def test_a_committee_is_given_to_an_organiser_and_to_nobody_else(town: Town) -> None:
    service, director = town.house.services.responsible, town.actor("主任甲")
    for place, who in ((COMMITTEE, "书记丙"), ("第一支部", ORGANISERS[1])):
        with pytest.raises(NotFound):
            await service.give(
                town.house.act(), director, town.place(place), town.actor(who).person_id
            )
