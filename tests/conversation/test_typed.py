"""What is written where buttons are: words of a button press it, a day is a day, and neither is
ever the answer to another question."""

from collections.abc import Mapping
from functools import partial

import pytest
from sqlmodel import select

from domain.calendar.calendar import WorkCalendar
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role
from models import Draft, EntryRow
from services.casefile.procedure import Procedure
from services.container import procedure_of
from services.core.database import Database
from tests.conversation.conftest import BOOK, House
from tests.conversation.counted import Tally
from tests.conversation.people import Somebody
from tests.conversation.test_filling import opened
from tests.conversation.test_whole_way import Walker, registered

__all__ = ["opened"]


async def kept(second: Database) -> Mapping[str, object]:
    """The answers of the only draft, as they are stored; none where there is no draft."""
    async with second.read() as session:
        rows = (await session.exec(select(Draft))).all()
        return dict(rows[0].answers) if rows else {}


async def test_the_words_of_a_button_press_it_and_answer_no_question_for_a_text(
    opened: Somebody, second: Database
) -> None:
    await opened.presses("开始填写")
    assert "2/5" in await opened.says("今天·")
    assert "现在填的：2026年11月23日" in await opened.says("返回")
    assert "2/5" in await opened.says(" 下一项 ")
    await opened.says("25")
    assert "邮戳编号？" in await opened.says("邮寄 ✓")

    said = await opened.says("跳过")
    assert "这里没有“跳过”这个按钮。刚才的没有保存，前面填的都在。" in said
    assert "邮戳编号？" in said
    said = await opened.says("取消 ")
    assert "已填的3项，不要了吗？" in said
    assert set(await kept(second)) == {"received_on", "age", "way"}
    await opened.presses("接着填")
    assert "存成草稿了" in await opened.says("保存，稍后再填")
    await opened.presses("接着填")
    assert "存成草稿了" in await opened.says("保存")
    await opened.presses("接着填")
    assert "手写？" in await opened.says("A12")
    await opened.says("是")
    # A question that may be left out: its buttons are no remark either.
    assert "手写？" in await opened.says("‹上一项")
    await opened.says("下一步")
    assert "核对后保存" in await opened.says("跳过")
    assert "note" not in await kept(second)
    said = await opened.says("改“备注”")
    assert "备注？" in said
    labels = [button.text for button in opened.screen.buttons]
    assert "跳过" in labels
    assert "去核对" not in labels, "跳过 leads there as well"
    assert "核对后保存" in await opened.says("去核对")
    said = await opened.says("确认,保存")
    assert "已保存：张三 · 1 递交入党申请书" in said
    async with second.read() as session:
        entry = (await session.exec(select(EntryRow))).one()
    assert {**entry.answers, "received_on": ""} == {
        "received_on": "", "age": 25, "way": "post", "box": "A12", "handwritten": True,
    }  # fmt: skip


@pytest.fixture
def procedure(request: pytest.FixtureRequest) -> Procedure:
    """The short one, or the city's where a story asks for it."""
    if named := getattr(request, "param", ""):
        return procedure_of(named)
    return Procedure(load("small", BOOK), partial(load, folder=BOOK), WorkCalendar())


@pytest.fixture
async def walker(house: House) -> Walker:
    return await registered(house, Tally(), partial(Somebody, house.line))


NO_DAYS = ("上周八", "周九", "2026年2月30日", "5月初三", "32号", "2026年11月20日（星期四）")
"""Each says a day, and none can be taken."""


@pytest.mark.parametrize("procedure", ["yakeshi"], indirect=True)
async def test_on_a_screen_of_several_a_day_is_a_day_or_is_refused(
    walker: Walker, second: Database
) -> None:
    secretary = walker.people[Role.SECRETARY]
    await secretary.presses("开始填写")
    read = (
        ("3天前", "20日"), ("20号", "20日"), ("昨天", "22日"), ("前天", "21日"), ("上周五", "20日"),
    )  # fmt: skip
    for said, day in read:
        assert f"收到入党申请书　<b>2026年11月{day}</b>" in await secretary.says(said)
    before = await kept(second)
    assert set(before) == {"received_on"}
    for said in NO_DAYS:
        answer = await secretary.says(said)
        assert "刚才的没有保存，前面填的都在" in answer, said
        assert "申请人的民族？" in answer, "still open"
        assert await kept(second) == before, said
    assert "“2026年2月30日”：没有这一天" in await secretary.says("2026年2月30日")
    assert "农历的日子请换成公历" in await secretary.says("五月初三")
    assert "是星期五，和写的对不上" in await secretary.says(NO_DAYS[-1])
    said = await secretary.says("1995-05-05\n3天前\n教师")
    assert "这像是一个日子，这一项不填日子：申请人的民族？" in said
    assert "全部点上" not in str(await kept(second))
    assert "这里没有“全部点上”这个按钮" in await secretary.says("全部点上")
    assert await kept(second) == before
    assert "申请人的性别？" in await secretary.says("1995-05-05\n汉族\n教师")

    # A list that is ticked whole, and its items, which are read there without a button.
    await walker.go([], until="2")
    await walker.open(secretary, (await walker.card()).rulebook.step("2"))
    await secretary.presses("党员甲一")
    item = (await walker.card()).rulebook.step("2").field("topics").options[1].text.zh
    assert "<b>1/5项</b>" in await secretary.says(item)
    assert "<b>5/5项</b>" in await secretary.says("全部点上")
    assert "谈话人的意见？" in secretary.screen.text
    assert "<b>4/5项</b>" in await secretary.says(f"{item}。")
    assert "逐条" in await secretary.says("逐项点")
    assert "opinion" not in await kept(second)
    await secretary.says("全部点上")
    await secretary.says("下一项")

    # Numbers below days: 3天前 is no number of people.
    await walker.go([], until="7")
    await walker.open(secretary, (await walker.card()).rulebook.step("7"))
    for said in ("3天前", "20号"):
        answer = await secretary.says(said)
        assert "一共听了多少人的意见？" in answer, said
    before = await kept(second)
    assert set(before) == {"decided_on", "meeting_on"}
    for said in NO_DAYS:
        assert "刚才的没有保存，前面填的都在" in await secretary.says(said)
        assert await kept(second) == before, said
    assert "一共听了多少人的意见　<b>8</b>" in await secretary.says("8人")


async def counted(second: Database) -> dict[str, object]:
    wanted = ("due", "present", "yes", "no", "entitled")
    return {name: value for name, value in (await kept(second)).items() if name in wanted}


@pytest.mark.parametrize("procedure", ["yakeshi"], indirect=True)
async def test_a_ballot_line_counts_wherever_it_is_written_again_and_numbers_need_names(
    walker: Walker, second: Database
) -> None:
    secretary, book = walker.people[Role.SECRETARY], (await walker.card()).rulebook
    await walker.go([], until="3")
    await walker.open(secretary, book.step("3"))
    said = await secretary.says("20 18 2")
    assert "请连名称写在一行里，例如：应到20 实到20 赞成18。" in said
    assert await counted(second) == {}
    # Each name by which people call a count, and one number alone.
    await secretary.says("到会8")
    said = await secretary.says("9 8")
    assert "例如：应到8 实到8 赞成8。" in said, "with what is known"
    for line in ("应到9 参会8 同意7", "应到9，实到8，赞成7", "应到会9人 出席8人 同意7票"):
        await secretary.says("应到12 实到12 赞成12")
        await secretary.says(line)
        assert await counted(second) == {"due": 9, "present": 8, "yes": 7}, line
    assert "没有看懂" in (said := await secretary.says("随便写的"))
    assert "写“菜单”去别处，写“取消”停下不填" in said
    assert "数字齐了；要改，重新写一行发来。\n已有：应到<b>9</b>" in said
    assert "请写在一行里" not in said, "it is done"
    assert "<b>怎样推荐的？</b>" in said
    await secretary.presses("党员推荐")
    said = await secretary.presses("支部委员会")
    assert "研究的结论？" in said
    # A slip is seen on the next screen: the line written again replaces the one before.
    said = await secretary.says("应到9 实到8 同意6")
    assert "赞成<b>6</b>" in said
    assert "研究的结论？" in said
    assert await counted(second) == {"due": 9, "present": 8, "yes": 6}
    said = await secretary.says("赞成10")
    assert "数字对不上" in said
    assert await counted(second) == {"due": 9, "present": 8, "yes": 6}
    assert "已保存" in await secretary.presses("确定为入党积极分子 · 保存")

    # Step 5 says only what its buttons can do.
    await walker.go([], until="5")
    await walker.open(secretary, book.step("5"))
    assert "下一项" not in secretary.screen.text
    assert "可点多人。" in secretary.screen.text
    said = await secretary.presses("党员甲一")
    assert "下一项" not in said
    assert "按“确认，保存”就存好了" in said
    assert {"确认，保存", "下一项 ›"} <= set(secretary.choices)
    await secretary.says("取消")
    assert "现在没有正在填的" in await secretary.says(" 取消。")
