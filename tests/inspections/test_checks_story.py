"""The department draws, looks, tells; a branch puts right what was wanting. Told in chat."""

from datetime import date, datetime, time

import pytest
from sqlalchemy import update
from sqlmodel import select

from domain.calendar.office_hours import ZONE
from domain.rulebook.schema import Role
from handlers.staff.messages.notifier import Notifier
from models import CaseFile, InspectedRow, InspectionRow, OutgoingRow
from services.core.database import Database
from services.core.errors import NotAllowed
from services.inspections.findings import CHECK, VISITED
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.operations.edits import by_hand, table_of


async def drawn(house: House, director: Somebody) -> str:
    """Two branches of one committee, one of each drawn with all of them: both."""
    await director.says("更多")
    said = await director.presses("随机抽查")
    assert "还没有抽查过" in said
    return await director.presses("每个抽2个")


NO_PRAISE = "没有特别要表扬的"


async def looked(director: Somebody, number: int, *defects: str, praise: str = "") -> str:
    await director.presses(f"看第{number}个")
    await director.presses("填写检查结果")
    for defect in defects:
        await director.presses(defect)
    await director.presses("下一项 ›" if defects else "没有发现问题")
    if praise:
        await director.presses(praise)
    await director.presses("下一项 ›" if praise else NO_PRAISE)
    if defects:
        await director.says("四查写的是同一句话。")
    else:
        await director.presses("跳过")
    said = await director.presses("确认，保存")
    assert "已保存检查结果" in said
    await director.presses("‹ 这次抽查")
    return said


async def test_what_was_ticked_is_there_again_after_looking_elsewhere(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    await drawn(house, director)
    await director.presses("看第1个")
    await director.presses("填写检查结果")
    await director.presses("措施没有跟到结果")
    assert "填了一半的还在" in await director.says("待办")
    house.restart()
    await director.says("/checks")
    await director.presses("看第1个")
    await director.presses("填写检查结果")
    assert "✓ 措施没有跟到结果" in director.choices
    await director.presses("下一项 ›")
    await director.presses(NO_PRAISE)
    await director.says("措施写了没有做。")
    await director.says("/new")
    await director.says("/checks")
    await director.presses("看第2个")
    await director.presses("填写检查结果")
    assert not [label for label in director.choices if label.startswith("✓")]
    await director.says("/checks")
    await director.presses("看第1个")
    said = await director.presses("填写检查结果")
    assert "核对后保存" in said
    assert "措施写了没有做。" in said
    await director.presses("确认，保存")
    await director.presses("填写检查结果")
    assert not [label for label in director.choices if label.startswith("✓")]


async def test_from_the_last_look_back_to_every_question(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody,
    second: Database,
) -> None:  # fmt: skip
    await drawn(house, director)
    await director.presses("看第1个")
    await director.presses("填写检查结果")
    assert "请按下面的按钮" in await director.says("写了没有做")
    await director.says("措施没有跟到结果")
    assert "✓ 措施没有跟到结果" in director.choices, "written, it is ticked as well"
    await director.presses("下一项 ›")
    await director.presses(NO_PRAISE)
    await director.says("措施写了没有做。")
    for _ in range(3):
        await director.presses("‹ 上一项")
    assert "✓ 措施没有跟到结果" in director.choices
    await director.presses("没有发现问题")
    await director.presses(NO_PRAISE)
    said = await director.presses("跳过")
    assert "没有发现问题" in said
    assert "措施写了没有做" not in said
    assert "已保存检查结果" in await director.presses("确认，保存")
    async with second.read() as session:
        [row] = [r for r in (await session.exec(select(InspectedRow))).all() if r.checked_on]
    assert (list(row.defects), row.note) == ([], None)


async def test_who_begins_something_else_hears_what_became_of_it(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    await drawn(house, director)
    await director.presses("看第1个")
    await director.presses("填写检查结果")
    await director.presses("措施没有跟到结果")
    assert "填了一半的还在" in await director.says("/invite")


@pytest.mark.parametrize("gives_up", ["取消", "/cancel"])
async def test_what_was_given_up_is_gone(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody, gives_up: str
) -> None:
    await drawn(house, director)
    await director.presses("看第1个")
    await director.presses("填写检查结果")
    await director.presses("措施没有跟到结果")
    said = await (director.presses if gives_up == "取消" else director.says)(gives_up)
    assert "什么也没有存" in said
    await director.says("/checks")
    await director.presses("看第1个")
    await director.presses("填写检查结果")
    assert not [label for label in director.choices if label.startswith("✓")]


async def test_a_draw_shows_its_seed_and_can_be_repeated(
    house: House, director: Somebody, other_secretary: Somebody, secretary: Somebody,
    second: Database,
) -> None:  # fmt: skip
    said = await drawn(house, director)
    assert "种子：" in said
    assert "第一支部（第一党委）：还没查" in said
    assert "第二支部（第一党委）：还没查" in said
    assert "结果一样" in await director.presses("重新抽一遍核对")
    async with second.read() as session:
        row = (await session.exec(select(InspectionRow))).one()
        assert str(row.seed) in said
        assert len((await session.exec(select(InspectedRow))).all()) == 2


async def test_only_the_branch_concerned_gets_its_own_list(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody,
    second: Database,
) -> None:  # fmt: skip
    await drawn(house, director)
    before = director.screen.text
    await looked(director, 1, "四查写得空，看不出情况", "措施没有跟到结果")
    assert "发通报" not in director.choices
    await looked(director, 2)
    for text in (before, director.screen.text):
        assert text.index("1. 第一支部") < text.index("2. 第二支部")
    said = await director.presses("发通报")
    assert "有问题的支部各收到自己的一份" in said
    assert "有问题，要整改" in said
    async with second.read() as session:
        sent = (await session.exec(select(OutgoingRow).where(OutgoingRow.kind == CHECK))).all()
    told = {row.person_id for row in sent}
    assert told == {house.posts["书记丙"].person_id, house.posts["委员乙"].person_id}
    assert "其他支部看不点名的" in said

    notifier = Notifier(house.line.bot, house.services, house.now)
    for message in await house.services.outgoing.claim(house.now(), "w"):
        await notifier.deliver(message)
    assert "随机抽查通报" in secretary.screen.text
    assert "· 四查写得空，看不出情况" in secretary.screen.text
    assert "四查写的是同一句话" in secretary.screen.text
    heard = [seen.text for seen in other_secretary.chat.values() if "随机抽查通报" in seen.text]
    assert len(heard) == 1
    assert "不点名" in heard[0]
    assert "· 四查写得空，看不出情况" in heard[0]
    assert "第一支部" not in heard[0]
    assert "四查写的是同一句话" not in heard[0]


async def test_a_branch_with_a_case_changed_by_hand_is_not_shown_as_if_it_were_whole(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    branch = house.places["第一支部"]
    await house.services.cases.open(house.act(), house.posts["书记丙"], "张三", branch)
    await drawn(house, director)
    async with by_hand(house.services.database) as connection:
        await connection.execute(update(table_of(CaseFile)).values(stage=sorted(VISITED)[0]))
        await connection.commit()
    said = await director.presses("看第1个")
    assert "在程序之外被改过" in said
    assert "填写检查结果" not in director.choices


@pytest.mark.rule("ballots_checked", "circular_without_names")
async def test_a_branch_is_praised_for_its_ballots_and_nobody_is_ranked(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody,
    second: Database,
) -> None:  # fmt: skip
    """Both branches: the one praised hears of itself, the other one only of what was done."""
    await drawn(house, director)
    said = await director.presses("看第1个")
    assert "还没有票决过" in said
    await director.presses("‹ 这次抽查")
    said = await looked(director, 1, praise="三级票决规范，票数和记录对得上")
    assert "做得好的" in said
    await looked(director, 2)
    await director.presses("发通报")
    async with second.read() as session:
        rows = (await session.exec(select(InspectedRow))).all()
        assert sorted(list(row.merits) for row in rows) == [[], ["ballots_in_order"]]
        assert {row.due_on for row in rows} == {None}
    notifier = Notifier(house.line.bot, house.services, house.now)
    for message in await house.services.outgoing.claim(house.now(), "w"):
        await notifier.deliver(message)
    assert "做得好的，予以表扬" in secretary.screen.text
    assert "· 三级票决规范，票数和记录对得上" in secretary.screen.text
    assert "整改" not in secretary.screen.text
    seen = other_secretary.screen.text
    assert "· 三级票决规范，票数和记录对得上" in seen
    assert "第一支部" not in seen
    for words in ("名次", "第1名", "排第"):
        assert words not in seen
    check = await house.services.inspections.newest(house.posts["主任甲"])
    assert check is not None
    praised = next(b.item_id for b in check.branches if b.branch == "第一支部")
    with pytest.raises(NotAllowed):
        await house.services.inspections.answer(
            house.act(), house.posts["书记丙"], praised, "没有要整改的"
        )


async def test_the_circular_is_read_only_once_it_went_out(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody,
    introducer: Somebody,
) -> None:  # fmt: skip
    checks, posts = house.services.inspections, house.posts
    check = await checks.draw(house.act(), posts["主任甲"], 2)
    for item in check.branches:
        await checks.enter(house.act(), posts["主任甲"], item.item_id, ("no_slips",))
    with pytest.raises(NotAllowed):
        await checks.circular(posts["书记戊"], check.inspection_id)
    await checks.circulate(house.act(), posts["主任甲"], check.inspection_id)
    found = await checks.circular(posts["书记戊"], check.inspection_id)
    assert [text.zh for text in found.defects] == ["没有用票表决，用举手代替"]
    with pytest.raises(NotAllowed):
        await checks.circular(posts["介绍丁"], check.inspection_id)
    with pytest.raises(NotAllowed):
        await checks.enter(house.act(), posts["主任甲"], check.branches[0].item_id, ("made_up",))


async def test_the_branch_says_what_it_put_right(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody,
    second: Database,
) -> None:  # fmt: skip
    await drawn(house, director)
    await looked(director, 1, "措施没有跟到结果")
    await looked(director, 2)
    await director.presses("发通报")
    said = await secretary.says("待办")
    assert "随机抽查 · 第一支部 · 整改期限12月23日，还有30天" in said
    await secretary.presses("随机抽查 · 整改")
    said = await secretary.presses("填写整改情况")
    assert "怎样整改的" in said
    assert "还没有存" in await secretary.says("好")
    await secretary.says("补做了帮扶，结果已登记。")
    said = await secretary.presses("确认，保存")
    assert "已保存整改情况" in said
    assert "随机抽查" not in await secretary.says("待办")
    async with second.read() as session:
        rows = (await session.exec(select(InspectedRow))).all()
        assert [r.righted_on for r in rows if r.due_on] == [date(2026, 11, 23)]


@pytest.mark.rule("put_right")
@pytest.mark.parametrize(
    ("told", "by"),
    [("2026-11-23", "2026-12-23"), ("2027-01-31", "2027-02-28"), ("2028-01-31", "2028-02-29")],
)
async def test_a_month_to_put_right_ends_on_the_same_day_or_the_last_of_the_month(
    house: House, director: Somebody, second: Database, told: str, by: str
) -> None:
    house.at = datetime.combine(date.fromisoformat(told), time(10), ZONE)
    await drawn(house, director)
    await looked(director, 1, "措施没有跟到结果")
    await looked(director, 2)
    await director.presses("发通报")
    async with second.read() as session:
        rows = (await session.exec(select(InspectedRow))).all()
    assert [row.due_on for row in rows if row.due_on] == [date.fromisoformat(by)]


async def test_who_may_not(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    await drawn(house, director)
    checks, posts = house.services.inspections, house.posts
    check = await checks.newest(posts["主任甲"])
    assert check is not None
    items = {item.branch: item.item_id for item in check.branches}
    organiser = await house.join(posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600)
    assert "没有找到" in await secretary.presses_again(1, "g:k")
    assert "随机抽查" not in await secretary.says("更多")
    for name in ("书记丙", "委员乙"):
        for refused in (
            checks.draw(house.act(), posts[name], 1),
            checks.enter(house.act(), posts[name], items["第一支部"], ()),
            checks.circulate(house.act(), posts[name], check.inspection_id),
            checks.card(posts[name], check.inspection_id),
            checks.branch(posts[name], items["第一支部"], date(2026, 11, 23)),
            checks.answer(house.act(), posts[name], items["第一支部"], "已整改"),
        ):
            with pytest.raises(NotAllowed):
                await refused
    for item in items.values():
        await checks.enter(house.act(), posts["组织员庚"], item, ("vague",))
    with pytest.raises(NotAllowed):
        await checks.circulate(house.act(), posts["组织员庚"], check.inspection_id)
    assert "发通报" not in (await organiser.says("/checks"), *organiser.choices)
    await checks.circulate(house.act(), posts["主任甲"], check.inspection_id)
    for name, item in (("书记戊", "第一支部"), ("委员乙", "第二支部"), ("主任甲", "第一支部")):
        with pytest.raises(NotAllowed):
            await checks.answer(house.act(), posts[name], items[item], "已整改")
    assert (await checks.branch(posts["委员乙"], items["第二支部"], date(2026, 11, 23))).defects


async def test_no_branch_twice_in_a_row_and_one_check_at_a_time(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    checks, boss = house.services.inspections, house.posts["主任甲"]
    first = await checks.draw(house.act(), boss, 1, seed=7)
    with pytest.raises(NotAllowed):
        await checks.draw(house.act(), boss, 1)
    await checks.enter(house.act(), boss, first.branches[0].item_id, ())
    await checks.circulate(house.act(), boss, first.inspection_id)
    house.pass_days(30)
    second = await checks.draw(house.act(), boss, 1, seed=7)
    assert second.left_out == (first.branches[0].branch,)
    assert {b.branch for b in second.branches} == {"第一支部", "第二支部"} - set(second.left_out)
    for wrong in (0, 6):
        with pytest.raises(NotAllowed):
            await checks.draw(house.act(), boss, wrong)


async def test_an_act_done_twice_draws_once(house: House, director: Somebody) -> None:
    checks, boss = house.services.inspections, house.posts["主任甲"]
    act = house.act()
    assert await checks.draw(act, boss, 1) == await checks.draw(act, boss, 1)


async def test_reminders_until_it_is_put_right(
    house: House, director: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    checks, boss = house.services.inspections, house.posts["主任甲"]
    check = await checks.draw(house.act(), boss, 2)
    for item in check.branches:
        await checks.enter(house.act(), boss, item.item_id, ("vague",))
    await checks.circulate(house.act(), boss, check.inspection_id)
    assert await checks.remind(house.at) == 0
    house.pass_days(29)  # 22 December 2026, a Tuesday: one day left
    assert await checks.remind(house.at) == 2
    assert await checks.remind(house.at) == 0
    answered = check.branches[0]
    name = {"第一支部": "书记丙", "第二支部": "书记戊"}[answered.branch]
    await checks.answer(house.act(), house.posts[name], answered.item_id, "已经补好了")
    house.pass_days(8)  # a week after the day
    assert await checks.remind(house.at) == 2
