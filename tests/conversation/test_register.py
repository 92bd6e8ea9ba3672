"""来信来访批办: what came by letter, visit or telephone goes the same way, within the week."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.rulebook.schema import Role
from models import AuditLine, ReportCase, ReportRow
from scheduler.jobs import Jobs
from services.casefile.procedure import Procedure
from services.container import procedure_of
from services.core.database import Database
from tests.conversation.conftest import House, make_house
from tests.conversation.people import Somebody

SAID = "他把集体的木材卖了，村里人都知道。"
FOUND = "走访了四户，查了账，卖木材经村民会议同意。"


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of()


@pytest.fixture
async def house(database: Database, procedure: Procedure) -> House:
    return await make_house(database, procedure)


@pytest.fixture
async def organiser(house: House) -> Somebody:
    return await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员己", 600)


async def opened(house: House) -> str:
    secretary, branch = house.posts["书记丙"], house.places["第一支部"]
    card = await house.services.cases.open(house.act(), secretary, "钱进", branch)
    return card.case_id


async def entered(person: Somebody) -> str:
    """A letter about somebody whose case is under way."""
    await person.presses_again(1, "g:r")
    await person.presses("登记来信、来访、来电")
    await person.presses("来信")
    await person.says("钱进")
    await person.presses("钱进")
    await person.says(SAID)
    return await person.presses("确认，登记")


async def test_a_letter_half_entered_is_not_dropped_in_silence(
    house: House, organiser: Somebody
) -> None:
    """What strangers wrote stays in no chat that was left: but whoever typed it hears so."""
    await organiser.presses_again(1, "g:r")
    await organiser.presses("登记来信、来访、来电")
    await organiser.presses("来信")
    await organiser.presses("不涉及")
    assert "没有存" not in await organiser.says("/cases")
    await organiser.presses_again(1, "g:r")
    await organiser.presses("登记来信、来访、来电")
    await organiser.presses("来信")
    await organiser.presses("不涉及")
    await organiser.says(SAID)
    assert "刚才没填完的没有存" in await organiser.says("待办")


async def test_a_letter_is_registered_instructed_checked_and_settled(
    house: House, secretary: Somebody, director: Somebody, organiser: Somebody, second: Database
) -> None:
    case = await opened(house)
    said = await entered(organiser)
    assert "已登记" in said
    async with second.read() as session:
        [row] = (await session.exec(select(ReportRow))).all()
        [link] = (await session.exec(select(ReportCase))).all()
    assert (row.channel, link.case_id, row.state) == ("letter", case, "new")
    assert row.answer_by == house.at.date() + timedelta(days=7)
    card = await house.services.cases.card(house.posts["书记丙"], case, house.at.date())
    assert card.progress.status.value == "running"

    await director.presses_again(1, f"r:{row.id}")
    await director.presses("批示：指定承办人")
    await director.presses("组织员己")
    await organiser.presses_again(1, f"r:{row.id}")
    await organiser.presses("记核实情况")
    assert "记下了" in await organiser.says(FOUND)
    await organiser.presses("打开内容")
    shown = organiser.screen.text
    assert SAID in shown
    assert FOUND in shown
    await organiser.presses_again(1, f"r:{row.id}")
    await organiser.presses("作结论并答复")
    await organiser.presses("属实")
    await organiser.presses("‹ 上一项")
    await organiser.presses("失实")
    assert "请用文字写答复" in await organiser.says("不属实")
    await organiser.says("已经核实，情况不属实。")
    await organiser.presses("重写答复")
    said = await organiser.says("已经核实，情况不属实，按期办理。")
    assert "结论：失实" in said
    assert "已办结" in await organiser.presses("确认，答复")
    async with second.read() as session:
        [row] = (await session.exec(select(ReportRow))).all()
        acts = {line.act for line in await session.exec(select(AuditLine))}
    assert (row.state, row.finding) == ("closed", "untrue")
    assert len(row.notes["log"]) == 1
    assert {"register_report", "look_at_report", "note_on_report", "decide_report"} <= acts


async def test_what_it_said_is_gone_half_a_year_after_it_was_settled(
    house: House, secretary: Somebody, director: Somebody, organiser: Somebody, second: Database
) -> None:
    await opened(house)
    await entered(organiser)
    async with second.read() as session:
        [row] = (await session.exec(select(ReportRow))).all()
    named, reports = house.posts["组织员己"], house.services.reports
    await reports.instruct(house.act(), house.posts["主任甲"], row.id, named.person_id)
    await reports.note(house.act(), named, row.id, FOUND)
    await reports.decide(house.act(), named, row.id, "untrue", "已经核实，情况不属实。")
    jobs = Jobs(house.services, house.now, lambda: None)
    house.pass_days(179)
    await jobs.tidy()
    async with second.read() as session:
        [row] = (await session.exec(select(ReportRow))).all()
    assert (row.text, len(row.notes["log"])) == (SAID, 1)
    house.pass_days(1)
    await jobs.tidy()
    async with second.read() as session:
        [row] = (await session.exec(select(ReportRow))).all()
    assert (row.text, row.notes) == (None, None)
    assert (row.state, row.finding, row.channel) == ("closed", "untrue", "letter")
    assert (await reports.open(house.act(), named, row.id)).text == ""


async def test_from_the_last_look_every_answer_of_a_letter_can_be_changed(
    house: House, secretary: Somebody, organiser: Somebody, second: Database
) -> None:
    await opened(house)
    await organiser.presses_again(1, "g:r")
    await organiser.presses("登记来信、来访、来电")
    await organiser.presses("来信")
    await organiser.says("钱进")
    await organiser.presses("钱进")
    said = await organiser.says(SAID)
    assert "涉及：钱进" in said
    await organiser.presses("重写内容")
    assert "下一项 ›" in organiser.choices
    await organiser.presses("‹ 上一项")
    await organiser.presses("不涉及在办的")
    said = await organiser.says(SAID + "又来了一封信。")
    assert "涉及：不涉及在办的" in said
    await organiser.presses("确认，登记")
    async with second.read() as session:
        [row] = (await session.exec(select(ReportRow))).all()
        assert (await session.exec(select(ReportCase))).all() == []
    assert (row.channel, row.text) == ("letter", SAID + "又来了一封信。")


async def test_what_is_no_answer_changes_nothing(
    house: House, secretary: Somebody, organiser: Somebody, second: Database
) -> None:
    await opened(house)
    await organiser.presses_again(1, "g:r")
    await organiser.presses("登记来信、来访、来电")
    assert "请按下面的按钮" in await organiser.says("写来的")
    # In the words of a button it is pressed.
    await organiser.says("来访")
    assert "没有找到" in await organiser.says("某某某")
    await organiser.presses("不涉及在办的")
    assert "请用文字写" in await organiser.says("太短")
    assert "请用文字写" in await organiser.shows_photo(b"photo")
    async with second.read() as session:
        assert (await session.exec(select(ReportRow))).all() == []
    assert "什么也没有存" in await organiser.presses("取消")


async def test_who_has_a_part_in_the_branch_is_neither_named_nor_shown(
    house: House, secretary: Somebody, director: Somebody, organiser: Somebody, second: Database
) -> None:
    """The second organiser held a post in the branch before."""
    await opened(house)
    partial = await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 700)
    token = await house.services.people.invite(
        house.act(), house.posts["委员乙"], Role.SECRETARY, house.places["第一支部"], "组织员庚"
    )
    await house.services.people.join(house.act(), 700, token, "zh")
    await entered(organiser)
    async with second.read() as session:
        [row] = (await session.exec(select(ReportRow))).all()
    await director.presses_again(1, f"r:{row.id}")
    await director.presses("批示：指定承办人")
    assert "组织员己" in director.choices
    assert "组织员庚" not in director.choices
    assert "不归您管" in await partial.presses_again(1, f"r:{row.id}")
    assert "不归您管" in await secretary.presses_again(1, f"r:{row.id}")
    assert "不归您管" in await secretary.presses_again(1, "g:e")
