"""Nobody is entered twice by an oversight, and two of one name can be told apart."""

import pytest
from sqlmodel import select

from domain.rulebook.schema import Role
from models import AuditLine, CaseFile, CaseHelper, Person, ReportCase, ReportRow
from services.core import audit
from services.core.database import Database
from services.core.errors import NotAllowed
from services.operations.integrity import changed_by_hand
from tests.conversation.conftest import House
from tests.conversation.faults import with_faults
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, talk_begun


async def names(second: Database, table: type[Person] | type[CaseFile], column: str) -> list[str]:
    async with second.read() as session:
        return sorted(getattr(row, column) for row in await session.exec(select(table)))


async def enter(secretary: Somebody, name: str) -> str:
    await secretary.says("/member")
    return await secretary.says(name)


async def test_a_member_entered_again_is_asked_about_and_not_entered_twice(
    secretary: Somebody, second: Database
) -> None:
    assert "登记好了：买买提·艾力。" in await enter(secretary, "买买提·艾力")
    said = await enter(secretary, "买买提 • 艾力")
    assert "本支部已经登记过买买提·艾力。" in said
    assert "是同一个人吗？" in said
    assert "没有重复登记" in await secretary.presses("是同一个人，不再登记")
    assert (await names(second, Person, "name")).count("买买提·艾力") == 1
    assert "再登记一名" in secretary.choices


async def test_a_list_of_members_is_taken_at_once_and_said_line_by_line(
    house: House, secretary: Somebody, second: Database
) -> None:
    await enter(secretary, "买买提·艾力")
    await secretary.says("/member")
    assert "每行一个姓名" in secretary.screen.text
    sent = "1. 王秀英\n2、李建国\n\n(3) 买买提•艾力\n王秀英\n赵六 150781199003071234\n乙"
    before = {key: record.data for key, record in house.storage.storage.items()}
    said = await secretary.says(sent)
    assert said.startswith("登记好了2名。\n王秀英、李建国\n")
    assert "第3行：买买提·艾力\n第4行：王秀英\n同名的另一个人，请单独登记。" in said
    assert "不是姓名，没有登记：</b>\n第5行：赵六 ×××\n第6行：乙\n" in said
    assert "1507" not in said
    entered = await names(second, Person, "name")
    assert [entered.count(one) for one in ("王秀英", "李建国", "买买提·艾力")] == [1, 1, 1]
    assert not {"赵六", "乙"} & set(entered)
    # Handled again, by a process that has forgotten it: everybody is there once, and it is said so.
    for key, data in before.items():
        house.storage.storage[key].data = data
    house.restart()
    secretary.chat.clear()
    assert await secretary.is_handled_again() == said
    assert (await names(second, Person, "name")).count("王秀英") == 1
    await secretary.says("/member")
    assert "什么都没有存" in await secretary.says("12\n34")
    # Without numbers before them too, lines are people and not one long name.
    said = await secretary.says("田秀梅\n何建国\n罗玉兰\n")
    assert said.startswith("登记好了3名。\n田秀梅、何建国、罗玉兰")
    assert {"田秀梅", "何建国", "罗玉兰"} <= set(await names(second, Person, "name"))


@with_faults
async def test_who_was_just_entered_is_not_asked_about_although_the_answer_was_lost(
    secretary: Somebody, second: Database, line_fault: str
) -> None:
    assert "登记好了：李秀兰。" in await enter(secretary, "李秀兰")
    assert (await names(second, Person, "name")).count("李秀兰") == 1
    await secretary.says("/new")
    said = await secretary.says("王芳")
    assert "为王芳登记一份入党申请？" in said
    assert await names(second, CaseFile, "person") == []
    said = await secretary.presses("登记")
    assert "下一步" in said
    assert "是同一个人吗" not in said
    assert await names(second, CaseFile, "person") == ["王芳"]


async def test_a_stray_word_becomes_no_case(secretary: Somebody, second: Database) -> None:
    await secretary.says("/new")
    assert "为算了登记一份入党申请？" in await secretary.says("算了")
    assert "为算了登记一份入党申请？" in await secretary.says("张三呢")
    assert "申请人姓名？" in await secretary.presses("‹ 改姓名")
    assert "为王芳登记一份入党申请？" in await secretary.says("王芳")
    assert "没有要您办的事" in await secretary.says("待办")
    assert await names(second, CaseFile, "person") == []


async def opens(secretary: Somebody, name: str) -> None:
    await secretary.says("/new")
    await secretary.says(name)
    await secretary.presses("登记")


@with_faults
async def test_a_case_opened_by_an_oversight_is_undone_by_whoever_opened_it(
    secretary: Somebody, second: Database, line_fault: str
) -> None:
    await opens(secretary, "算了")
    assert "撤销算了的登记？" in await secretary.presses("撤销登记")
    assert "算了" in await secretary.presses("不撤销")
    assert await names(second, CaseFile, "person") == ["算了"]
    await opens(secretary, "王芳")
    await secretary.presses("撤销登记")
    assert "已撤销登记" in await secretary.presses("撤销登记")
    assert await names(second, CaseFile, "person") == ["算了"]
    async with second.read() as session:
        lines = [line.act for line in await session.exec(select(AuditLine))]
        assert (lines.count("open_case"), lines.count("undo_opening")) == (2, 1)
        assert await audit.broken(session) == ()
        assert (await changed_by_hand(session))[1] == ()


async def test_a_case_that_somebody_has_touched_is_not_undone(
    house: House, secretary: Somebody, second: Database
) -> None:
    """What holds it isn't said: a report that is linked must not show in the refusal."""
    cases, mine, today = house.services.cases, house.posts["书记丙"], house.at.date()
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记己", 310)
    branch = house.places["第一支部"]
    held = {name: (await cases.open(house.act(), mine, name, branch)).case_id
            for name in ("甲", "乙", "丙")}  # fmt: skip
    async with second.write() as session:
        session.add(ReportRow(id="r", channel="letter", received_on=today, answer_by=today))
        await session.flush()
        session.add(ReportCase(report_id="r", case_id=held["甲"], number=0))
        helps = house.posts["书记丙"].person_id
        session.add(CaseHelper(case_id=held["乙"], person_id=helps, role="contact", since=house.at))
    for name in ("甲", "乙"):
        assert not await cases.undo(house.act(), mine, held[name])
    with pytest.raises(NotAllowed):
        await cases.undo(house.act(), house.posts["书记己"], held["丙"])
    await opens(secretary, "王芳")
    await secretary.presses("撤销登记")
    house.pass_days(1)
    house.restart()
    assert "没有撤销，什么都没有改动" in await secretary.presses("撤销登记")
    assert not await cases.undo(house.act(), mine, held["丙"]), "nor one of another day"
    house.pass_days(-1)
    house.restart()
    await secretary.presses("看这一份")
    await first_step(secretary)
    found = await cases.search(mine, today, "王芳")
    assert not await cases.undo(house.act(), mine, found.lines[0].case_id)
    assert await names(second, CaseFile, "person") == sorted(["甲", "乙", "丙", "王芳"])


async def test_another_person_of_that_name_is_entered_and_both_can_be_told_apart(
    secretary: Somebody, second: Database
) -> None:
    await enter(secretary, "李秀兰")
    await enter(secretary, "李\u3000秀兰\u200b")
    assert "登记好了：李秀兰。" in await secretary.presses("同名的另一个人，照样登记")
    assert (await names(second, Person, "name")).count("李秀兰") == 2


async def test_a_second_case_of_one_name_asks_and_leads_to_the_one_there_is(
    secretary: Somebody, second: Database
) -> None:
    await secretary.says("/new")
    await secretary.says("王 芳")
    await secretary.presses("登记")
    await secretary.says("/new")
    said = await secretary.says("王芳")
    assert "王芳已有一份正在办理。" in said
    assert "打开王芳正在办的这一份" in await secretary.presses("是同一个人，不再登记")
    said = await secretary.presses("打开")
    assert "没有重复登记。这一份正在办：" in said
    assert "王芳" in said
    assert (await names(second, CaseFile, "person")).count("王芳") == 1


async def test_a_case_that_was_undone_meanwhile_is_opened_for_nobody(
    house: House, secretary: Somebody, second: Database
) -> None:
    await opens(secretary, "王芳")
    await secretary.says("/new")
    await secretary.says("王芳")
    await secretary.presses("是同一个人，不再登记")
    mine, today = house.posts["书记丙"], house.at.date()
    found = await house.services.cases.search(mine, today, "王芳")
    assert await house.services.cases.undo(house.act(), mine, found.lines[0].case_id)
    assert "没有找到" in await secretary.presses("打开")
    assert await names(second, CaseFile, "person") == []


async def test_a_second_applicant_of_one_name_gets_a_case_of_their_own(
    secretary: Somebody, second: Database
) -> None:
    await secretary.says("/new")
    await secretary.says("王芳")
    await secretary.presses("登记")
    await secretary.says("/new")
    await secretary.says("王芳")
    await secretary.presses("同名的另一个人，照样登记")
    assert "登记好了" in await secretary.presses("登记")
    assert (await names(second, CaseFile, "person")).count("王芳") == 2


ASKED = "这里有同名的人，或者和本人同名。是不同的人吗？"


async def test_two_of_one_name_are_asked_about_and_one_person_is_not_taken_twice(
    secretary: Somebody, second: Database
) -> None:
    """Two people may have one name: it is asked, answered, and kept with the entry."""
    for name in ("张三", "李秀兰"):
        await enter(secretary, name)
    await enter(secretary, "李秀兰")
    await secretary.presses("同名的另一个人，照样登记")
    await secretary.says("/new")
    await secretary.says("张三")
    await secretary.presses("登记")
    await first_step(secretary)
    await talk_begun(secretary)
    await secretary.presses("李秀兰（1）")
    assert ASKED in await secretary.presses("李秀兰（2）")
    assert "跳过" not in secretary.choices
    said = await secretary.presses("否")
    assert "还不能保存" in said
    assert "介绍人不能是同一个人，本人不能当自己的介绍人" in said
    assert "确认，保存" not in secretary.choices
    await secretary.changes("介绍人")
    await secretary.presses("李秀兰（2）")
    assert ASKED in await secretary.presses("张三"), "and so is the person's own name"
    said = await secretary.presses("是")
    assert "确认，保存" in secretary.choices
    await secretary.changes("介绍人")
    await secretary.presses("张三")
    said = await secretary.presses("党员甲二")
    assert ASKED not in said, "of different names nothing is asked, and nothing was answered"
    assert "确认，保存" in secretary.choices
