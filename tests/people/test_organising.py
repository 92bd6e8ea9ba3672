"""A house grows from its first invitation on, in the chat alone."""

import re

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
    assert "登记一个党支部，属于第一党委" in said
    await committee.says("2021级学生党支部")
    actor = await house.services.people.whoami(committee.chat_id)
    found = await house.services.people.organisations(actor)
    assert ("branch", "2021级学生党支部") in [(level, name) for _, level, name in found]


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
