"""A year's plan from the branch's proposal to the organisers' ballot, each level in its chat."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from domain.states import Status
from handlers.staff.messages.notifier import Notifier
from handlers.staff.plans.router import mine, years_beside
from models import EntryRow, PlanRow
from services.core.database import Database
from services.core.errors import StepNotOpen
from services.core.ports import Moot
from tests.meetings.town import Town
from tests.papers.test_story import files_in
from tests.plans.chat import assessed, checked, counted, decided, proposed
from tests.sheets.test_parts import rows_in


async def told(town: Town) -> None:
    """Everything that waits to be said is said."""
    house = town.house
    notifier = Notifier(house.line.bot, house.services, house.now)
    while waiting := await house.services.outgoing.claim(house.at, "w1", most=50):
        for message in waiting:
            try:
                number = await notifier.deliver(message)
                await house.services.outgoing.sent(message.ids, number, house.at)
            except Moot:
                await house.services.outgoing.moot(message.ids)


async def report_taken(town: Town, case: str) -> None:
    """Something that may be entered whenever it happens."""
    await town.secretary.presses_again(1, f"f:{case}:thought_report")
    if "是 · 保存" in town.secretary.choices:
        await town.secretary.presses("是 · 保存")
    else:
        # The second on one day is looked over: that they are so close is noted.
        await town.secretary.presses("是")
        await town.secretary.presses("确认，保存")
    assert "已保存：陆小满" in town.secretary.screen.text


async def test_every_past_plan_can_be_reached(town: Town) -> None:
    view = await town.house.services.plans.view(town.actor("书记丙"), 2026, town.today)
    today = date(2026, 12, 1)
    assert years_beside(view, today) == [2025, 2027]
    assert years_beside(replace(view, year=2025), today) == [2026]
    older = replace(view, first=2023)
    assert years_beside(replace(older, year=2025), today) == [2024, 2026]
    assert years_beside(replace(older, year=2023), today) == [2024, 2026]


async def test_a_name_that_is_proposed_twice_stands_once(town: Town, second: Database) -> None:
    case = await town.led("陆小满", "7a", days=400)
    await report_taken(town, case)
    button = town.secretary.button("已听取党内外意见，申报进2026年度计划")
    assert "已申报：陆小满" in await town.secretary.presses("已听取党内外意见，申报进")
    said = await town.secretary.presses_again(*button)
    assert "已经申报过，在2026年的计划里，没有重复。" in said
    assert "没有保存" not in said
    async with second.read() as session:
        assert len((await session.exec(select(PlanRow))).all()) == 1


async def test_a_name_goes_up_level_by_level_into_the_plan(town: Town, second: Database) -> None:
    case = await town.led("陆小满", "7a", days=400)
    await report_taken(town, case)
    assert "已听取党内外意见，申报进2026年度计划" in town.secretary.choices
    said = await proposed(town.secretary, "陆小满")
    assert "已申报：陆小满" in said
    await told(town)
    assert "请党（工）委考核、票决" in town.committee.screen.text

    said = await assessed(town.committee, ("陆小满", "同意7 不同意1", "列入本级计划，上报组织部"))
    assert "结论：列入本级计划，上报组织部" in said
    await told(town)
    assert "请组织员初审" in town.organiser.screen.text

    said = await checked(town.organiser)
    assert "陆小满：初审合格" in said
    await report_taken(town, case)
    on_its_way = " ".join(town.secretary.choices)
    assert "申报进" not in on_its_way
    said = await decided(town.organiser, "陆小满", "同意4 不同意1", "列入年度计划")
    assert "已保存：陆小满 · 7a 列入年度发展计划" in said
    assert "4/5" in said
    assert "下一步：<b>8 报上级党委同意</b>" in said
    await told(town)
    assert "轮到您了：<b>陆小满</b>" in town.committee.screen.text

    card = await town.card(case)
    entry = next(line for line in card.entries if line.step.id == "7a")
    assert (entry.answers["year"], entry.answers["all"], entry.answers["yes"]) == (2026, 5, 4)
    assert entry.answers["levels"] == ("branch", "committee", "first_check")
    shown = await town.house.services.plans.view(town.actor("书记丙"), 2026, town.today)
    assert shown.first == 2026
    async with second.read() as session:
        row = (await session.exec(select(PlanRow))).one()
        assert row.state == "accepted"
        assert row.assessment["entitled"] == 9
        assert row.assessment["yes"] == 7


async def test_who_is_proposed_is_ticked_one_by_one_or_all_at_once(
    town: Town, second: Database
) -> None:
    for name in ("陆小满", "何秋实"):
        await town.led(name, "7a", days=400)
    secretary = town.secretary
    await secretary.says("/plan")
    await secretary.presses("申报")
    assert secretary.choices == ["陆小满", "何秋实", "全部点上", "取消"]
    assert "请按下面的按钮" in await secretary.says("陆小满")
    await secretary.presses("何秋实")
    assert "刚才没填完的没有存" in await secretary.says("/plan")
    await secretary.presses("申报")
    await secretary.presses("全部点上")
    assert secretary.choices == ["✓ 陆小满", "✓ 何秋实", "已听取党内外意见，申报2人", "取消"]
    await secretary.presses("✓ 陆小满")
    assert "已申报：何秋实" in await secretary.presses("已听取党内外意见，申报1人")
    async with second.read() as session:
        assert len((await session.exec(select(PlanRow))).all()) == 1
    # The other one is alone now, and ticked from the start: to be told to tick is to untick.
    await secretary.says("/plan")
    said = await secretary.presses("申报")
    assert "可以申报的只有陆小满，已经点上了" in said
    assert "就按“已听取党内外意见，申报1人”" in said
    assert "点上要申报的人" not in said
    assert secretary.choices[:2] == ["✓ 陆小满", "已听取党内外意见，申报1人"]
    said = await secretary.presses("✓ 陆小满")
    assert "已经点上了" not in said
    assert "点上要申报的人" in said
    assert "已经点上了" in await secretary.presses("陆小满")
    assert "已申报：陆小满" in await secretary.presses("已听取党内外意见，申报1人")


async def test_who_is_further_on_is_not_offered_for_a_plan(town: Town) -> None:
    """Two years on the same person stands among the candidates of an old plan."""
    ready = await town.led("陆小满", "7a", days=400)
    further = await town.led("何秋实", "10", days=440)
    view = await town.house.services.plans.view(town.actor("书记丙"), 2026, town.today)
    assert [choice.person_id for choice in view.proposable] == [ready]
    with pytest.raises(StepNotOpen):
        await town.house.services.plans.propose(
            town.house.act(), town.actor("书记丙"), 2026, (further,)
        )


async def test_who_is_struck_out_is_told_with_the_reason(town: Town) -> None:
    case = await town.led("陆小满", "7a", days=400)
    await proposed(town.secretary, "陆小满")
    await assessed(town.committee, ("陆小满", "同意8 不同意0", "列入本级计划，上报组织部"))
    await checked(town.organiser)
    said = await decided(
        town.organiser, "陆小满", "同意3 不同意2", "取消，不列入", "群众基础还不够。"
    )
    assert "3/5" in said
    assert "票数不够" in said
    await told(town)
    for person in (town.secretary, town.committee):
        assert "群众基础还不够。" in person.screen.text
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (Status.ENDED, "struck_out")
    said = await town.secretary.says("/plan")
    assert "取消1人" in said
    assert "陆小满（第一支部）：群众基础还不够。" in said


async def test_three_of_five_put_nobody_in_the_plan(town: Town) -> None:
    await town.led("陆小满", "7a", days=400)
    await proposed(town.secretary, "陆小满")
    await assessed(town.committee, ("陆小满", "同意8 不同意0", "列入本级计划，上报组织部"))
    await checked(town.organiser)
    await town.organiser.says("/plan")
    await town.organiser.presses("开组织员会议")
    await counted(town.organiser, "全体5 实到5")
    await town.organiser.presses("表决：陆小满")
    await town.organiser.says("同意3 不同意2")
    assert "列入年度计划" not in town.organiser.choices
    assert "取消，不列入" in town.organiser.choices


async def test_who_calls_two_committees_chooses_at_which_the_names_are_voted_on(town: Town) -> None:
    actor = town.actor("委员乙")
    second = replace(actor.posts[0], organisation_id="second", organisation="第二党委")
    both = replace(actor, posts=(*actor.posts, second))
    await town.led("陆小满", "7a", days=400)
    await proposed(town.secretary, "陆小满")
    view = await town.house.services.plans.view(actor, town.today.year, town.today)
    assert [row[0][0] for row in mine(view, actor)[1]] == ["开会票决"]
    labels = [row[0][0] for row in mine(view, both)[1]]
    assert labels == ["开会票决（第一党委）", "开会票决（第二党委）"]


async def test_the_committee_and_the_first_check_send_back_with_a_reason(town: Town) -> None:
    for name in ("陆小满", "何秋实"):
        await town.led(name, "7a", days=400)
    await proposed(town.secretary, "陆小满", "何秋实")
    await assessed(
        town.committee,
        ("陆小满", "同意2 不同意6", "不上报，退回支部继续培养", "还要再培养一年。"),
        ("何秋实", "同意8 不同意0", "列入本级计划，上报组织部"),
    )
    await told(town)
    assert "原因：还要再培养一年。" in town.secretary.screen.text
    await town.organiser.says("/plan")
    await town.organiser.presses("初审")
    assert "何秋实 · 第一支部" in town.organiser.screen.text
    await town.organiser.presses("退回，写原因")
    assert "4到500个字" in await town.organiser.says("短")
    said = await town.organiser.says("考察登记表缺一次小结。")
    assert "何秋实：已退回" in said
    assert "没有等初审的了" in said
    await told(town)
    assert "考察登记表缺一次小结。" in town.secretary.screen.text
    assert "考察登记表缺一次小结。" in town.committee.screen.text
    said = await town.secretary.says("/plan")
    assert "退回支部2人" in said
    assert "有2人可以申报。" in said


async def test_outside_a_plan_nobody_goes_on(town: Town, second: Database) -> None:
    case = await town.led("陆小满", "7a", days=400)
    said = await town.organiser.presses_again(1, f"f:{case}:7a")
    assert "这一步由年度计划决定" in said
    said = await town.committee.presses_again(1, f"f:{case}:8")
    assert "先要办完第7a步" in said
    await town.organiser.says("/meetings")
    said = await town.organiser.presses("新开：组织员会议")
    assert "陆小满 · 7a 列入年度发展计划：年度计划里还没有走到这一级" in said
    async with second.read() as session:
        steps = (await session.exec(select(EntryRow.step))).all()
    assert "7a" not in steps


async def test_the_secretary_is_led_to_the_plan_and_the_organiser_only_when_it_is_their_turn(
    town: Town,
) -> None:
    await town.led("陆小满", "7a", days=400)
    assert "陆小满" in await town.secretary.says("待办")
    assert "陆小满" not in await town.organiser.says("待办")
    await town.secretary.says("陆小满")
    await town.secretary.presses("开始填写")
    assert "有1人可以申报。" in town.secretary.screen.text
    await proposed(town.secretary, "陆小满")
    assert "7a" not in await town.secretary.says("待办")
    assert "陆小满" in await town.committee.says("待办")


async def test_the_funnel_as_a_picture_with_its_words(town: Town) -> None:
    await town.led("陆小满", "7a", days=400)
    await proposed(town.secretary, "陆小满")
    await town.secretary.says("/plan")
    said = await town.secretary.presses("看图")
    assert town.secretary.screen.photo
    assert "2026年度发展计划" in said
    assert "1　支部申报1人" in said
    assert "4　列入年度计划0人" in said
    # And as a sheet, to hand in.
    await town.secretary.says("/plan")
    await town.secretary.presses("下载表格")
    name, content = files_in(town.house)[-1]
    assert name.startswith("2026年度发展计划_")
    assert [row[1:3] for row in rows_in(content)] == [["姓名", "进度"], ["陆小满", "支部已申报"]]
