"""Signing together, correcting with a reason, and reading a proof."""

from datetime import date

from sqlmodel import select

from domain.rulebook.schema import Role
from models import Signature
from services.container import build_services
from services.core.database import Database
from tests.cases.conftest import Lead
from tests.conftest import on_both, on_sqlite
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened, second_step, talk_begun

__all__ = ["opened"]


async def appointed(house: House, secretary: Somebody) -> None:
    """The introducer who has joined is one of the two of this case; the meeting has voted."""
    await first_step(secretary)
    await talk_begun(secretary)
    await secretary.says("党员甲一")
    await secretary.says("介绍丁")
    await secretary.presses("下一项 ›")
    await secretary.presses("确认，保存")
    await to_the_visit(secretary)


async def to_the_visit(secretary: Somebody) -> None:
    """The notice is posted and the meeting has voted."""
    await secretary.presses("接着填：8a 公示")
    await secretary.presses("今天")
    await secretary.shows_photo(b"proof")
    await secretary.presses("下一项 ›")
    await secretary.presses("跳过")
    await secretary.presses("确认，保存")
    await secretary.presses("接着填：15 支部大会讨论表决")
    await secretary.presses("今天")
    await secretary.presses("全部点上")
    await secretary.presses("下一项 ›")
    await secretary.says("有表决权50，应到50 实到48 赞成46 不赞成2")
    await secretary.presses("对，就这些")
    await secretary.presses("通过")
    await secretary.presses("确认，保存")


@on_both
async def test_a_visit_counts_once_the_introducer_has_signed(
    house: House, introducer: Somebody, opened: Somebody, second: Database
) -> None:
    await appointed(house, opened)
    reminded = opened.button("接着填：21a 回访")
    await opened.presses_again(*reminded)
    await opened.presses("今天")
    await opened.says("积极 & 向上")
    await opened.presses("党员甲二")
    said = await opened.presses("确认，保存")
    assert "还要入党介绍人党员甲一、介绍丁签字确认" in said
    assert "党员甲一收不到消息：请在纸质记录上签字，签了再点下面的按钮。" in said
    assert "下一步：<b>21a 回访</b>，等入党介绍人签字" in said
    # A button of before, as a reminder has it: nothing was lost, and what is missing is said.
    said = await opened.presses_again(*reminded)
    assert "这一步已经保存了，在等入党介绍人签字，签完才算办完。" in said
    assert "没有保存" not in said

    said = await introducer.says("待办")
    assert "张三 · 21a 回访 · 待签字" in said
    said = await introducer.presses("1. 张三 · 签字")
    assert "积极 &amp; 向上" in said
    assert "<b>党员甲二</b>" in said
    assert "书记丙于2026年11月23日记" in said
    assert "已签字：书记丙" in said
    button = introducer.button("核对无误，签字")
    said = await introducer.presses_again(*button)
    assert "已签字：张三 · 21a 回访" in said
    assert "还要入党介绍人党员甲一签字确认" in said
    await opened.says("待办")
    said = await opened.presses("1. 张三 · 签字")
    assert "还等签字：入党介绍人党员甲一" in said
    assert "还要" not in await opened.presses("党员甲一已在纸上签字")

    other = build_services(second, house.services.procedure)
    page = await other.cases.search(house.posts["书记丙"], date(2026, 11, 23))
    card = await other.cases.card(house.posts["书记丙"], page.lines[0].case_id, date(2026, 11, 23))
    assert card.entries[-1].waits_for == frozenset()
    said = await introducer.presses_again(*button)
    assert "您已经签过字了，签字已经存着。" in said
    assert "没有保存" not in said


@on_sqlite
async def test_the_proofs_of_a_record_are_shown_and_cannot_be_forwarded(
    house: House, introducer: Somebody, opened: Somebody
) -> None:
    await appointed(house, opened)
    actor = house.posts["书记丙"]
    page = await house.services.cases.search(actor, date(2026, 11, 23))
    card = await house.services.cases.card(actor, page.lines[0].case_id, date(2026, 11, 23))
    proofs = card.entries[2].answers["proof"]
    assert isinstance(proofs, tuple)
    await opened.presses_again(1, f"a:{proofs[0]}")
    assert opened.screen.photo
    assert opened.screen.protected


@on_sqlite
async def test_every_record_can_be_read_with_what_the_numbers_said_and_its_photos(
    house: House, introducer: Somebody, opened: Somebody
) -> None:
    await appointed(house, opened)
    await opened.presses("看这一件")
    await opened.presses("办理记录（4）")
    said = await opened.presses("逐条看")
    assert "看哪一条？" in said
    said = await opened.presses("15 支部大会讨论表决")
    assert "书记丙于2026年11月23日记" in said
    assert "<b>46</b>" in said
    assert "核对结果：票数够。" in said
    assert "更正这一条" in opened.choices
    await opened.presses("‹ 返回")
    await opened.presses("8a 公示")
    await opened.presses("证明1")
    assert opened.screen.photo


@on_sqlite
async def test_a_replaced_record_stays_readable(house: House, opened: Somebody) -> None:
    await first_step(opened)
    await second_step(opened)
    await opened.presses("看这一件")
    await opened.presses("办理记录（2）")
    await opened.presses("逐条看")
    await opened.presses("1 递交入党申请书")
    said = await opened.presses("更正这一条")
    assert "为什么要更正？" in said
    await opened.says("年龄记错了")
    await opened.presses("改“年龄”")
    await opened.says("26")
    await opened.presses("确认，保存")
    await opened.presses("看这一件")
    await opened.presses("办理记录（3）")
    await opened.presses("逐条看")
    said = await opened.presses("1 递交入党申请书（已更正）")
    assert "这一条已经更正，只作留存。" in said
    assert "<b>25</b>" in said
    assert "更正这一条" not in opened.choices


@on_both
async def test_a_correction_needs_a_reason_and_keeps_the_old_record(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await opened.presses("看这一件")
    await opened.presses("办理记录（1）")
    await opened.presses("更正记录")
    said = await opened.presses("11月22日 1 递交入党申请书")
    assert "为什么要更正？" in said
    assert "4到300个字" in await opened.says("错")
    assert "4到300个字" in await opened.shows_sticker()
    said = await opened.says("年龄记错了")
    assert "更正原因：年龄记错了" in said
    assert "25" in said
    await opened.presses("改“年龄”")
    said = await opened.says("26")
    assert "<b>26</b>" in said
    said = await opened.presses("确认，保存")
    assert "已更正：张三 · 1 递交入党申请书" in said
    await opened.presses("看这一件")
    said = await opened.presses("办理记录（2）")
    assert "<s>" in said
    assert "（已更正）" in said
    assert "更正原因：年龄记错了" in said


@on_sqlite
async def test_a_correction_left_in_the_middle_changes_nothing(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await opened.presses("看这一件")
    await opened.presses("办理记录（1）")
    await opened.presses("更正记录")
    await opened.presses("11月22日 1 递交入党申请书")
    await opened.says("年龄记错了")
    await opened.presses("改“年龄”")
    await opened.says("26")
    said = await opened.says("待办")
    assert "更正没有保存，原来的记录没有变" in said
    assert "填了一半" not in said
    actor = house.posts["书记丙"]
    page = await house.services.cases.search(actor, date(2026, 11, 23))
    card = await house.services.cases.card(actor, page.lines[0].case_id, date(2026, 11, 23))
    assert [entry.answers["age"] for entry in card.entries] == [25]


@on_sqlite
async def test_a_correction_that_breaks_what_follows_is_refused(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await second_step(opened)
    house.pass_days(2)
    await opened.presses("看这一件")
    await opened.presses("办理记录（2）")
    await opened.presses("更正记录")
    await opened.presses("1 递交入党申请书")
    await opened.says("日期记错了")
    await opened.presses("改“哪天收到”")
    said = await opened.says("2026-11-25")
    assert "后面的第2步" in said
    assert "确认，保存" not in opened.choices


@on_sqlite
async def test_another_introducer_sees_nothing_of_it(
    house: House, introducer: Somebody, opened: Somebody
) -> None:
    await first_step(opened)
    other = await house.join(house.posts["书记丙"], Role.INTRODUCER, "第一支部", "介绍己", 401)
    assert "没有找到" in await other.says("张三")
    assert "现在没有要您办的事" in await other.says("待办")


@on_sqlite
async def test_who_is_secretary_and_introducer_signs_once_and_somebody_else_the_other(
    house: House, introducer: Somebody, opened: Somebody, second: Database
) -> None:
    await first_step(opened)
    await talk_begun(opened)
    await opened.says("书记丙")
    await opened.says("介绍丁")
    await opened.presses("下一项 ›")
    await opened.presses("确认，保存")
    await to_the_visit(opened)
    await opened.presses("接着填：21a 回访")
    await opened.presses("今天")
    await opened.says("积极向上")
    await opened.presses("党员甲二")
    said = await opened.presses("确认，保存")
    assert "还要入党介绍人介绍丁签字确认" in said
    assert "待签字" not in await opened.says("待办")
    async with second.read() as session:
        rows = (await session.exec(select(Signature))).all()
    stands = {(row.role, row.person_id, row.signed_at is not None) for row in rows}
    secretary, other = (house.posts[name].person_id for name in ("书记丙", "介绍丁"))
    assert stands == {("secretary", secretary, True), ("introducer", other, False)}
    assert "您已经签过字了" in await opened.presses_again(1, f"s:{rows[0].entry_id}")
    await introducer.says("待办")
    await introducer.presses("1. 张三 · 签字")
    assert "已签字" in await introducer.presses("核对无误，签字")


@on_sqlite
async def test_after_a_signature_the_next_record_is_there_to_be_read_and_signed(
    house: House, secretary: Somebody, introducer: Somebody, committee: Somebody
) -> None:
    posts, roles = house.posts, (Role.SECRETARY, Role.COMMITTEE, Role.INTRODUCER)
    actors = dict(zip(roles, ("书记丙", "委员乙", "介绍丁"), strict=True))
    for name in ("张三", "李四"):
        place = house.places["第一支部"]
        opened = await house.services.cases.open(house.act(), posts["书记丙"], name, place)
        lead = Lead(house, name, opened.case_id, actors={r: posts[n] for r, n in actors.items()})
        await lead.to("21a")
        step = (await lead.card()).rulebook.step("21a")
        answers = await lead.answers(posts["书记丙"], step)
        steps = house.services.steps
        await steps.record(house.act(), posts["书记丙"], lead.case, "21a", answers)
    await introducer.says("待办")
    await introducer.presses("1. 张三 · 签字")
    said = await introducer.presses("核对无误，签字")
    assert "已签字：张三 · 21a" in said
    assert "还有1件等您签字，先看这一件：" in said
    below = introducer.screen.text
    assert "李四 · 21a 回访" in below
    assert "情况属实，表现良好。" in below, "the whole record is there"
    assert "已签字：张三" not in below, "what was signed stays above it"
    said = await introducer.presses("核对无误，签字")
    assert "已签字：李四 · 21a" in said
    assert "等您签字" not in said
    assert "待签字" not in await introducer.says("待办")
