"""A report from the first word to the answer, as its writer lives it."""

import json
from base64 import b64decode
from datetime import date, timedelta

import pytest

from domain.hotlines import Hotline
from handlers.public.chat.sessions import FREE_TRIES
from services.intake.answers import seal_answer, signing_key
from services.intake.binding import report_place
from services.intake.intake import Intake
from services.intake.notices import RunningNotice, sealed_notice
from services.reports.exchange import Answer, Exchange
from tests.conftest import KEYS
from tests.intake import samples
from tests.intake.citizens import SAID, Citizen
from tests.intake.conftest import NOON, Hand, Stored
from tests.intake.telegram import Telegram

TODAY = NOON.date()


async def hang(intake: Intake, number: int, last: date = TODAY + timedelta(days=9)) -> str:
    async with intake.database.write() as session:
        hotline = Hotline("12380", "王敏") if number == 1 else None
        notice = RunningNotice(f"notice{number}", f"陆小满{number}", "东山村党支部", last, hotline)
        key = b64decode(intake.notices.public)
        session.add(sealed_notice(key, notice, TODAY - timedelta(days=5)))
    return notice.id


async def answer(intake: Intake, text: str) -> None:
    """What the staff side does when it answers."""
    exchange = Exchange(intake.database, intake.database, None, lambda: KEYS)
    [received] = await exchange.received()
    given = Answer("act", text, TODAY, received.letters, TODAY + timedelta(days=7))
    await exchange.answer(received.id, given)


async def test_honest_words_come_first(citizen: Citizen) -> None:
    said = await citizen.says("/start")
    for promise in (
        "先问您反映谁",
        "Telegram 公司看得到是哪个账号在写",
        "不存您的姓名",
        "30分钟后自动清除",
    ):
        assert promise in said


async def test_the_link_on_a_notice_leads_straight_to_it(
    citizen: Citizen, intake: Intake, stored: Stored
) -> None:
    notice = await hang(intake, 1)
    said = await citizen.says(f"/start {notice}")
    assert "反映对象：陆小满1 · 东山村党支部" in said
    assert "也可以打举报电话：12380（王敏负责）" in said
    await citizen.presses(STOP)
    other = await hang(intake, 2)
    assert "还没有公布举报电话，请直接在这里写" in await citizen.says(f"/start {other}")
    await citizen.presses(STOP)
    await citizen.says(f"/start {notice}")
    await citizen.says(SAID)
    await citizen.presses("写完了")
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    [report] = await stored.reports()
    assert report.notice == notice


async def test_a_link_of_a_notice_that_is_over_leads_to_the_beginning(
    citizen: Citizen, intake: Intake
) -> None:
    notice = await hang(intake, 1, last=TODAY - timedelta(days=8))
    said = await citizen.says(f"/start {notice}")
    assert "三件事" in said
    assert "陆小满" not in said


async def test_many_notices_are_turned_like_pages(citizen: Citizen, intake: Intake) -> None:
    for number in range(8):
        await hang(intake, number)
    await citizen.says("/start")
    await citizen.presses("我要反映")
    assert "陆小满6 · 东山村党支部" not in citizen.screen[-1].buttons
    await citizen.presses("下一页 ›")
    assert "发生了什么" in await citizen.presses("陆小满6 · 东山村党支部")


async def test_whoever_writes_a_name_instead_of_pressing_a_button_goes_on_from_there(
    citizen: Citizen, intake: Intake, stored: Stored
) -> None:
    for number in (1, 2):
        await hang(intake, number)
    await citizen.says("/start")
    assert "也可以直接写出姓名和单位" in await citizen.presses("我要反映")
    said = await citizen.says(SAID * 9)
    assert "这一条没有收" in said
    assert "先只写姓名和单位" in said
    assert {"陆小满1 · 东山村党支部", "反映别的人或支部"} <= set(citizen.screen[-1].buttons)
    assert "文件和附的话没有收" in await citizen.sends(citizen.offers("a.pdf", b"%PDF-"))
    assert "反映对象：陆小满2 · 东山村党支部" in await citizen.says("陆小满2 东山村党支部")
    await citizen.presses(STOP)

    await citizen.says("/start")
    await citizen.presses("我要反映")
    assert "反映对象：河湾村 某某" in await citizen.says("河湾村 某某")
    assert f"共{len(SAID)}个字" in await citizen.says(SAID)
    await citizen.presses("写完了")
    assert "请核对" in await citizen.presses("没有了")
    said = await citizen.says("还有一句。")
    assert "这一条没有收，前面写的都在" in said
    assert {"确认，交上去", "重写内容"} <= set(citizen.screen[-1].buttons)
    await citizen.presses("确认，交上去")
    [report] = await stored.reports()
    assert not report.notice
    assert json.loads(stored.opener.open(report.sealed))["about"] == "河湾村 某某"
    assert json.loads(stored.opener.open(report.sealed))["text"] == SAID


async def test_what_is_kept_is_sealed_and_says_only_the_day(
    citizen: Citizen, stored: Stored
) -> None:
    code = await citizen.files_a_report()
    [report] = await stored.reports()
    assert (report.received_on, report.answer_by) == (TODAY, TODAY + timedelta(days=7))
    assert json.loads(stored.opener.open(report.sealed)) == {
        "about": "河湾村 某某",
        "text": SAID,
        "place": report_place(report),
    }
    assert len(report.sealed) < 2048
    assert code.replace(" ", "") not in str(report)


async def test_the_code_is_shown_protected_with_a_button_to_copy(citizen: Citizen) -> None:
    code = await citizen.files_a_report()
    message = citizen.screen[-1]
    assert message.protected
    assert "抄在纸上" in message.text
    assert message.buttons["复制八个字"]["copy_text"]["text"] == code.replace(" ", "")
    await citizen.presses("我抄好了，删掉这条")
    assert [m.text for m in citizen.screen] == ["删掉了。到时候按“查看进展”。"]


async def test_asking_with_the_code_as_it_stands_on_paper(citizen: Citizen, intake: Intake) -> None:
    code = await citizen.files_a_report()
    await citizen.says("/status")
    said = await citizen.says(code.replace(" ", "，\n"))
    assert "已收到，还没有开始核实" in said
    assert "答复期限：2026年12月1日" in said
    await citizen.presses("看完了，删掉这条")
    await answer(intake, "已经到村里核实。<查>")
    await citizen.says("/status")
    assert "已经到村里核实。&lt;查&gt;" in await citizen.says(code)


async def test_a_long_answer_comes_in_several_messages(citizen: Citizen, intake: Intake) -> None:
    code = await citizen.files_a_report()
    await answer(intake, "核实🌾" * 2000)
    await citizen.says("/status")
    said = await citizen.says(code)
    assert said.count("核实") == 2000 + said.count("核实的")
    assert "看完了，删掉这条" in citizen.screen[-1].buttons


async def test_writing_on(citizen: Citizen, stored: Stored) -> None:
    code = await citizen.files_a_report()
    await citizen.says("/status")
    await citizen.says(code)
    await citizen.presses("补充情况")
    assert "请写要补充的情况" in await citizen.says("长" * 4001)
    await citizen.says("还有一处在河边。")
    [letter] = await stored.letters()
    assert json.loads(stored.opener.open(letter.sealed))["text"] == "还有一处在河边。"
    assert (letter.sender, letter.day) == ("reporter", TODAY)


async def test_after_the_answer_one_may_write_on(
    citizen: Citizen, intake: Intake, stored: Stored, hand: Hand
) -> None:
    code = await citizen.files_a_report()
    await answer(intake, "已经到村里核实。")
    hand.passes(days=9)
    await citizen.says("/status")
    assert "已答复，可以补充情况" in await citizen.says(code)
    assert list(citizen.screen[-1].buttons) == ["补充情况", "看完了，删掉这条", "撤回"]
    await citizen.presses("补充情况")
    assert "封好交上去" in await citizen.says("还有一处在河边。")
    [report] = await stored.reports()
    assert (report.state, report.closed_on) == ("again", None)
    assert report.answer_by == TODAY + timedelta(days=16)
    await citizen.presses("查看进展")
    shown = await citizen.says(code)
    assert "您补充的情况等回复" in shown
    assert "答复期限：2026年12月10日" in shown


async def test_a_code_typed_anywhere_shows_its_report_and_leaves_the_chat(
    citizen: Citizen, telegram: Telegram, stored: Stored, hand: Hand
) -> None:
    code = await citizen.files_a_report()
    await citizen.presses("我抄好了，删掉这条")
    assert list(citizen.screen[-1].buttons) == ["查看进展"]
    assert "已收到，还没有开始核实" in await citizen.says(code)
    await citizen.presses("撤回")
    assert "已收到，还没有开始核实" in await citizen.says(code)
    await citizen.presses("看完了，删掉这条")
    for place in ("whom", "what", "evidence", "sum"):
        await citizen.gets_to(place)
        said = await citizen.says(code)
        assert "已收到，还没有开始核实" in said
        assert "您正在写的还在，请接着写" in said
        # What looks like a code and is none stays what its writer meant.
        said = await citizen.says("一二三四五六七八")
        assert ("这一条没有收，前面写的都在" if place == "sum" else "") in said
        if place == "sum":
            assert SAID in "".join(message.text for message in citizen.screen)
        hand.passes(minutes=2)
        await citizen.presses(STOP)
    deleted = {number for name, sent in telegram.calls if name == "deleteMessages"
               for number in sent["message_ids"]}  # fmt: skip
    assert set(citizen.written) <= deleted
    assert len(await stored.reports()) == 1
    assert "没有查到" in await citizen.says("一二三四五六七八")


async def test_a_code_that_cannot_be_looked_up_now_gets_into_no_report(
    citizen: Citizen, telegram: Telegram, hand: Hand
) -> None:
    """Whoever handles a report must not find in it what opens another one."""
    code = await citizen.files_a_report()
    await citizen.presses("我抄好了，删掉这条")
    await citizen.gets_to("what")
    for _ in range(FREE_TRIES):
        await citizen.says("一二三四五六七八")
    said = await citizen.says(code)
    assert "现在查不了，也没有写进去" in said
    assert "多写几个字" in said
    deleted = [sent["message_ids"] for name, sent in telegram.calls if name == "deleteMessages"]
    assert citizen.written[-1] in deleted[-1]
    hand.passes(minutes=20)
    assert "您正在写的还在" in await citizen.says(code)
    await citizen.says(SAID)
    await citizen.presses("写完了")
    assert SAID in await citizen.presses("没有了")
    shown = "".join(message.text for message in citizen.screen)
    assert code not in shown


async def test_a_status_older_than_half_an_hour_refuses_at_the_press(
    citizen: Citizen, stored: Stored, hand: Hand
) -> None:
    code = await citizen.files_a_report()
    await citizen.says(code)
    hand.passes(minutes=29)
    await citizen.presses("补充情况")
    hand.passes(minutes=20)
    assert "封好交上去" in await citizen.says("还有一处在河边。")
    for label in ("补充情况", "撤回"):
        await citizen.says(code)
        hand.passes(minutes=31)
        assert "请再输一次八个字" in await citizen.presses(label)
        assert list(citizen.screen[-1].buttons) == ["查看进展"]
    assert len(await stored.letters()) == 1


async def test_taking_it_back_removes_the_content_and_leaves_the_day(
    citizen: Citizen, stored: Stored
) -> None:
    code = await citizen.files_a_report()
    await citizen.says("/status")
    await citizen.says(code)
    await citizen.presses("撤回")
    assert "马上删除" in citizen.screen[-1].text
    await citizen.presses("撤回，删除内容")
    [report] = await stored.reports()
    assert (report.sealed, report.state, report.received_on) == (b"", "withdrawn", TODAY)
    await citizen.says("/status")
    assert "已撤回" in await citizen.says(code)
    assert list(citizen.screen[-1].buttons) == ["看完了，删掉这条"]


async def test_what_a_button_says_does_the_same_when_it_is_typed(
    citizen: Citizen, intake: Intake, stored: Stored
) -> None:
    """Nothing of it becomes a name or a part of what happened."""
    await hang(intake, 1)
    assert "不存的：姓名" in await citizen.says("存什么，不存什么")
    assert "指导意见还没有公布" in await citizen.says("发展党员指导意见")
    assert "您要反映谁？" in await citizen.says("我要反映。")
    assert "请写出姓名和单位" in await citizen.says("反映别的人或支部")
    assert "您要反映谁？" in await citizen.says(" 我要反映")
    await citizen.says("反映别的人或支部")
    assert "请输入八个字" in await citizen.says("查看进展")
    assert "什么都没有存" in await citizen.says("不查了")
    assert "您要反映谁？" in await citizen.says("Make a report!")
    await citizen.says("反映别的人或支部")
    await citizen.says("河湾村 某某")
    await citizen.says(SAID)
    for word in ("查看进展", "我要反映", "Where it stands"):
        assert "前面的都在，请接着写" in await citizen.says(word)
    # What a button of another screen says is what somebody writes here.
    assert "记下了" in await citizen.says("撤回")
    assert "有照片、PDF或Word文件吗" in await citizen.says("写完了。")
    said = await citizen.says("没有照片")
    assert "请核对" in said
    assert "没有照片" not in said
    assert "已交给组织部" in await citizen.says("确认交上去")
    code = "".join(citizen.screen[-1].text.split("<code>")[1].split("</code>")[0].split())
    assert "删掉了" in await citizen.says("我抄好了，删掉这条")
    [report] = await stored.reports()
    text = json.loads(stored.opener.open(report.sealed))["text"]
    assert text == f"{SAID}\n撤回"
    await citizen.says("查进展")
    await citizen.says(code)
    assert "请写要补充的情况" in await citizen.says("补充情况")
    assert "交过的还在" in await citizen.says("不补充了")
    await citizen.says(code)
    assert "还要撤回吗" in await citizen.says("撤回")
    assert "已撤回" in await citizen.says("撤回，删除内容")
    [report] = await stored.reports()
    assert (report.state, await stored.letters()) == ("withdrawn", [])
    await citizen.says("我要举报")
    await citizen.says("反映别的人或支部")
    assert "已清除，什么都没有存" in await citizen.says("不交了，清除")
    assert len(await stored.reports()) == 1


NOTHING_TO_SHOW = (
    "没有照片", "没有附件", "没有", "不用了", "没了", "没有了。", "无", "No photos.", "none",
)  # fmt: skip


async def test_whoever_writes_that_there_is_no_photo_goes_on(
    citizen: Citizen, stored: Stored
) -> None:
    for words in NOTHING_TO_SHOW:
        await citizen.gets_to("evidence")
        said = await citizen.says(words)
        assert "请核对" in said
        assert "附件：0份" in said
        assert words not in said.replace("没有丢", "")
        await citizen.presses(STOP)
    await citizen.gets_to("evidence")
    assert "附的话记在内容里了" in await citizen.says("没有照片，但是村主任看见了")
    assert "没有照片，但是村主任看见了" in await citizen.says("没有了")
    await citizen.presses("确认，交上去")
    assert len(await stored.reports()) == 1


async def test_cancel_clears_everything(citizen: Citizen, stored: Stored) -> None:
    await citizen.gets_to("sum")
    assert "什么都没有存" in await citizen.says("/cancel")
    assert len(citizen.screen) == 1
    assert await stored.nothing()


STOP = "不交了，清除"


@pytest.mark.parametrize("question", ["whom", "what", "evidence", "sum"])
async def test_every_question_has_a_button_to_stop_which_leaves_nothing(
    citizen: Citizen, stored: Stored, question: str
) -> None:
    await citizen.gets_to(question)
    assert STOP in citizen.screen[-1].buttons
    await citizen.says("短")
    if question != "sum":
        assert STOP in citizen.screen[-1].buttons
    assert "已清除，什么都没有存" in await citizen.presses(STOP)
    assert len(citizen.screen) == 1
    assert await stored.nothing()
    assert "现在没有正在写的内容" in await citizen.says(SAID)


async def test_a_greeting_is_answered_by_what_one_can_do_here(citizen: Citizen) -> None:
    said = await citizen.says("你好")
    assert "可以反映发展党员工作中的问题" in said
    assert [*citizen.screen[-1].buttons] == ["我要反映", "查看进展"]


async def test_another_language_is_chosen_while_a_report_is_written_and_stays(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("what")
    await citizen.says("/language")
    assert [*citizen.screen[-1].buttons] == ["简体中文", "English"]
    assert "English from now on" in await citizen.presses("English")
    assert "Noted" in await citizen.says("短")
    await citizen.says("/language")
    await citizen.presses("简体中文")
    assert "共3个字" in await citizen.says("短")
    assert "太短了" in await citizen.presses("写完了")
    assert await stored.nothing()


async def test_the_list_of_notices_can_be_left_as_well(citizen: Citizen, intake: Intake) -> None:
    await hang(intake, 1)
    await citizen.says("/start")
    await citizen.presses("我要反映")
    assert "什么都没有存" in await citizen.presses(STOP)
    assert len(citizen.screen) == 1


async def test_whoever_stops_asking_after_a_report_hears_that_it_is_still_there(
    citizen: Citizen, stored: Stored
) -> None:
    code = await citizen.files_a_report()
    for asked, stops in (("补充情况", "不补充了"), ("撤回", "不撤回")):
        await citizen.says("/status")
        assert "不查了" in citizen.screen[-1].buttons
        await citizen.says(code)
        await citizen.presses(asked)
        assert "交过的还在" in await citizen.presses(stops)
        assert len(citizen.screen) == 1
    [report] = await stored.reports()
    assert (report.state, await stored.letters()) == ("received", [])
    await citizen.says("/status")
    assert "不查了" in citizen.screen[-1].buttons
    await citizen.says("一二三")
    assert "交过的还在" in await citizen.presses("不查了")
    assert len(citizen.screen) == 1


async def test_the_same_text_twice_is_taken_once(
    citizen: Citizen, stored: Stored, hand: Hand
) -> None:
    await citizen.files_a_report()
    await citizen.gets_to("sum")
    assert "刚才已经交过" in await citizen.presses("确认，交上去")
    assert len(await stored.reports()) == 1
    hand.passes(minutes=31)
    await citizen.files_a_report()
    assert len(await stored.reports()) == 2


async def test_english_is_spoken_to_whoever_reads_english(citizen: Citizen) -> None:
    citizen.language = "en-GB"
    assert "you are first asked whom it is about" in await citizen.says("/start")


async def test_an_answer_opens_with_the_code_alone(
    citizen: Citizen, intake: Intake, stored: Stored
) -> None:
    await citizen.files_a_report()
    await answer(intake, "只给反映人看的话")
    [letter] = await stored.letters()
    assert "只给反映人看的话".encode() not in letter.sealed
    [report] = await stored.reports()
    once, again = (seal_answer(report.reply_key, "x", "", signing_key(KEYS)) for _ in range(2))
    assert once != again


async def test_words_under_a_picture_are_part_of_the_report(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("evidence")
    photo = citizen.offers("photo", samples.photo("CANARY"))
    said = await citizen.sends({**photo, "caption": "河边第三块地"})
    assert "收到1份" in said
    assert "附的话记在内容里了" in said
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    [report] = await stored.reports()
    text = json.loads(stored.opener.open(report.sealed))["text"]
    assert text == f"{SAID}\n河边第三块地"
