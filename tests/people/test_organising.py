"""A house grows from its first invitation on, in the chat alone."""

import re
from collections import Counter

import pytest

from domain.rulebook.schema import Role
from models import Organisation
from services.core.errors import NotAllowed
from services.inspections.findings import pool_of
from tests.conversation.conftest import House
from tests.conversation.people import Somebody


async def test_a_director_enters_a_committee_and_invites_who_leads_it(
    house: House, director: Somebody, stranger: Somebody
) -> None:
    await director.says("更多")
    await director.presses("登记组织")
    await director.presses("组织部")
    said = await director.says("第二党委")
    assert "登记好了：第二党委。下一步，邀请它的负责人。" in said
    await director.presses("邀请")
    await director.presses("党委组织委员")
    await director.presses("第二党委")
    link = re.search(r"start=([\w-]+)", await director.says("委员辛"))
    assert link is not None

    assert "第二党委：党委组织委员" in await stranger.opens(link[1])
    found = await house.services.people.organisations(house.posts["主任甲"])
    assert ("committee", "第二党委") in [(level, name) for _, level, name in found]

    await stranger.says("/invite")
    assert "还没有这一级的组织" in await stranger.presses("支部书记")


async def test_a_committee_enters_its_branches_without_being_asked_where(
    house: House, committee: Somebody
) -> None:
    await committee.says("更多")
    said = await committee.presses("登记组织")
    assert "登记一个党支部或者党总支，属于第一党委" in said
    await committee.says("2021级学生党支部")
    actor = await house.services.people.whoami(committee.chat_id)
    found = await house.services.people.organisations(actor)
    assert ("branch", "2021级学生党支部") in [(level, name) for _, level, name in found]


async def test_general_branches_stand_between_and_leading_groups_beside(
    house: House, director: Somebody, committee: Somebody
) -> None:
    services, head = house.services, house.posts["主任甲"]
    await director.says("/organisation")
    await director.presses("组织部")
    said = await director.says("财政局党组")
    assert "财政局党组，是党组。党组不审批党员" in said
    assert "邀请" not in director.choices
    await committee.says("/organisation")
    assert "在它下面登记党支部" in await committee.says("机关党总支")
    await committee.presses("再登记一个组织")
    await committee.presses("机关党总支")
    assert "下一步，邀请它的负责人" in await committee.says("机关第一党支部")

    places = {
        name: (item, level) for item, level, name in await services.people.organisations(head)
    }
    assert places["财政局党组"][1] == "leading_group"
    between, branch = places["机关党总支"][0], places["机关第一党支部"][0]
    async with services.database.read() as session:
        assert (await session.get_one(Organisation, branch)).parent_id == between
        assert (await session.get_one(Organisation, between)).parent_id == places["第一党委"][0]
        # Drawn with the branches of their committee, not as a committee of its own.
        assert set(await pool_of(session)) == {places["第一党委"][0]}
    for parent, level in ((between, "committee"), (places["财政局党组"][0], "branch")):
        with pytest.raises(NotAllowed):
            await services.people.add_organisation(house.act(), head, parent, level, "某党支部")
    officer = house.posts["委员乙"]
    house.places["机关第一党支部"] = branch
    await house.join(officer, Role.SECRETARY, "机关第一党支部", "书记午", 900)
    opened = await services.cases.open(house.act(), house.posts["书记午"], "任远", branch)
    page = await services.cases.search(officer, house.at.date())
    assert [line.case_id for line in page.lines] == [opened.case_id]


@pytest.mark.slow
async def test_the_653_organisations_of_the_report_can_be_entered(house: House) -> None:
    services, head = house.services, house.posts["主任甲"]
    top, add = house.places["组织部"], services.people.add_organisation
    made = Counter({"department": 0, "committee": 1, "branch": 2})

    async def enter(level: str, parent: str) -> str:
        made[level] += 1
        return await add(house.act(), head, parent, level, f"组织{level}{made[level]}")

    committees = [house.places["第一党委"], *[await enter("committee", top) for _ in range(34)]]
    for _ in range(12):
        await enter("leading_group", top)
    general = [await enter("general_branch", committees[i % 35]) for i in range(47)]
    for number in range(557):
        await enter("branch", [*general, *committees][number % 82])
    found = Counter(level for _, level, _ in await services.people.organisations(head))
    assert found == Counter(
        department=1, committee=35, leading_group=12, general_branch=47, branch=559
    )
    assert sum(found.values()) - 1 == 653


async def test_what_is_no_name_of_an_organisation_is_refused_and_nothing_stored(
    house: House, committee: Somebody
) -> None:
    before = await house.services.people.organisations(house.posts["主任甲"])
    await committee.says("/organisation")
    for wrong in ("长" * 61, "4", "15010219900101"):
        assert "2到60个字" in await committee.says(wrong)
    assert "2到60个字" in await committee.forwards("第三支部")
    assert "2到60个字" in await committee.shows_sticker()
    assert await house.services.people.organisations(house.posts["主任甲"]) == before
    assert len(before) > 0


async def test_a_secretary_may_not_and_isnt_offered_it(secretary: Somebody) -> None:
    await secretary.says("更多")
    assert "登记组织" not in secretary.choices
    assert "群众反映" not in secretary.choices
    assert "登记党员" in secretary.choices
    assert "由上级党委或者组织部登记" in await secretary.says("/organisation")


async def test_where_there_are_many_a_page_is_turned(house: House, director: Somebody) -> None:
    for number in range(9):
        await house.services.people.add_organisation(
            house.act(), house.posts["主任甲"], house.places["组织部"], "committee", f"党委{number}"
        )
    await director.says("/organisation")
    assert "1/2 ›" in director.choices
    await director.presses("1/2 ›")
    await director.presses("党委8")
    assert "属于党委8" in director.screen.text
