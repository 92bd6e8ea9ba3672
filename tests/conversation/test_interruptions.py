"""Stopping in the middle: drafts, restarts, other wishes, old buttons."""

from datetime import date
from itertools import permutations

from sqlmodel import select

from models import EntryRow
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened, second_step, talk_begun

__all__ = ["opened"]


async def started(secretary: Somebody) -> None:
    await secretary.presses("开始填写")
    await secretary.says("昨天")
    await secretary.says("25")


async def looked_over(secretary: Somebody) -> None:
    """All of it answered, and not yet saved."""
    await started(secretary)
    await secretary.presses("本人")
    await secretary.presses("是")
    await secretary.presses("跳过")


async def test_a_draft_is_taken_up_days_later(house: House, opened: Somebody) -> None:
    await started(opened)
    said = await opened.presses("保存，稍后再填")
    assert "已填的2项存成草稿了" in said
    house.pass_days(3)
    said = await opened.says("待办")
    assert "张三 · 1 递交入党申请书 · 填了一半" in said
    said = await opened.presses("1. 张三 · 接着填")
    assert "怎样递交？" in said
    assert "3/5" in said


async def test_pressing_todo_in_the_middle_keeps_the_draft(opened: Somebody) -> None:
    await started(opened)
    said = await opened.says("待办")
    assert "已填的2项存成草稿了" in said
    assert "填了一半" in said
    said = await opened.says("27")
    assert "没有找到“27”" in said
    [kept] = [seen for seen in opened.chat.values() if "已填的2项存成草稿了" in seen.text]
    assert [button.text for button in kept.buttons] == ["接着填"]
    assert "怎样递交？" in await opened.presses_again(
        kept.message_id, kept.buttons[0].callback_data or ""
    )


async def test_cancel_asks_once_before_it_throws_away_what_was_filled_in(opened: Somebody) -> None:
    await started(opened)
    said = await opened.says("/cancel")
    assert "已填的2项，不要了吗？没选以前都留着，在待办里" in said
    assert opened.choices == ["不要了，删草稿", "接着填"]
    said = await opened.presses("不要了，删草稿")
    assert "草稿删掉了" in said
    assert "填了一半" not in await opened.says("/todo")
    assert "没有正在填的" in await opened.says("/cancel")


async def test_cancel_with_nothing_filled_in_leaves_no_draft(opened: Somebody) -> None:
    await opened.presses("开始填写")
    assert "还什么都没填" in await opened.presses("取消")
    assert "填了一半" not in await opened.says("/todo")


async def test_help_in_the_middle_asks_the_question_again(opened: Somebody) -> None:
    await started(opened)
    said = await opened.says("/help")
    assert "怎么用" in said
    assert "怎样递交？" in said
    await opened.presses("本人")
    assert "手写？" in opened.screen.text


FIRST = {"/new": "申请人姓名？", "/member": "姓名？", "/invite": "邀请谁？"}


async def test_one_form_after_another_begins_with_its_own_question(opened: Somebody) -> None:
    """The first was left with its question open: the next one showed the end of the first."""
    step = opened.button("开始填写")
    for left, taken_up in permutations(FIRST, 2):
        await opened.says(left)
        said = await opened.says(taken_up)
        assert FIRST[taken_up] in said, (left, taken_up)
        assert "核对后保存" not in said
    assert "哪天收到？" in await opened.presses_again(*step)
    await opened.says("/new")
    await opened.says("王芳")
    said = await opened.says("/invite")
    assert "刚才没填完的没有存" in said
    assert "邀请谁？" in opened.screen.text


async def test_a_restart_in_the_middle_changes_nothing(house: House, opened: Somebody) -> None:
    await started(opened)
    house.restart()
    said = await opened.presses("邮寄")
    assert "邮戳编号？" in said
    house.restart()
    assert "手写？" in await opened.says("A1")
    house.restart()
    await opened.presses("否")
    house.restart()
    await opened.presses("跳过")
    house.restart()
    assert "已保存" in await opened.presses("确认，保存")


async def test_a_second_tap_on_an_answer_does_not_answer_the_next_question(
    house: House, opened: Somebody
) -> None:
    await opened.presses("开始填写")
    button = opened.button("今天")
    await opened.presses_again(*button)
    said = await opened.presses_again(*button)
    assert "2/5" in said or said == ""
    assert "年龄" in opened.screen.text
    assert "这是前面一题的按钮，没有改动。" in house.line.telegram.answers


async def test_a_second_tap_on_save_keeps_what_was_said_of_the_first(
    house: House, opened: Somebody
) -> None:
    await looked_over(opened)
    button = opened.button("确认，保存")
    assert "已保存" in await opened.presses_again(*button)
    stood = dict(opened.chat)
    assert await opened.presses_again(*button) == ""
    assert opened.chat == stood
    assert "已保存" in opened.screen.text
    assert "没有再存什么" in "".join(house.line.telegram.answers)


async def test_an_old_save_while_another_form_is_open_shows_what_that_one_asks(
    house: House, opened: Somebody, second: Database
) -> None:
    await looked_over(opened)
    button = opened.button("确认，保存")
    await opened.says("/new")
    assert "申请人姓名" in await opened.presses_again(*button)
    # One in a hundred forms of the same second has the number of the one before.
    said = {"这个按钮过期了，下面是现在的情况。", "这是前面一题的按钮，没有改动。"}
    assert said & set(house.line.telegram.answers)
    async with second.read() as session:
        assert (await session.exec(select(EntryRow))).first() is None


async def test_the_button_of_a_step_that_is_done_shows_the_case(opened: Somebody) -> None:
    old = opened.button("开始填写")
    await first_step(opened)
    said = await opened.presses_again(*old)
    assert "“1 递交入党申请书”：这一步已经办过了。" in said
    assert "下一步：<b>2 派人谈话</b>" in said


async def test_an_old_draft_of_a_step_done_since_says_so_above_what_comes_next(
    opened: Somebody, second: Database
) -> None:
    await started(opened)
    await opened.presses("保存，稍后再填")
    old = opened.button("接着填")
    await opened.says("待办")
    await opened.presses("1. 张三 · 接着填")
    await opened.presses("本人")
    await opened.presses("是")
    await opened.presses("跳过")
    await opened.presses("确认，保存")
    assert await saved(second, "1") == 1

    number = len(opened.chat)
    said = await opened.presses_again(*old)
    assert said.startswith("“1 递交入党申请书”：这一步已经办过了。\n"), said
    assert "下一步：<b>2 派人谈话</b>" in said
    # Nothing was being saved, and there is no draft any more that could have been kept.
    assert "没有保存" not in said
    assert "已填的都在" not in said
    assert len(opened.chat) == number, "in the place of the old button, not below it"
    assert await saved(second, "1") == 1
    # The next form takes the place of both: the sentence doesn't stay below it.
    fill = next(one for one in opened.chat[old[0]].buttons if one.text == "开始填写")
    await opened.presses_again(old[0], fill.callback_data or "")
    assert not [seen for seen in opened.chat.values() if "已经办过了" in seen.text]

    # With another form open its question comes last, and the sentence once, above it.
    said = await opened.presses_again(*old)
    assert "“1 递交入党申请书”：这一步已经办过了。" in said
    assert "已经办过了" not in opened.screen.text
    assert "哪天谈的？" in opened.screen.text


async def test_a_button_of_nobody_knows_what_shows_what_is_to_do(
    house: House, opened: Somebody
) -> None:
    for data in ("zz:1", "x" * 64, "abc\x1db:0.p.self", "c:none:s", "f:none:1", "g:?"):
        said = await opened.presses_again(1, data)
        assert "待办" in said


async def test_a_forged_press_in_a_form_changes_nothing(house: House, opened: Somebody) -> None:
    await opened.presses("开始填写")
    message, data = opened.button("今天")
    intent = data.split("\x1d")[0]
    for wrong in ("b:0.d.99999999", "b:0.m.000000", "b:0.p.x", "b:0.e.99", "b:", "b:0", "b:s.s."):
        await opened.presses_again(message, f"{intent}\x1d{wrong}")
        assert "1/5" in opened.screen.text


async def test_two_people_fill_their_own_forms(opened: Somebody, other_secretary: Somebody) -> None:
    await other_secretary.says("开始新的一件")
    await other_secretary.says("李四")
    await other_secretary.presses("登记")
    await started(opened)
    await other_secretary.presses("开始填写")
    await other_secretary.says("昨天")
    assert "年龄？" in other_secretary.screen.text
    assert "怎样递交？" in opened.screen.text
    assert "张三" not in other_secretary.screen.text


async def test_search_by_name_finds_and_pages(opened: Somebody) -> None:
    for number in "一二三四五六七八九":
        await opened.says("/new")
        await opened.says(f"李{number}")
        await opened.presses("登记")
    said = await opened.says("李")
    assert "姓名含“李”的</b> 9人" in said
    await opened.presses("下一页 ›")
    assert "2/2" in opened.choices
    assert len([label for label in opened.choices if label.startswith("李")]) == 1
    said = await opened.says("张")
    assert "下一步" in said
    assert "没有找到" in await opened.says("<b>王五</b>")
    await opened.presses("看全部名册")
    assert "10人" in opened.screen.text


async def test_the_list_counts_people_and_is_opened_by_what_it_was_called_before(
    opened: Somebody,
) -> None:
    said = await opened.says("发展名册")
    assert "<b>发展名册</b> 1人" in said
    assert await opened.says("案件") == said
    assert await opened.says("/cases") == said
    await opened.says("/language")
    await opened.presses("English")
    assert "<b>People</b> 1 person" in await opened.says("People")


async def test_done_steps_are_folded_and_unfold(opened: Somebody) -> None:
    await first_step(opened)
    await second_step(opened)
    await opened.presses("看这一件")
    assert "2026年11月22日 1 递交入党申请书" not in opened.screen.text
    assert "已办2/5步" in opened.screen.text
    await opened.presses("办理记录（2）")
    assert "✓ 2026年11月22日 1 递交入党申请书（书记丙记）" in opened.screen.text
    await opened.presses("收起")
    await opened.presses("这一步怎么办")
    assert "8a 公示" in opened.screen.text


async def test_a_crash_after_saving_saves_once_and_says_the_same(
    house: House, opened: Somebody
) -> None:
    await looked_over(opened)
    before = {key: record.data for key, record in house.storage.storage.items()}
    first = await opened.presses("确认，保存")
    for key, data in before.items():
        house.storage.storage[key].data = data
    house.restart()
    opened.chat.clear()
    again = await opened.is_handled_again()
    assert again == first
    actor, today = house.posts["书记丙"], house.at.date()
    page = await house.services.cases.search(actor, today)
    card = await house.services.cases.card(actor, page.lines[0].case_id, today)
    assert len(card.entries) == 1


async def received_earlier(house: House, day: date) -> None:
    """Somebody else corrects the day of the application, from which later limits count."""
    steps, actor = house.services.steps, house.posts["书记丙"]
    found = await house.services.cases.search(actor, date(2026, 11, 23))
    card = await house.services.cases.card(actor, found.lines[0].case_id, date(2026, 11, 23))
    entry = next(one for one in card.entries if one.step.id == "1" and not one.replaced)
    answers = {**entry.answers, "received_on": day}
    await steps.correct(house.act(), actor, entry.entry_id, answers, "日期登记错了")


async def test_what_somebody_else_changes_meanwhile_is_read_before_it_is_saved(
    house: House, opened: Somebody, second: Database
) -> None:
    await first_step(opened)
    await talk_begun(opened)
    await opened.presses("党员甲一")
    said = await opened.presses("党员甲二")
    assert "会注明" not in said
    assert "确认，保存" in opened.choices
    await received_earlier(house, date(2026, 9, 1))
    said = await opened.presses("确认，保存")
    assert "这一件刚才有了变化，还没有保存" in said
    assert "核对后保存" in said, "whatever screen it was pressed on: there the notes stand"
    assert "可以保存，但会注明" in said
    assert "期限是2026年10月1日，已经晚了" in said
    assert await saved(second, "2") == 0

    # Likewise where it changes once more, and the button is written: nobody has read more by that.
    await received_earlier(house, date(2026, 8, 1))
    said = await opened.says("确认，保存")
    assert "这一件刚才有了变化，还没有保存" in said
    assert "期限是2026年9月1日，已经晚了" in said
    assert await saved(second, "2") == 0
    said = await opened.presses("确认，保存")
    assert "已保存：张三 · 2 派人谈话" in said
    assert "照实登记，并注明" in said
    assert await saved(second, "2") == 1


async def saved(second: Database, step: str) -> int:
    async with second.read() as session:
        rows = (await session.exec(select(EntryRow))).all()
    return len([row for row in rows if row.step == step])
