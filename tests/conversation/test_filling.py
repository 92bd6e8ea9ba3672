"""A step filled in: every kind of question, back, skip, change, save, and what comes next."""

from datetime import date
from functools import partial

import pytest

from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody, picture


@pytest.fixture
async def opened(house: House, secretary: Somebody) -> Somebody:
    """A secretary who has just entered an application."""
    await house.said_once("opened", partial(_opens, secretary))
    return secretary


async def _opens(secretary: Somebody) -> None:
    await secretary.says("开始新的一件")
    await secretary.says("张三")
    await secretary.presses("登记")


async def first_step(secretary: Somebody) -> str:
    """The application's own questions, answered; what was said at the end."""
    await secretary.presses("开始填写")
    await secretary.says("昨天")
    await secretary.says("25")
    await secretary.presses("本人")
    await secretary.presses("是")
    await secretary.presses("跳过")
    return await secretary.presses("确认，保存")


async def talk_begun(secretary: Somebody) -> None:
    """The second step, up to its question for introducers."""
    await secretary.presses("接着填：2 派人谈话")
    await secretary.says("今天")
    await secretary.presses("入党动机")
    await secretary.presses("下一项 ›")
    await secretary.presses("党员甲一")


async def second_step(secretary: Somebody) -> str:
    await talk_begun(secretary)
    await secretary.presses("党员甲一")
    await secretary.presses("党员甲二")
    return await secretary.presses("确认，保存")


async def test_a_case_is_opened_and_its_first_step_stands_first(
    house: House, opened: Somebody
) -> None:
    said = opened.screen.text
    assert "张三" in said
    assert "第一支部" in said
    assert said.index("下一步：") < said.index("先准备好")
    assert "由支部书记办" in said
    assert "《细则》第5、6条" in said
    assert "手写的入党申请书" in said
    assert "开始填写" in opened.choices


async def test_the_buttons_of_a_card_stand_in_pairs_below_what_comes_next(
    opened: Somebody,
) -> None:
    """Six rows of one button each pushed the next step itself off a phone's screen."""
    await first_step(opened)
    await opened.presses("看这一件")
    rows = [[button.text for button in row] for row in opened.screen.rows]
    assert rows[0] == ["开始填写"]
    assert rows[1:] == [
        ["这一步怎么办", "核对日期"],
        ["全程一图", "材料"],
        ["办理记录（1）", "待办"],
    ]


async def test_every_question_says_where_one_is_and_what_is_wanted(opened: Somebody) -> None:
    said = await opened.presses("开始填写")
    assert "张三 · 1 递交入党申请书 · 1/5" in said
    assert "哪天收到？" in said
    assert "在日历上点" in said
    said = await opened.presses("今天")
    assert "2/5" in said
    assert "须年满18岁" in said


async def test_how_a_step_is_taken_can_be_read_without_leaving_its_form(opened: Somebody) -> None:
    await opened.presses("开始填写")
    said = await opened.presses("这一步怎么办")
    assert "按顺序办：\n1. 核对年龄" in said
    assert said.rindex("哪天收到？") > said.index("核对年龄")
    assert "哪天收到？" in opened.screen.text
    await opened.presses("昨天")
    assert "这一步怎么办" not in opened.choices
    assert "2/5" in opened.screen.text


async def test_a_step_is_filled_saved_and_leads_to_the_next(
    house: House, opened: Somebody, second: Database
) -> None:
    await opened.presses("开始填写")
    await opened.says("2026-11-22")
    await opened.says("２５")
    await opened.presses("邮寄")
    await opened.says("A<1>")
    await opened.presses("是")
    said = await opened.presses("跳过")
    assert "核对后保存" in said
    assert "A&lt;1&gt;" in said
    assert "可不填" not in said

    said = await opened.presses("确认，保存")
    assert "已保存：张三 · 1 递交入党申请书" in said
    assert "下一步：<b>2 派人谈话</b>，由支部书记办，最迟12月22日，还有29天" in said
    assert "接着填：2 派人谈话" in opened.choices

    page = await house.services.cases.search(house.posts["书记丙"], date(2026, 11, 23))
    card = await house.services.cases.card(
        house.posts["书记丙"], page.lines[0].case_id, date(2026, 11, 23)
    )
    assert card.entries[0].answers == {
        "received_on": date(2026, 11, 22),
        "age": 25,
        "way": "post",
        "box": "A<1>",
        "handwritten": True,
    }
    assert card.progress.next is not None
    assert card.progress.next.step.id == "2"


async def test_a_question_that_is_no_longer_asked_loses_its_answer(
    house: House, opened: Somebody
) -> None:
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    await opened.presses("邮寄")
    await opened.says("A1")
    await opened.presses("‹ 上一项")
    await opened.presses("‹ 上一项")
    said = await opened.presses("本人")
    assert "手写？" in said
    assert "4/5" in said
    await opened.presses("是")
    said = await opened.presses("跳过")
    assert "邮戳" not in said


async def test_going_back_shows_the_answer_and_going_on_keeps_it(opened: Somebody) -> None:
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    said = await opened.presses("‹ 上一项")
    assert "现在填的：25" in said
    assert "怎样递交" in await opened.presses("下一项 ›")


async def test_an_answer_is_changed_in_the_summary(opened: Somebody) -> None:
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    await opened.presses("本人")
    await opened.presses("是")
    await opened.presses("跳过")
    said = await opened.presses("改“年龄”")
    assert "年龄" in said
    said = await opened.says("26")
    assert "核对后保存" in said
    assert "26" in said
    assert "25" not in said


async def test_a_change_in_the_summary_drops_what_is_no_longer_asked(opened: Somebody) -> None:
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    await opened.presses("邮寄")
    await opened.says("A1")
    await opened.presses("是")
    await opened.presses("跳过")
    await opened.presses("改“怎样递交”")
    said = await opened.says("本人")
    assert "核对后保存" in said
    assert "邮戳" not in said
    assert "还不能保存" not in said
    await opened.presses("改“怎样递交”")
    said = await opened.presses("邮寄")
    assert "邮戳编号？" in said
    assert "核对后保存" in await opened.says("A2")
    assert "已保存" in await opened.presses("确认，保存")


async def test_people_are_chosen_from_the_members_of_the_branch_or_by_name(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await opened.presses("接着填：2 派人谈话")
    await opened.says("今天")
    await opened.presses("入党动机")
    await opened.presses("家庭情况")
    await opened.presses("入党动机")
    assert "现在填的：家庭情况" in opened.screen.text
    await opened.presses("下一项 ›")
    assert "没有“王五”" in await opened.says("王五")
    assert "不止一个人" in await opened.says("党员")
    said = await opened.says("党员甲一")
    assert "介绍人？" in said
    await opened.presses("党员甲一")
    assert "至少要2人，现在1人" in await opened.presses("下一项 ›")
    await opened.says("党员甲二")
    said = await opened.presses("下一项 ›")
    assert "党员甲一、党员甲二" in said
    said = await opened.presses("确认，保存")
    await opened.presses("看这一件")
    assert "入党介绍人：党员甲一" in opened.screen.text


async def test_proofs_are_photos_and_papers_and_no_more_than_asked_for(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await second_step(opened)
    await opened.presses("接着填：8a 公示")
    await opened.presses("今天")
    assert "请发照片、PDF或Word文件" in opened.screen.text
    assert "前面填的都在" in await opened.says("拍好了")
    assert "1份" in await opened.shows_photo(b"one")
    assert "2份" in await opened.shows_document(picture(b"two"), "application/octet-stream")
    assert "最多2份" in await opened.shows_photo(b"three", "photo3")
    assert "1份" in await opened.presses("去掉最后一份")
    assert "20 MB以内" in await opened.shows_document(b"big", size=30_000_000)
    assert "没有收" in await opened.shows_document(b"MZ" + bytes(90), "image/jpeg")
    await opened.presses("下一项 ›")
    said = await opened.presses("跳过")
    assert "第一天：2026年11月24日（张贴次日）" in said
    assert "最后一天：2026年12月8日" in said
    assert "取晚的：日历天" in said
    said = await opened.presses("确认，保存")
    assert "最后一天：2026年12月8日" in said


async def ballot(secretary: Somebody) -> None:
    await first_step(secretary)
    await second_step(secretary)
    await secretary.presses("接着填：8a 公示")
    await secretary.presses("今天")
    await secretary.shows_photo(b"one")
    await secretary.presses("下一项 ›")
    await secretary.presses("跳过")
    await secretary.presses("确认，保存")
    await secretary.presses("接着填：15 支部大会讨论表决")
    await secretary.presses("今天")
    await secretary.presses("全部点上")
    await secretary.presses("下一项 ›")


async def test_numbers_said_to_be_wrong_are_not_counted_by_a_late_tap(opened: Somebody) -> None:
    await ballot(opened)
    await opened.says("有表决权50，应到50 实到48 赞成46 不赞成2")
    right = opened.button("对，就这些")
    asked = await opened.presses("不对，重填")
    assert "读到的数字" not in asked
    await opened.presses_again(*right)
    assert opened.screen.text == asked


async def test_the_ballot_in_one_line_is_read_back_before_it_counts(opened: Somebody) -> None:
    await ballot(opened)
    said = await opened.says("有表决权50，应到50 实到48 赞成46 不赞成2")
    assert "读到的数字，请核对" in said
    assert "赞成几票？　<b>46</b>" in said
    assert "大会结论" not in said
    said = await opened.presses("对，就这些")
    assert "大会结论？" in said
    assert said.index("核对结果：票数够。") < said.index("大会结论？")
    assert "通过" in opened.choices
    assert "未通过" not in opened.choices
    said = await opened.presses("通过")
    assert "国家：赞成超过有表决权的半数，46/50，至少要26（《细则》第20条）" in said
    assert "本地：赞成达到应到的半数，46/50，至少要25（本地规定）" in said
    assert "核对结果：票数够。" in said
    said = await opened.presses("确认，保存")
    assert "票数够" in said


async def test_numbers_that_cannot_be_are_said_before_they_count(opened: Somebody) -> None:
    await ballot(opened)
    said = await opened.says("有表决权50，应到50 实到48 赞成46 不赞成12")
    assert "赞成 + 不赞成是58，多于实到的48" in said
    assert "对，就这些" not in opened.choices
    said = await opened.presses("不对，重填")
    assert "现在填的" not in said


async def test_where_the_layers_differ_the_stricter_decides_and_both_are_shown(
    opened: Somebody,
) -> None:
    await ballot(opened)
    await opened.says("有表决权20 应到20 实到20 赞成10 不赞成10")
    await opened.presses("对，就这些")
    assert "未通过" in opened.choices
    assert "通过" not in opened.choices
    said = await opened.presses("未通过")
    assert "✗ 国家" in said
    assert "✓ 本地" in said
    assert "按更严的办" in said
    said = await opened.presses("确认，保存")
    assert "这一件现在：已终止。" in said


async def test_more_votes_than_voters_are_refused_with_the_sum(opened: Somebody) -> None:
    await ballot(opened)
    for number in ("50", "50", "48", "46", "9"):
        await opened.says(number)
    said = await opened.presses("通过")
    assert "赞成 + 不赞成是55，多于实到的48" in said
    assert "确认，保存" not in opened.choices


async def test_numbers_read_wrongly_are_thrown_away(opened: Somebody) -> None:
    await ballot(opened)
    await opened.says("应到50 实到48")
    said = await opened.presses("不对，重填")
    assert "有表决权几人？" in said
    assert "3/7" in said
