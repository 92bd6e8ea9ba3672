"""After a lost vote and after a visit, told in chat: who is told, what waits for whom."""

from contextlib import suppress
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from aiogram.types import Voice
from sqlmodel import col, select

from domain.rulebook.schema import Role
from handlers.staff.messages.notifier import Notifier
from models import Attachment, CaseHelper, DeadlineRow, Draft, EntryRow, OutgoingRow
from services.attachments.formats import JPEG, LARGEST, OGG
from services.core.database import Database
from services.core.ports import Moot
from services.papers.views import PaperFile
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.intake import samples

LOST = {"due": 50, "present": 48, "yes": 20, "no": 28, "conclusion": "back"}


async def test_opinions_are_brought_to_the_person_and_followed_up(
    house: House, lead: Lead, introducer: Somebody, committee: Somebody, second: Database
) -> None:
    await lead.to("14a")
    book = (await lead.card()).rulebook
    await lead.take(book.step("14a"), **LOST, opinions="与群众联系不够")
    async with second.read() as session:
        told = await session.exec(
            select(OutgoingRow).where(
                OutgoingRow.person_id == house.posts["介绍丁"].person_id,
                OutgoingRow.kind == "your_turn",
                col(OutgoingRow.matter).endswith(":14b"),
            )
        )
        assert len(told.all()) == 1

    assert "张三 · 14b 把意见反馈给本人" in await introducer.says("待办")
    said = await introducer.presses_again(1, f"f:{lead.case}:14b")
    assert "哪一天同本人谈的" in said
    await introducer.presses("今天")
    await introducer.presses("接受，愿意改")
    await introducer.says("每月参加一次志愿服务。")
    again = lead.today + timedelta(days=40)
    await introducer.says(again.isoformat())
    assert "已保存" in await introducer.presses("确认，保存")

    await committee.says("/cases")
    said = await committee.presses("张三")
    assert "要跟进的" in said
    assert "14c 跟踪培养（介绍丁、党员甲一）" in said
    async with second.read() as session:
        rows = (await session.exec(select(DeadlineRow).where(DeadlineRow.step == "14c"))).all()
        assert [row.due_on for row in rows] == [again]
    lead.wait(again)
    await house.services.reminders.look(house.at)
    async with second.read() as session:
        digests = await session.exec(select(OutgoingRow).where(OutgoingRow.kind == "digest"))
        items = [item for row in digests for item in row.payload["items"]]
    assert (lead.case, "14c", "follow_up_due") in {tuple(item) for item in items}


async def test_a_visit_note_is_one_screen_and_one_message(
    lead: Lead, introducer: Somebody, second: Database
) -> None:
    await lead.to("21a")
    said = await introducer.presses_again(1, f"f:{lead.case}:21a")
    assert "张三 · 21a 回访（四查四看） · 1/1" in said
    assert "① 哪一天回访的　<b>" in said, "today stands there"
    assert "文字写在一条消息里" in said
    assert "也可以一起写" not in said, "each line is one of the four"
    rows = [[one.text for one in row] for row in introducer.screen.rows]
    assert ["③ 3人", "③ 5人", "③ 8人", "③ 12人"] in rows
    assert ["④ 积极向上", "④ 基本稳定", "④ 有滑坡"] in rows
    assert len(rows) <= 12, "no more than a phone shows"
    assert ["⑥ 领导干部：是", "⑥ ✓ 领导干部：否"] in rows, "read without the question"
    assert said.endswith("<b>还没答：② ③ ④ ⑤ ⑦ ⑧ ⑨一看思想动态</b>"), "beside the buttons"
    await introducer.presses("走访群众")
    await introducer.shows_photo(b"here")
    for check in ("积极向上", "有新成绩", "反映好"):
        await introducer.presses(check)
    assert "四查表率作用" in introducer.screen.text, "the screen stays until the last one"
    await introducer.presses("能带动")
    said = await introducer.says("听了8人的意见。一、干劲足，二、带头，三、都说好，四、有人跟着干")
    assert "核对后保存" in said
    assert "总的情况" not in said, "no check has found anything"
    assert "已保存" in await introducer.presses("确认，保存")
    async with second.read() as session:
        last = select(EntryRow).order_by(col(EntryRow.number).desc()).limit(1)
        answers = (await session.exec(last)).one().answers
    notes = [answers[f"{name}_note"] for name in ("thinking", "work", "masses", "example")]
    assert notes == ["干劲足", "带头", "都说好", "有人跟着干"]
    assert (answers["heard"], answers["ways"], answers["leads"]) == (8, ("masses",), False)
    assert len(answers["photos"]) == 1  # type: ignore[arg-type]


NOTES = [f"{name}_note" for name in ("thinking", "work", "masses", "example")]


async def at_the_note(lead: Lead, introducer: Somebody) -> None:
    """All is tapped but how many were heard; what is written is still open."""
    await lead.to("21a")
    await introducer.presses_again(1, f"f:{lead.case}:21a")
    for label in ("走访群众", "积极向上", "有新成绩", "反映好", "能带动"):
        await introducer.presses(label)


async def drafted(second: Database) -> dict[str, object]:
    async with second.read() as session:
        (row,) = (await session.exec(select(Draft))).all()
    return dict(row.answers)


async def test_a_visit_note_of_four_lines_is_the_four_observations_in_their_order(
    lead: Lead, introducer: Somebody, second: Database
) -> None:
    await at_the_note(lead, introducer)
    for note, lines in (
        ("干劲足。他带头，都说好，有人跟着干", 1),
        ("干劲足\n带头", 2),
        ("干劲足\n带头\n都说好", 3),
    ):
        said = await introducer.says(note)
        end = f"收到{lines}行，分不清是哪一项，没存；前面的都在。\n请写4行，或：一、… 二、…"
        assert said.endswith(end), "beside the buttons, where a small phone shows it"
        assert "<b>还没答：③听了多少人的意见 ⑨一看思想动态</b>" in said
        assert not {"heard", *NOTES} & set(await drafted(second))
    said = await introducer.says("干劲足\n\n带头\n都说好\n有人跟着干")
    assert "⑨ 一看思想动态　<b>干劲足</b>" in said
    assert "⑫ 四看表率作用　<b>有人跟着干</b>" in said
    assert "<b>③ " not in said
    kept = await drafted(second)
    assert [kept[name] for name in NOTES] == ["干劲足", "带头", "都说好", "有人跟着干"]
    assert "heard" not in kept, "no line of a note is a number of people"
    assert "核对后保存" in await introducer.says("听了12人")
    assert (await drafted(second))["heard"] == 12


async def test_a_visit_note_is_read_by_its_numbers_and_what_is_missing_is_named(
    lead: Lead, introducer: Somebody, second: Database
) -> None:
    await at_the_note(lead, introducer)
    assert "③ 听了多少人的意见　<b>15</b>" in await introducer.says("15")
    said = await introducer.says("12")
    assert "③已经填过，这个数没有存" in said, "it may be a slip of the pen"
    assert (await drafted(second))["heard"] == 15
    said = await introducer.says("二、带头")
    assert "⑩ 二看工作实绩　<b>带头</b>" in said
    said = await introducer.says("五、没有这一看")
    assert "收到1行，分不清" in said
    said = await introducer.says("一看：干劲足")
    assert "核对后保存" in said
    assert "<b>干劲足</b>" in said, "without the colon"
    assert "没写的还有：三看群众评价、四看表率作用" in said
    said = await introducer.says("（十一）都说好\n12、有人跟着干")
    assert "没写的还有" not in said
    assert "请按下面的按钮" in await introducer.says("好")
    kept = await drafted(second)
    assert [kept[name] for name in NOTES] == ["干劲足", "带头", "都说好", "有人跟着干"]
    assert "已保存" in await introducer.presses("确认，保存")


@pytest.mark.parametrize(
    "note",
    [
        "8\n干劲足\n带头\n都说好\n有人跟着干",
        # What stands before a number with nothing behind it is written for that number.
        "听了8人。干劲足\n一、\n二、带头\n三、都说好\n四、有人跟着干",
    ],
)
async def test_a_visit_note_of_five_lines_begins_with_how_many_were_heard(
    lead: Lead, introducer: Somebody, second: Database, note: str
) -> None:
    await at_the_note(lead, introducer)
    assert "<b>8</b>" in await introducer.says(note)
    kept = await drafted(second)
    assert [kept[name] for name in ("heard", *NOTES)] == [
        8,
        "干劲足",
        "带头",
        "都说好",
        "有人跟着干",
    ]


VOICE = Voice(file_id="voice1", file_unique_id="v", duration=3, mime_type=OGG, file_size=5000)


async def test_a_voice_at_any_moment_of_a_visit_is_kept_as_a_proof_and_never_written_out(
    house: House, lead: Lead, introducer: Somebody, second: Database
) -> None:
    await lead.to("21a")
    await introducer.presses_again(1, f"f:{lead.case}:21a")
    introducer.line.telegram.files["voice1"] = samples.voice("CANARY9f3a")
    said = await introducer.sends(voice=VOICE)
    assert "录音留作附件了，不会转成文字。请再用一条文字写：一看思想动态、二看工作实绩" in said
    assert "⑭ 录音　<b>1份</b>" in said
    said = await introducer.sends(voice=VOICE.model_copy(update={"file_size": LARGEST + 1}))
    assert "文件太大，没有收" in said
    assert "⑭ 录音　<b>1份</b>" in said
    introducer.line.telegram.files["voice1"] = b"#!AMR\n" + bytes(40)
    assert "这种录音没有收。请在聊天里按住话筒说" in await introducer.sends(voice=VOICE)
    await introducer.shows_photo(b"here")
    for label in ("走访群众", "③ 8人", "积极向上", "有新成绩", "反映好", "能带动"):
        await introducer.presses(label)
    assert "核对后保存" in await introducer.says("干劲足\n带头\n都说好\n有人跟着干")
    # A platform without voice messages brings the sound as a file.
    said = await introducer.shows_document(samples.voice("CANARY9f3a"), OGG, name="语音.ogg")
    assert "录音留作附件了。" in said
    assert "已保存" in await introducer.presses("确认，保存")
    async with second.read() as session:
        last = select(EntryRow).order_by(col(EntryRow.number).desc()).limit(1)
        answers = (await session.exec(last)).one().answers
        rows = {row.id: row for row in (await session.exec(select(Attachment))).all()}
    photo, *voices = [rows[one] for one in (*answers["photos"], *answers["recording"])]  # type: ignore[misc]
    assert (photo.media_type, [one.media_type for one in voices]) == (JPEG, [OGG, OGG])
    assert all(b"CANARY9f3a" not in row.content for row in rows.values())
    await the_record_shows_it(introducer, lead)
    assert await archived(house, lead) == {"佐证1.jpg", "录音1.ogg", "录音2.ogg"}


async def the_record_shows_it(introducer: Somebody, lead: Lead) -> None:
    await introducer.presses_again(1, f"c:{lead.case}:d")
    await introducer.presses("逐条看")
    await introducer.presses("21a 回访")
    assert [one for one in introducer.choices if one[-1].isdigit()] == ["证明1", "录音1", "录音2"]
    await introducer.presses("录音1")
    assert not introducer.screen.photo
    assert introducer.screen.protected


async def archived(house: House, lead: Lead) -> set[str]:
    """The names of what was given at the visit."""
    sent: list[PaperFile] = []

    async def send(file: PaperFile) -> None:
        sent.append(file)

    async def told(done: int, total: int) -> None:
        return None

    actor = house.posts["书记丙"]
    await house.services.archive.pack(actor, lead.case, lead.today, "", send, told)
    names = [name for one in sent for name in ZipFile(BytesIO(one.content)).namelist()]
    return {
        name.split("四查四看）")[1]
        for name in names
        if "四查四看）" in name and name[-4:] != "docx"
    }


async def test_what_a_check_finds_wanting_asks_for_measures_and_a_restart_loses_nothing(
    house: House, lead: Lead, introducer: Somebody
) -> None:
    await lead.to("21a")
    await introducer.presses_again(1, f"f:{lead.case}:21a")
    old = introducer.button("有滑坡")
    await introducer.presses("走访群众")
    await introducer.presses("有滑坡")
    house.restart()
    for check in ("有新成绩", "反映好", "能带动"):
        await introducer.presses(check)
    assert "② ✓ 走访群众" in introducer.labels
    await introducer.presses_again(*old)
    assert "④ ✓ 有滑坡" in introducer.labels, "pressed twice, it stays"
    await introducer.says("23")
    said = await introducer.says("一、劲头没有以前足，开会常迟到。")
    assert "总的情况？" in said
    await introducer.presses("思想滑坡，要求不严")
    await introducer.presses("批评教育")
    said = await introducer.presses("今天")
    assert "核对后保存" in said
    assert "批评教育" in said
    assert "<b>23</b>" in said


async def visited(house: House, lead: Lead) -> date:
    """Somebody is named to help, until a day."""
    await lead.to("21a")
    book = (await lead.card()).rulebook
    until = lead.today + timedelta(days=30)
    await lead.take(
        book.step("21a"), thinking="slipped", finding="slipped", measures=("help",),
        helper=house.posts["帮扶己"].person_id, help_until=until,
    )  # fmt: skip
    return until


async def test_a_named_helper_files_the_result_and_is_free(
    house: House, lead: Lead, secretary: Somebody, second: Database
) -> None:
    helper = await house.join(house.posts["书记丙"], Role.INTRODUCER, "第一支部", "帮扶己", 700)
    await lead.to("21a")
    assert "没有找到" in await helper.presses_again(1, f"c:{lead.case}:s")
    until = await visited(house, lead)
    said = await helper.says("待办")
    assert "张三 · 21c 帮扶结果" in said
    said = await secretary.presses_again(1, f"c:{lead.case}:s")
    assert f"21c 帮扶结果（帮扶己），{until.year}年{until.month}月{until.day}日" in said

    await helper.presses_again(1, f"f:{lead.case}:21c")
    await helper.presses("今天")
    await helper.presses("有效果，帮扶结束")
    assert "已保存" in await helper.presses("确认，保存")
    said = await secretary.presses_again(1, f"c:{lead.case}:d")
    assert "21c 帮扶结果（帮扶己记）：有效果，帮扶结束" in said
    assert "没有找到" in await helper.presses_again(1, f"c:{lead.case}:s")
    async with second.read() as session:
        rows = await session.exec(select(CaseHelper).where(CaseHelper.role == "helper"))
        assert [row.until is not None for row in rows] == [True]


async def test_a_helper_enters_nothing_else(house: House, lead: Lead) -> None:
    helper = await house.join(house.posts["书记丙"], Role.INTRODUCER, "第一支部", "帮扶己", 700)
    await visited(house, lead)
    for step in ("22", "21b", "ends", "moved"):
        said = await helper.presses_again(1, f"f:{lead.case}:{step}")
        assert "没有找到，或者不归您管" in said


async def test_somebody_struck_out_is_still_told_why(
    house: House, lead: Lead, introducer: Somebody, secretary: Somebody
) -> None:
    await lead.to("17a")
    book = (await lead.card()).rulebook
    await lead.take(
        book.step("17a"), all=5, present=5, yes=2, no=3, conclusion="struck_out", reason="票数不够"
    )
    said = await introducer.says("待办")
    assert "张三 · 14b 把意见反馈给本人" in said
    said = await secretary.presses_again(1, f"c:{lead.case}:s")
    assert "已终止" in said
    assert "14b 把意见反馈给本人" in said
    assert "其他事项" not in secretary.choices


async def test_nobody_is_reminded_of_somebody_who_died(
    house: House, lead: Lead, secretary: Somebody, introducer: Somebody, second: Database
) -> None:
    await lead.to("21")
    async with second.read() as session:
        assert (await session.exec(select(DeadlineRow))).all()
    await secretary.presses_again(1, f"c:{lead.case}:s")
    await secretary.presses("其他事项")
    await secretary.presses("本人退出、去世或转到外地")
    await secretary.presses("今天")
    await secretary.presses("去世")
    await secretary.presses("跳过")
    said = await secretary.presses("确认，保存")
    assert "这一件现在：已终止" in said
    async with second.read() as session:
        assert not (await session.exec(select(DeadlineRow))).all()
        last = select(EntryRow).order_by(col(EntryRow.number).desc()).limit(1)
        assert (await session.exec(last)).one().step == "ends"
    notifier = Notifier(house.line.bot, house.services, house.now)
    waiting = await house.services.outgoing.claim(house.at, "w", most=500)
    assert any("your_turn" in {m.kind, *(o.kind for o in m.others)} for m in waiting)
    for message in waiting:
        with suppress(Moot):
            await notifier.deliver(message)
    said = [seen.text for chat in house.line.telegram.chats.values() for seen in chat.values()]
    assert not [text for text in said if "轮到您了" in text]
    house.pass_days(400)
    assert await house.services.reminders.look(house.at) == 0
    for person in (secretary, introducer):
        assert "张三" not in await person.says("待办")
