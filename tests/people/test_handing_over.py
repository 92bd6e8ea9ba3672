"""What goes to whoever comes after, links that are asked about, and lists of many pages."""

import pytest
from sqlmodel import select

from domain.rulebook.schema import Role
from domain.states import EndReason
from handlers.staff.messages.notifier import Notifier
from models import CaseFile, CaseHelper, Draft, Invitation, OutgoingRow, Person
from services.core.database import Database
from services.core.errors import NotInvited
from services.people.handovers import LINK_DECLINED
from services.reminders.escalation import roles_now
from tests.conversation.conftest import House
from tests.conversation.faults import with_faults
from tests.conversation.people import Somebody
from tests.conversation.test_filling import opened
from tests.people.test_posts import end, post_of

__all__ = ["opened"]


async def half_filled(opened: Somebody) -> None:
    """张三's application, two answers in."""
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    await opened.presses("保存，稍后再填")


async def drafts_of(database: Database, person_id: str) -> int:
    async with database.read() as session:
        return len((await session.exec(select(Draft).where(Draft.person_id == person_id))).all())


async def hears(house: House, name: str) -> str:
    """What is sent to somebody now."""
    person, said = house.posts[name].person_id, []
    notifier = Notifier(house.line.bot, house.services, house.now)
    for message in await house.services.outgoing.claim(house.at, "test"):
        if message.person_id == person:
            number = await notifier.deliver(message)
            said.append(house.somebody(message.chat_id).chat[number].text)
    return "\n".join(said)


async def test_a_half_filled_form_goes_to_the_successor_who_is_told(
    house: House, committee: Somebody, opened: Somebody, second: Database
) -> None:
    await half_filled(opened)
    successor = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "新书记", 350)
    ended = await end(house, "委员乙", "书记丙", to="新书记")
    assert (ended.drafts, ended.dropped) == (1, 0)
    assert await drafts_of(second, house.posts["书记丙"].person_id) == 0
    assert "由您接手书记丙（支部书记，第一支部）的工作：没填完的1份" in await hears(house, "新书记")
    await successor.says("待办")
    assert "3/5" in await successor.presses("1. 张三 · 接着填")


async def test_what_the_successor_has_begun_stays_theirs(
    house: House, committee: Somebody, opened: Somebody, second: Database
) -> None:
    await half_filled(opened)
    successor = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "新书记", 350)
    await successor.says("张三")
    await successor.presses("开始填写")
    await successor.says("昨天")
    await end(house, "委员乙", "书记丙", to="新书记")
    assert await drafts_of(second, house.posts["新书记"].person_id) == 1
    await successor.says("待办")
    assert "2/5" in await successor.presses("1. 张三 · 接着填")


async def test_without_a_successor_it_waits_for_whoever_takes_up_the_post(
    house: House, committee: Somebody, opened: Somebody, second: Database
) -> None:
    await half_filled(opened)
    ended = await end(house, "委员乙", "书记丙")
    assert (ended.drafts, ended.successor) == (1, "")
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "新书记", 350)
    assert await drafts_of(second, house.posts["书记丙"].person_id) == 0
    assert await drafts_of(second, house.posts["新书记"].person_id) == 1


async def test_who_opened_a_link_by_mistake_leaves_nothing_half_filled(
    house: House, committee: Somebody, opened: Somebody, second: Database
) -> None:
    await half_filled(opened)
    ended = await end(house, "委员乙", "书记丙", EndReason.MISTAKE)
    assert (ended.drafts, ended.dropped) == (0, 1)
    assert await drafts_of(second, house.posts["书记丙"].person_id) == 0


async def test_a_successor_who_has_not_joined_is_told_on_joining(
    house: House, committee: Somebody, opened: Somebody
) -> None:
    await half_filled(opened)
    people, officer = house.services.people, house.posts["委员乙"]
    place = house.places["第一支部"]
    token = await people.invite(house.act(), officer, Role.SECRETARY, place, "新书记")
    post = await post_of(house, "委员乙", "书记丙")
    [choice] = await house.services.posts.successors(officer, post.post_id, house.at)
    await house.services.posts.end(
        house.act(), officer, post.post_id, EndReason.TERM, house.at.date(), choice.person_id
    )
    assert await house.services.outgoing.claim(house.at, "test") == ()
    house.posts["新书记"] = await people.join(house.act(), 350, token, "zh")
    assert "没填完的1份" in await hears(house, "新书记")


# Whose link it is.


async def invited(secretary: Somebody, name: str) -> str:
    await secretary.says("/invite")
    await secretary.presses("入党介绍人")
    return (await secretary.says(name)).split("start=")[1].split()[0]


@with_faults
async def test_who_says_that_a_link_is_for_somebody_else_stays_out_and_the_inviter_hears_of_it(
    house: House, secretary: Somebody, second: Database, line_fault: str
) -> None:
    token = await invited(secretary, "王小红")
    stranger = house.somebody(900)
    assert "您是王小红吗" in await stranger.says(f"/start {token}")
    assert "已经作废，已经告诉发邀请的同志" in await stranger.presses("不是")
    with pytest.raises(NotInvited):
        await house.services.people.join(house.act(), 900, token, "zh")
    async with second.read() as session:
        [told] = await session.exec(select(OutgoingRow).where(OutgoingRow.kind == LINK_DECLINED))
    assert told.person_id == house.posts["书记丙"].person_id
    assert "给王小红的邀请链接被别人点开了" in await hears(house, "书记丙")
    again = (await secretary.presses("换一条链接")).split("start=")[1].split()[0]
    said = await house.somebody(901).opens(again)
    assert "王小红，您已加入" in said
    async with second.read() as session:
        links = (
            await session.exec(select(Invitation).where(Invitation.role == "introducer"))
        ).all()
    assert len({link.person_id for link in links}) == 1


async def test_a_link_that_nobody_issued_stays_open_when_it_is_declined(
    house: House, secretary: Somebody
) -> None:
    """The first director's: nobody could be told, and nobody else could make another."""
    token = await invited(secretary, "王小红")
    async with house.services.database.write() as session:
        for row in await session.exec(select(Invitation)):
            row.invited_by = None
            session.add(row)
    stranger = house.somebody(900)
    await stranger.says(f"/start {token}")
    assert "什么都没有改动。请告诉给您链接的人" in await stranger.presses("不是")
    assert "王小红，您已加入" in await house.somebody(901).opens(token)


@with_faults
async def test_a_link_that_was_lost_on_its_way_is_made_anew_and_the_old_one_dies(
    house: House, secretary: Somebody, line_fault: str
) -> None:
    old = await invited(secretary, "王小红")
    await secretary.says("/posts")
    await secretary.presses("王小红的邀请")
    new = (await secretary.presses("换一条链接")).split("start=")[1].split()[0]
    assert new != old
    assert "过期" in await house.somebody(901).says(f"/start {old}")
    assert "王小红，您已加入" in await house.somebody(902).opens(new)
    listed = await secretary.says("/posts")
    assert "没有打开的邀请" not in listed


@with_faults
async def test_the_end_of_a_post_and_a_new_link_are_said_whatever_becomes_of_the_first_answer(
    house: House, committee: Somebody, secretary: Somebody, line_fault: str
) -> None:
    """The post has ended by then: looked up first, it would be found no more."""
    await committee.says("/posts")
    await committee.presses("书记丙")
    await committee.presses("链接点错了人")
    token = (await committee.presses("确认")).split("start=")[1].split()[0]
    assert "书记丙，您已加入" in await house.somebody(360).opens(token)
    await committee.says("/posts")
    await committee.presses("书记丙")
    await committee.presses("结束职务")
    await committee.presses("换届")
    await committee.presses(committee.choices[0])
    await committee.presses("先不定")
    assert "的职务已结束" in await committee.presses("确认")


async def test_many_posts_and_links_are_turned_like_pages(
    house: House, committee: Somebody, secretary: Somebody
) -> None:
    for number in "一二三四五六七八九":
        await house.services.people.invite(
            house.act(),
            house.posts["委员乙"],
            Role.SECRETARY,
            house.places["第二支部"],
            f"李{number}",
        )
    said = await committee.says("/posts")
    assert "书记丙" in said
    assert "1/2" in committee.choices
    said = await committee.presses("下一页 ›")
    assert "书记丙" not in said
    assert "2/2" in committee.choices
    await committee.presses("李")
    assert "换一条链接" in committee.choices


async def test_who_helps_without_a_post_is_told_what_they_see(
    house: House, introducer: Somebody, opened: Somebody, second: Database
) -> None:
    async with house.services.database.write() as session:
        case = (await session.exec(select(CaseFile))).one()
        session.add(CaseHelper(
            case_id=case.id, person_id=house.posts["书记丙"].person_id, role="introducer",
            since=house.at,
        ))  # fmt: skip
    await end(house, "委员乙", "书记丙", EndReason.TERM)
    said = await opened.says("/start")
    assert "您现在没有职务，只看得到您当联系人、介绍人的几件" in said
    await end(house, "主任甲", "委员乙", EndReason.LEFT)
    assert "张三" in await opened.says("张三")


async def test_an_ended_post_asks_nobody_above(
    house: House, opened: Somebody, second: Database
) -> None:
    async with house.services.database.read() as session:
        person = await session.get_one(Person, house.posts["书记丙"].person_id)
        case = (await session.exec(select(CaseFile))).one()
        assert await roles_now(session, person, case) == {Role.SECRETARY}
    await end(house, "委员乙", "书记丙")
    async with house.services.database.read() as session:
        assert await roles_now(session, person, case) == frozenset()
