"""Whatever is sent, the answer says what is expected, nothing is stored, the conversation stays."""

import pytest

from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import ballot, first_step, opened

__all__ = ["opened"]

LONG = "字" * 4096
ODD = (
    LONG,
    "😀" * 500,
    "\u202eחשב\u202c",
    "\x00\x07",
    "a\u200d",
    "\u200c\u200d\u2060",
    "9" * 400,
    "-3",
    "<b>",
    "2026-02-30",
    "0",
    "１２３４５６７８９０１２",
    "{x}",
    "%s",
    " ",
)


@pytest.mark.parametrize("text", ODD)
async def test_a_day_is_asked_for_again(opened: Somebody, text: str) -> None:
    await opened.presses("开始填写")
    said = await opened.says(text)
    assert "1/5" in said
    assert "前面填的都在" in said
    assert "现在填的" not in said


@pytest.mark.parametrize("text", ODD)
async def test_a_number_is_asked_for_again(opened: Somebody, text: str) -> None:
    await opened.presses("开始填写")
    await opened.says("今天")
    said = await opened.says(text)
    assert "2/5" in said
    assert "前面填的都在" in said


@pytest.mark.parametrize("text", ODD)
async def test_a_choice_is_not_typed(opened: Somebody, text: str) -> None:
    await opened.presses("开始填写")
    await opened.says("今天")
    await opened.says("30")
    said = await opened.says(text)
    assert "3/5" in said
    assert "请点一项" in said


async def test_a_day_in_chinese_numerals_is_an_answer_and_what_is_none_loses_nothing(
    opened: Somebody,
) -> None:
    await opened.presses("开始填写")
    said = await opened.says("二月三十日")
    assert "请写成 2026-11-22、11月22日或者十一月二十二日" in said
    assert "刚才的没有保存，前面填的都在" in said
    assert "哪天收到？" in said
    await opened.says("二〇二六年十一月二十日")
    assert "现在填的：2026年11月20日" in await opened.presses("‹ 上一项")


async def test_a_weekday_that_contradicts_its_day_is_asked_about(opened: Somebody) -> None:
    await opened.presses("开始填写")
    said = await opened.says("2026年11月20日（星期四）")
    assert "2026年11月20日是星期五，和写的对不上。请再看一遍是哪一天。" in said
    assert "哪天收到？" in said
    await opened.says("2026年11月20日（星期五）")
    assert "现在填的：2026年11月20日" in await opened.presses("‹ 上一项")


async def test_a_day_ahead_is_not_taken_for_last_years(opened: Somebody) -> None:
    await opened.presses("开始填写")
    said = await opened.says("12月1日")
    assert "2026年12月1日还没到。已经办了的事，日期不能晚于今天；要写往年的，请写上年份。" in said
    assert "哪天收到？" in said
    # Farther ahead it can't be a slip of the pen.
    await opened.says("12月31日")
    assert "现在填的：2025年12月31日" in await opened.presses("‹ 上一项")
    await opened.says("2025年12月1日")
    assert "现在填的：2025年12月1日" in await opened.presses("‹ 上一项")


async def test_what_is_wrong_is_said_in_one_sentence(opened: Somebody) -> None:
    await opened.presses("开始填写")
    assert "没有这一天" in await opened.says("2026-02-30")
    assert "日期不能晚于今天" in await opened.says("2026-12-01")
    await opened.says("今天")
    assert "不能小于18" in await opened.says("-3")
    assert "不能小于18" in await opened.says("17")
    assert "不能大于99" in await opened.says("100")
    assert "要一个整数" in await opened.says("二十几")
    assert "不能大于99" in await opened.says("一百")
    await opened.says("十八岁")
    await opened.presses("邮寄")
    assert "最多20个字" in await opened.says(LONG)


async def test_other_things_than_words(opened: Somebody) -> None:
    await opened.presses("开始填写")
    for send in (opened.shows_sticker(), opened.shows_photo(b"x")):
        said = await send
        assert "这里收不了这个" in said
        assert "1/5" in said
    assert "转发的消息不能当答案" in await opened.forwards("2026-11-22")
    assert "改过的消息不算数" in await opened.edits("2026-11-22")
    assert "1/5" in await opened.says("没有")


async def test_nothing_of_it_was_kept(house: House, opened: Somebody) -> None:
    await opened.presses("开始填写")
    for text in ODD:
        await opened.says(text)
    await opened.shows_sticker()
    said = await opened.says("/cancel")
    assert "还什么都没填" in said


async def test_the_summary_takes_no_words(opened: Somebody) -> None:
    await opened.presses("开始填写")
    await opened.says("今天")
    await opened.says("25")
    await opened.presses("本人")
    await opened.presses("是")
    await opened.presses("跳过")
    assert "还可以写：备注？直接发来就行。" in opened.screen.text
    assert "<b>有证明信</b>" in await opened.says("有证明信")
    said = await opened.says("好的")
    assert "请按下面的按钮" in said
    assert "核对后保存" in said


async def test_outside_a_form(opened: Somebody) -> None:
    assert "没有看懂" in await opened.shows_sticker()
    assert "没有看懂" in await opened.says("/unknown")
    assert "改过的消息不算数" in await opened.edits("x")
    assert "没有找到" in await opened.says(LONG)
    assert "没有看懂" in await opened.forwards("张三")


async def test_a_required_question_is_not_skipped(opened: Somebody) -> None:
    await opened.presses("开始填写")
    assert "跳过" not in opened.choices
    message, data = opened.button("今天")
    intent = data.split("\x1d")[0]
    await opened.presses_again(message, f"{intent}\x1db:0.k.")
    assert "1/5" in opened.screen.text


async def test_a_long_remark_fits_the_summary(opened: Somebody) -> None:
    await opened.presses("开始填写")
    await opened.says("今天")
    await opened.says("25")
    await opened.presses("本人")
    await opened.presses("是")
    said = await opened.says("<&>" * 600)
    assert "核对后保存" in said
    assert len(said) < 4096
    assert "已保存" in await opened.presses("确认，保存")


async def test_an_empty_checklist_is_an_answer(opened: Somebody) -> None:
    await ballot(opened)
    await opened.presses("‹ 上一项")
    for label in ("党员的标准和条件", "党员队伍的结构要求"):
        await opened.presses(label)
    assert "3/5项" in opened.screen.text


async def test_a_day_before_the_step_it_follows_is_refused(opened: Somebody) -> None:
    await first_step(opened)
    await opened.presses("接着填：2 派人谈话")
    await opened.says("2026-11-01")
    await opened.presses("入党动机")
    await opened.presses("下一项 ›")
    await opened.presses("党员甲一")
    await opened.says("党员甲一")
    await opened.says("党员甲二")
    said = await opened.presses("下一项 ›")
    assert "早于前面的“1 递交入党申请书”（2026年11月22日）" in said
    assert "确认，保存" not in opened.choices
