"""Coming in by invitation, and what somebody without one gets to see."""

import re

from domain.rulebook.schema import Role
from handlers.staff.menu.callbacks import FirstMorningCallback
from tests.conftest import on_both, on_sqlite
from tests.conversation.conftest import House
from tests.conversation.people import Somebody


@on_sqlite
async def test_a_stranger_is_told_in_two_sentences_how_to_be_invited(stranger: Somebody) -> None:
    for text in ("/start", "你好", "待办", "/todo", "/help", "张三"):
        said = await stranger.says(text)
        assert said.splitlines()[-1].count("。") == 2
        assert "要一条邀请" in said
        assert not stranger.screen.menu


@on_sqlite
async def test_a_stranger_learns_what_is_kept(stranger: Somebody) -> None:
    assert "不存身份证号" in await stranger.says("/privacy")


@on_sqlite
async def test_a_stranger_with_an_english_telegram_is_spoken_to_in_english(house: House) -> None:
    said = await house.somebody(901, "en-GB").says("/start")
    assert "for an invitation" in said


@on_sqlite
async def test_in_a_group_nothing_is_said(house: House, secretary: Somebody) -> None:
    group = Somebody(house.line, -500, chat_type="supergroup")
    assert await group.says("/todo") == ""
    assert await group.says("待办") == ""
    assert await group.unblocks() == ""
    assert group.chat == {}


@on_both
async def test_a_secretary_invites_an_introducer_who_joins_once(
    house: House, secretary: Somebody, stranger: Somebody
) -> None:
    await secretary.says("更多")
    await secretary.presses("邀请")
    assert [label for label in secretary.choices if label != "取消"] == ["入党介绍人"]
    await secretary.presses("入党介绍人")
    said = await secretary.says("王小红")
    link = re.search(r"https://t\.me/yinlu_staff_bot\?start=([\w-]+)", said)
    assert link is not None

    assert f"<code>加入 {link[1]}</code>" in said
    assert "您是王小红吗" in await stranger.says(f"/start {link[1]}")
    assert "您是王小红吗" in await stranger.says(f"加入 {link[1]}"), "the same without a link"
    assert "用过了或者过期了" in await stranger.says("加入 AAAAAAAAAAAAAAAAAAAAAAAA")
    said = await stranger.says("待办")
    assert "已经打开过邀请的，请按上面的“是，我是……”" in said, "whose question still stands above"
    said = await stranger.presses("是，我是王小红")
    assert "王小红，您已加入" in said
    assert "第一支部：入党介绍人" in said
    assert [message.menu[:1] for message in stranger.chat.values() if message.menu] == [["待办"]]
    place = max(stranger.chat)
    assert stranger.choices == ["下一条 ›", "跳过"]
    assert "您联系的人要谈话、回访、签字" in stranger.screen.text
    assert "现在没有等您办的" in await stranger.presses("下一条")
    assert "填过的都在" in await stranger.presses("下一条")
    assert max(stranger.chat) == place, "one place for all three"
    assert stranger.choices == ["待办"], "the way on"
    actor = await house.services.people.whoami(stranger.chat_id)
    assert actor.name == "王小红"

    assert "用过了" in await house.somebody(902).says(f"/start {link[1]}")
    assert "您好" in await stranger.says(f"/start {link[1]}")


@on_sqlite
async def test_the_first_morning_leads_to_the_first_entry_and_is_over_once_somebody_works(
    house: House, secretary: Somebody
) -> None:
    await secretary.says("开始新的一件")
    await secretary.says("张三")
    await secretary.presses("登记")
    people, branch = house.services.people, house.places["第一支部"]
    inviter = house.posts["委员乙"]
    token = await people.invite(house.act(), inviter, Role.SECRETARY, branch, "书记壬")
    other = house.somebody(311)
    await other.opens(token)
    assert "按“开始新的一件”" in other.screen.text
    said = await other.presses("下一条")
    assert "现在有1项等您" in said
    assert "张三 · 1 递交入党申请书" in said
    await other.presses("下一条")
    assert "哪天收到" in await other.presses("1. 张三")
    # Whoever has opened a case has worked.
    onward = FirstMorningCallback(number=3).pack()
    assert "已经开始办了" in await secretary.presses_again(secretary.screen.message_id, onward)
    # In another post, whoever has worked is told nothing of how to begin.
    second = await people.invite(
        house.act(), inviter, Role.SECRETARY, branch, person_id=house.posts["书记丙"].person_id
    )
    assert "第一次用" not in await secretary.opens(second)


@on_sqlite
async def test_an_invitation_is_too_old_after_a_week(house: House, secretary: Somebody) -> None:
    await secretary.says("/invite")
    await secretary.presses("入党介绍人")
    link = (await secretary.says("王小红")).split("start=")[1].split()[0]
    house.pass_days(8)
    assert "过期" in await house.somebody(903).says(f"/start {link}")


@on_sqlite
async def test_the_committee_invites_secretaries_of_its_branches(
    committee: Somebody, secretary: Somebody
) -> None:
    await committee.says("/invite")
    assert committee.choices == ["支部书记", "取消"]
    await committee.presses("支部书记")
    assert committee.choices == ["第一支部", "第二支部", "取消"]
    await committee.presses("第二支部")
    assert "t.me" in await committee.says("赵六")


@on_sqlite
async def test_a_name_is_a_name(secretary: Somebody) -> None:
    await secretary.says("/invite")
    await secretary.presses("入党介绍人")
    for wrong in ("150702199001011234", "王", "王<b>", "😀😀", "王" * 41, "张桂芳\n齐格"):
        assert "请输入一个人的姓名" in await secretary.says(wrong)
    assert "请输入一个人的姓名" in await secretary.shows_sticker()
    assert "t.me" in await secretary.says("阿依古丽·买买提")


@on_sqlite
async def test_an_introducer_invites_nobody(introducer: Somebody) -> None:
    await introducer.says("更多")
    assert "邀请" not in introducer.choices
    assert "没有可以邀请的人" in await introducer.says("/invite")
