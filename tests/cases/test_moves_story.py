"""Other matters, told in chat: a report, new introducers, a move; and who may not."""

import pytest
from sqlmodel import select

from domain.rulebook.schema import Role
from models import CaseFile, CaseHelper, DeadlineRow, EntryRow, OutgoingRow
from services.core.database import Database
from services.core.errors import AnswersRefused
from tests.cases.conftest import Lead
from tests.conftest import on_both
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.meetings.chat import fills, told


async def other(person: Somebody, case: str, label: str) -> str:
    await person.presses_again(1, f"c:{case}:s")
    await person.presses("其他事项")
    return await person.presses(label)


async def test_a_thought_report_is_noted_in_a_few_taps(
    lead: Lead, introducer: Somebody, secretary: Somebody
) -> None:
    await lead.to("21")
    said = await other(introducer, lead.case, "收到思想汇报")
    assert "哪一天收到的" in said
    await introducer.presses("今天")
    await introducer.presses("是")
    assert "已保存：张三 · 收到思想汇报" in await introducer.presses("确认，保存")
    said = await secretary.presses_again(1, f"c:{lead.case}:d")
    assert "收到思想汇报（介绍丁记）" in said
    assert "21 继续教育考察" in said


async def test_what_may_happen_at_any_time_waits_for_nobody(
    lead: Lead, secretary: Somebody
) -> None:
    await lead.to("21")
    said = await secretary.says("待办")
    assert "待办1项" in said
    assert "思想汇报" not in said


async def test_new_introducers_take_the_place_of_the_old_ones(
    house: House, lead: Lead, secretary: Somebody, introducer: Somebody, second: Database
) -> None:
    await lead.to("21")
    await other(secretary, lead.case, "更换入党介绍人")
    await secretary.presses("今天")
    await secretary.says("介绍人调走了。")
    await secretary.presses("党员甲一")
    await secretary.presses("党员甲二")
    await secretary.presses("都没有，或者影响期已满")
    assert "已保存" in await secretary.presses("确认，保存")
    async with second.read() as session:
        statement = select(CaseHelper).where(CaseHelper.role == "introducer")
        held = {row.person_id: row.until for row in await session.exec(statement)}
    gone = house.posts["介绍丁"].person_id
    assert len(held) == 3
    assert [person for person, until in held.items() if until is not None] == [gone]
    assert "没有找到" in await introducer.presses_again(1, f"c:{lead.case}:s")


async def test_a_correction_of_an_older_appointment_brings_nobody_back(
    house: House, lead: Lead, secretary: Somebody, introducer: Somebody
) -> None:
    await lead.to("21")
    card = await lead.card()
    members = await house.services.people.members(house.posts["书记丙"], house.places["第一支部"])
    new = tuple(m.person_id for m in members if m.name in ("党员甲一", "党员甲二"))
    form = card.rulebook.step("introducers_new")
    await house.services.steps.record(
        house.act(), house.posts["书记丙"], lead.case, form.id,
        {"changed_on": lead.today, "reason": "工作调动", "introducers": new,
         "discipline": "none"},
    )  # fmt: skip
    old = next(entry for entry in card.entries if entry.step.id == "9")
    await house.services.steps.correct(
        house.act(), house.posts["书记丙"], old.entry_id, old.answers, "核对了日期"
    )
    names = {name for role, name in (await lead.card()).helpers if role is Role.INTRODUCER}
    assert names == {"党员甲一", "党员甲二"}


async def test_a_move_takes_the_case_and_its_time_along(
    house: House, lead: Lead, secretary: Somebody, introducer: Somebody,
    other_secretary: Somebody, second: Database,
) -> None:  # fmt: skip
    await house.services.people.add_member(
        house.act(), house.posts["书记戊"], house.places["第二支部"], "党员乙一"
    )
    await lead.to("21")
    done = len((await lead.card()).progress.done)
    await other(secretary, lead.case, "转到本系统另一个支部")
    await secretary.presses("今天")
    await secretary.says("工作调动。")
    await secretary.says("第二支部")
    await secretary.presses("全部点上")
    await secretary.presses("下一项 ›")
    assert "已保存：张三 · 转到本系统另一个支部" in await secretary.presses("确认，保存")
    for person in (secretary, introducer):
        assert "没有找到" in await person.presses_again(1, f"c:{lead.case}:s")
    async with second.read() as session:
        case = await session.get_one(CaseFile, lead.case)
        assert case.organisation_id == house.places["第二支部"]
        steps = {row.step for row in await session.exec(select(DeadlineRow))}
        entry = (await session.exec(select(EntryRow).where(EntryRow.step == "moved"))).one()
        of_it = await session.exec(select(OutgoingRow).where(OutgoingRow.slot == entry.id))
        heard = {row.person_id for row in of_it}
    assert {"received", "21"} <= steps
    # Not the introducers, whose part in it the move has ended.
    assert heard == {house.posts["书记戊"].person_id}

    assert "张三 · 接收转入人员" in await other_secretary.says("待办")
    await other_secretary.presses_again(1, f"f:{lead.case}:received")
    await other_secretary.presses("今天")
    await other_secretary.presses("接收，时间连续算")
    await other_secretary.presses("是")
    await other_secretary.presses("发展对象或预备党员")
    await other_secretary.presses("党员乙一")
    await other_secretary.presses("下一项 ›")
    assert "已保存" in await other_secretary.presses("确认，保存")
    actor = house.posts["书记戊"]
    card = await house.services.cases.card(actor, lead.case, lead.today)
    move = next(entry for entry in card.entries if entry.step.id == "moved")
    back = {**move.answers, "to": house.places["第一支部"]}
    with pytest.raises(AnswersRefused):
        await house.services.steps.correct(house.act(), actor, move.entry_id, back, "转错了支部")
    await house.services.steps.correct(
        house.act(), actor, move.entry_id, {**move.answers, "reason": "单位合并"}, "原因写错了"
    )
    card = await house.services.cases.card(actor, lead.case, lead.today)
    assert card.organisation == "第二支部"
    assert len(card.progress.done) == done + 2
    assert (Role.INTRODUCER, "党员乙一") in card.helpers
    said = await other(other_secretary, lead.case, "转入后推迟讨论转正")
    assert "哪一天决定的" in said


@pytest.mark.parametrize(
    "stage", ["6", *(pytest.param(later, marks=pytest.mark.slow) for later in ("12", "21"))]
)
async def test_a_branch_that_does_not_take_somebody_gives_the_case_back_whole(
    house: House, lead: Lead, secretary: Somebody, introducer: Somebody,
    other_secretary: Somebody, second: Database, stage: str,
) -> None:  # fmt: skip
    await lead.to(stage)
    before = await lead.card()
    await other(secretary, lead.case, "转到本系统另一个支部")
    await fills(secretary, "工作调动。", "第二支部")
    assert "没有找到" in await secretary.presses_again(1, f"c:{lead.case}:s")
    await other_secretary.presses_again(1, f"f:{lead.case}:received")
    said = await fills(other_secretary, "不接收，退回原支部", "本人不在本支部工作。")
    assert "已保存：张三 · 接收转入人员" in said
    assert "没有找到" in await other_secretary.presses_again(1, f"c:{lead.case}:s")
    async with second.read() as session:
        case = await session.get_one(CaseFile, lead.case)
        assert (case.organisation_id, case.moved_from) == (house.places["第一支部"], None)
        answer = (await session.exec(select(EntryRow).where(EntryRow.step == "received"))).one()
        of_it = await session.exec(select(OutgoingRow).where(OutgoingRow.slot == answer.id))
        heard = {row.person_id for row in of_it}
    # Who helps in it again hears of it as well; at the first stage nobody was named an introducer.
    assert (house.posts["介绍丁"].person_id in heard) is (stage != "6")
    after = await lead.card()
    assert after.helpers == before.helpers
    assert after.progress.stage == before.progress.stage
    known = {(entry.step, entry.done_on) for entry in before.progress.done}
    assert known <= {(entry.step, entry.done_on) for entry in after.progress.done}
    assert "received" not in {item.step.id for item in after.progress.open}
    assert "put_off_move" not in {step.id for step in after.anytime}
    await told(house)
    text = "".join(seen.text for seen in secretary.chat.values())
    assert "说明：本人不在本支部工作。" in text
    await other(secretary, lead.case, "转到本系统另一个支部")
    assert "哪一天转出" in secretary.screen.text


@on_both
async def test_the_former_branch_hears_that_somebody_arrived(
    house: House, lead: Lead, secretary: Somebody, other_secretary: Somebody
) -> None:
    actor = house.posts["书记戊"]
    await house.services.people.add_member(house.act(), actor, house.places["第二支部"], "党员乙一")
    await lead.to("6")
    await other(secretary, lead.case, "转到本系统另一个支部")
    await fills(secretary, "工作调动。", "第二支部")
    await other_secretary.presses_again(1, f"f:{lead.case}:received")
    await fills(other_secretary, "接收，时间连续算", "积极分子", "党员乙一")
    await told(house)
    assert "张三已由第二支部接收" in "".join(seen.text for seen in secretary.chat.values())
    card = await house.services.cases.card(actor, lead.case, lead.today)
    assert (Role.CONTACT, "党员乙一") in card.helpers


async def test_who_may_not(
    house: House, lead: Lead, introducer: Somebody, committee: Somebody, other_secretary: Somebody
) -> None:
    await lead.to("21")
    refused = "没有找到，或者不归您管"
    for step in ("ends", "moved", "introducers_new"):
        assert refused in await introducer.presses_again(1, f"f:{lead.case}:{step}")
    for step in ("moved", "introducers_new", "thought_report"):
        assert refused in await committee.presses_again(1, f"f:{lead.case}:{step}")
    for data in (f"an:{lead.case}", f"f:{lead.case}:ends", f"f:{lead.case}:moved"):
        assert refused in await other_secretary.presses_again(1, data)
