"""A branch meeting with two candidates, led in chat: who is there is entered once."""

from datetime import date

import pytest
from sqlmodel import select

from domain.case.facts import Answers
from domain.states import MeetingState, Status
from models import AgendaRow, MeetingRow
from services.cases.views import EntryLine
from services.core.database import Database
from tests.conversation.faults import with_faults
from tests.meetings.chat import convenes, counts, told
from tests.meetings.town import Town

ONCE = "有表决权20 应到20 实到18"


async def two_on_the_agenda(town: Town) -> tuple[str, str]:
    first = await town.led("陆小满", "15")
    second = await town.led("何秋实", "15")
    await town.secretary.says("/more")
    await town.secretary.presses("开会")
    await town.secretary.presses("新开：支部大会")
    await town.secretary.presses("陆小满")
    await town.secretary.presses("何秋实")
    said = await town.secretary.presses("定下2人上会")
    assert "下一步：清点人数，走完程序" in said
    return first, second


async def counted(town: Town, numbers: str = ONCE) -> str:
    await town.secretary.presses("清点人数，走程序")
    said = await town.secretary.says(numbers)
    assert "读到：有表决权" in said
    for _ in range(2):
        await town.secretary.presses("全部点上")
    return town.secretary.screen.text


async def resolution_is_whole(town: Town) -> None:
    """And the results are in the minutes and the official form."""
    for asked in ("决议", "志愿书"):
        assert asked in town.secretary.screen.text
        await town.secretary.presses("是")


async def voted(town: Town, name: str, numbers: str, *more: str) -> str:
    await town.secretary.presses(f"表决：{name}")
    await town.secretary.says(numbers)
    for said in more:
        await town.secretary.says(said)
    if "是" in town.secretary.choices:
        await resolution_is_whole(town)
    if "确认，保存" in town.secretary.choices:
        return await town.secretary.presses("确认，保存")
    return town.secretary.screen.text


@pytest.mark.rule("one_by_one")
async def test_two_candidates_one_count_two_votes(town: Town, second: Database) -> None:
    first, other = await two_on_the_agenda(town)
    summary = await counted(town)
    assert "国家" in summary
    assert "本地" in summary
    assert "18/20" in summary
    assert "到会人数够，可以表决。" in summary
    await town.secretary.presses("确认，保存")

    said = await voted(town, "陆小满", "同意16 不同意2", "接收为预备党员")
    assert "已保存：陆小满 · 15 支部大会讨论表决" in said
    assert "接收为预备党员" in said
    assert "16/20" in said
    assert "下一步：<b>16 党委派人谈话</b>" in said
    assert "表决：何秋实" in town.secretary.choices

    said = await voted(town, "何秋实", "同意10 不同意8", "未通过，暂缓发展", "多参加劳动。")
    assert "国家规定和本地规定结论不同，按更严的办。" in said
    await town.secretary.presses("看会议")
    seen = town.secretary.screen.text
    assert "会议开完了" in seen
    assert "赞成16，不赞成2。接收为预备党员" in seen
    assert "赞成10，不赞成8。未通过，暂缓发展" in seen

    for case, yes in ((first, 16), (other, 10)):
        card = await town.card(case)
        entry = next(line for line in card.entries if line.step.id == "15")
        assert (entry.answers["entitled"], entry.answers["present"]) == (20, 18)
        assert entry.answers["yes"] == yes
        assert len(entry.answers["five_points"]) == 5  # type: ignore[arg-type]
        assert card.progress.status is Status.RUNNING
    async with second.read() as session:
        meeting = (await session.exec(select(MeetingRow))).one()
        items = (await session.exec(select(AgendaRow))).all()
    assert (meeting.state, len(items)) == ("closed", 2)
    assert all(item.decided and item.entry_id and item.answers_sealed is None for item in items)


async def test_without_a_quorum_no_vote(town: Town) -> None:
    await two_on_the_agenda(town)
    summary = await counted(town, "有表决权20 应到20 实到10")
    assert "✗ 国家" in summary
    assert "✓ 本地" in summary
    assert "到会人数不够，不能表决。" in summary
    assert "还不能保存：" in summary
    assert "确认，保存" not in town.secretary.choices
    await town.secretary.presses("保存，稍后再填")
    await town.secretary.says("/meetings")
    await town.secretary.presses("接着开")
    assert not [label for label in town.secretary.choices if label.startswith("表决：")]


@pytest.mark.rule("few_members")
async def test_a_branch_of_two_votes_all_the_same_and_its_committee_hears_of_it(
    town: Town,
) -> None:
    """Also where nothing goes up to the committee: the vote was lost."""
    case = await town.led("陆小满", "15")
    await convenes(town.secretary, "支部大会", "陆小满")
    assert "正式党员不足三人" in await counted(town, "有表决权2 应到2 实到2")
    await town.secretary.presses("照常讨论，报告上级党委")
    await town.secretary.presses("确认，保存")
    said = await voted(town, "陆小满", "同意0 不同意2", "未通过，暂缓发展", "多参加劳动。")
    assert "照实登记，并注明" in said
    assert "正式党员不足三人的支部，按惯例不讨论接收预备党员" in said
    await told(town.house)
    seen = town.committee.screen.text
    assert "陆小满" in seen
    assert "结论：未通过，暂缓发展。" in seen
    assert "说明：照常讨论，报告上级党委" in seen
    card = await town.card(case)
    entry = next(line for line in card.entries if line.step.id == "15")
    assert (entry.answers["few_members"], entry.answers["entitled"]) == ("discussed", 2)
    assert card.progress.next is not None
    assert card.progress.next.step.id == "12"


async def test_a_meeting_survives_a_restart_in_the_middle_of_a_question(town: Town) -> None:
    await two_on_the_agenda(town)
    await counted(town)
    await town.secretary.presses("确认，保存")
    await town.secretary.presses("表决：陆小满")
    await town.secretary.says("同意17 不同意1")
    town.house.restart()
    await town.secretary.says("/meetings")
    await town.secretary.presses("接着开")
    said = await town.secretary.presses("表决：陆小满")
    assert "大会作出的决议" in said
    assert "赞成<b>17</b>" in said
    await town.secretary.says("接收为预备党员")
    await resolution_is_whole(town)
    said = await town.secretary.presses("确认，保存")
    assert "17/20" in said


async def test_who_is_not_there_yet_is_named_with_the_reason(town: Town) -> None:
    await town.led("陆小满", "15")
    await town.led("孟远", "14")
    await town.secretary.says("/meetings")
    said = await town.secretary.presses("新开：支部大会")
    assert "还不能上会：" in said
    assert "孟远 · 15 支部大会讨论表决：先要办完14 填写入党志愿书" in said
    assert "✓ 陆小满 · 支部大会讨论表决 · 第一支部" in town.secretary.choices
    assert "可以上会的只有一个人，已经点上了，请按“定下1人上会”。" in said
    assert "定下1人上会" in town.secretary.choices
    assert "请点上会的人。" in await town.secretary.presses("陆小满")
    assert "已经点上了" in await town.secretary.presses("陆小满")
    assert not [label for label in town.secretary.choices if "孟远" in label]


async def test_an_empty_agenda_says_who_is_missing_what(town: Town) -> None:
    await town.led("孟远", "14")
    await town.secretary.says("/meetings")
    said = await town.secretary.presses("新开：支部大会")
    assert "现在没有人可以上支部大会。" in said
    assert "先要办完14 填写入党志愿书" in said


@with_faults
async def test_a_meeting_is_cancelled_before_the_first_vote_only(
    town: Town, second: Database, line_fault: str
) -> None:
    await two_on_the_agenda(town)
    await town.secretary.presses("取消会议")
    assert "确定取消吗" in town.secretary.screen.text
    assert "会议取消了" in await town.secretary.presses("确定取消")
    async with second.read() as session:
        assert not (await session.exec(select(MeetingRow))).all()
        assert not (await session.exec(select(AgendaRow))).all()
    await town.secretary.says("/meetings")
    await town.secretary.presses("新开：支部大会")
    await town.secretary.ticks("陆小满")
    await town.secretary.presses("定下1人上会")
    await counted(town)
    await town.secretary.presses("确认，保存")
    old = town.secretary.button("取消会议")
    await voted(town, "陆小满", "同意16 不同意2", "接收为预备党员")
    said = await town.secretary.presses_again(old[0], old[1].replace(":0", ":1"))
    assert "已经表决过了" in said


async def test_a_single_person_is_counted_and_voted_on_by_one_line(
    town: Town, second: Database
) -> None:
    await town.led("陆小满", "15")
    secretary = town.secretary
    said = await convenes(secretary, "支部大会", "陆小满")
    assert "请点上会的人" not in said
    assert "1. 陆小满 · 15 支部大会讨论表决：待表决" in said
    assert "陆小满的票数写在同一行也可以" in said
    assert "取消会议" in secretary.labels
    await convenes(secretary, "支部大会", "陆小满")
    async with second.read() as session:
        assert (await session.exec(select(MeetingRow))).one().state == MeetingState.DRAFT

    said = await secretary.says("赞成3 不赞成1")
    assert "陆小满：赞成3，不赞成1。存好人数就核对。" in said, "before it is known who is there"
    assert "对不上" in await secretary.says(f"{ONCE} 赞成17 不赞成2")
    said = await secretary.says(f"{ONCE} 赞成15 不赞成3")
    assert "赞成15、不赞成3记下了，保存人数以后核对。" in said
    assert "略过" not in said
    assert "赞成16、不赞成2记下了" in await secretary.says("赞成16 不赞成2")
    assert "已填的都存着" in await secretary.presses("保存，稍后再填")
    await secretary.presses("接着填")
    # Somebody who goes elsewhere finds the way back where it is said that all of it is kept.
    assert "已填的都存着" in await secretary.says("/more")
    [left] = [seen for seen in secretary.chat.values() if seen.text.startswith("已填的都存着")][-1:]
    assert [button.text for button in left.buttons] == ["接着填"]
    await secretary.presses_again(left.message_id, left.buttons[0].callback_data or "")
    for _ in range(2):
        await secretary.presses("全部点上")
    said = await secretary.presses("确认，保存")
    assert "读到：赞成<b>16</b>　不赞成<b>2</b>" in said
    assert "核对结果：票数够。" in said
    async with second.read() as session:
        row = (await session.exec(select(AgendaRow))).one()
        assert (row.decided, row.answers) == (False, {"yes": 16, "no": 2}), "read before it counts"
    await secretary.presses("接收为预备党员")
    await resolution_is_whole(town)
    assert "已保存：陆小满 · 15" in await secretary.presses("确认，保存")


async def test_a_meeting_that_somebody_else_cancels_ends_the_form_that_is_open(
    town: Town, second: Database
) -> None:
    await town.led("陆小满", "15")
    secretary = town.secretary
    await convenes(secretary, "支部大会", "陆小满")
    await secretary.says(f"{ONCE} 赞成16 不赞成2")
    button = secretary.button("全部点上")
    async with second.read() as session:
        meeting = (await session.exec(select(MeetingRow))).one()
    house = town.house
    await house.services.meetings.cancel(house.act(), house.posts["书记丙"], meeting.id)
    said = await secretary.presses_again(*button)
    assert "没有找到，或者不归您管" in said
    assert "待办1项" in said
    assert "全部点上" not in secretary.labels
    assert "待办1项" in await secretary.says("待办")
    await convenes(secretary, "支部大会", "陆小满")
    async with second.read() as session:
        agenda = (await session.exec(select(AgendaRow))).one()
    assert (agenda.meeting_id != meeting.id, agenda.answers) == (True, None), "nothing of before"


async def entered(town: Town, case: str, step: str) -> EntryLine:
    entries = (await town.card(case)).entries
    return next(one for one in entries if one.step.id == step and not one.replaced)


async def corrected(town: Town, case: str, who: str, step: str, answers: Answers) -> None:
    """Somebody else corrects an entry while a form is open."""
    entry, steps = await entered(town, case, step), town.house.services.steps
    await steps.correct(town.house.act(), town.actor(who), entry.entry_id, answers, "登记错了")


async def test_what_changes_in_the_case_during_a_meeting_is_said_before_a_vote_is_saved(
    town: Town, second: Database
) -> None:
    case = await town.led("陆小满", "15")
    secretary = town.secretary
    await convenes(secretary, "支部大会", "陆小满")
    passed = (await entered(town, case, "14a")).answers
    lost = {"yes": 1, "no": passed["yes"], "conclusion": "back", "opinions": "群众有意见。"}
    await corrected(town, case, "书记丙", "14a", {**passed, "present": 21, "due": 21, **lost})
    said = await counts(secretary, ONCE)
    assert "没有保存" not in said, "the count stands, though the vote can't begin"
    assert "表决：陆小满" in secretary.choices
    async with second.read() as session:
        assert (await session.exec(select(MeetingRow))).one().state == MeetingState.VOTING
    await corrected(town, case, "书记丙", "14a", passed)

    await secretary.presses("表决：陆小满")
    await secretary.says("赞成16 不赞成2")
    await secretary.presses("接收为预备党员")
    await resolution_is_whole(town)
    assert "期限是2026年11月14日，已经晚了" in secretary.screen.text
    review = (await entered(town, case, "13")).answers
    await corrected(town, case, "委员乙", "13", {**review, "reviewed_on": date(2026, 10, 13)})
    said = await secretary.presses("确认，保存")
    assert "这一件刚才有了变化，还没有保存" in said
    assert "期限是2026年11月13日，已经晚了" in said
    async with second.read() as session:
        assert (await session.exec(select(AgendaRow))).one().entry_id is None
    assert "已保存" in await secretary.presses("确认，保存")
