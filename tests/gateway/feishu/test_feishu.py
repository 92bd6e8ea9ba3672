"""The gateway to Feishu, between aiogram's own bot and the stand-in that the vendor's client
accepts."""

from datetime import timedelta

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)

from gateway.gateway_texts import ZH
from tests.gateway.feishu.conftest import Office
from tests.gateway.feishu.server import Colleague, FeishuServer, buttons_of
from tests.gateway.house import Bot
from tests.gateway.test_core import buttons, keys
from tests.messenger.conftest import picture

DAY = 86_400.0
NOVEMBER = (
    "« ‹ 11月 › »", "一 二 三 四 五 六 日", "2 3 4 5 6 7 8", "9 10 11 12 13 14 15",
    "16 17 18 19 20 21 22", "[23] · · · · · ·",
)  # fmt: skip


def keyboard(*rows: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=list(rows))


def data(label: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=label, callback_data=f"do:{label}")


async def test_a_press_is_answered_at_once_and_its_card_is_changed_where_it_stands(
    bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    sent = await bot.api.send_message(chat, "选一个\n两个都行", reply_markup=buttons("甲", "乙"))
    assert wang.sees() == ["选一个\n两个都行\n甲\n乙"]
    # The bot asks for nothing yet: the press is answered all the same.
    await wang.presses("乙")
    await wang.is_told("已选：乙")
    assert not server.waiting
    query = (await bot.next())["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("do:乙", sent.message_id)
    await bot.api.answer_callback_query(query["id"], "好的")
    await bot.api.edit_message_text(
        "再选", chat_id=chat, message_id=sent.message_id, reply_markup=buttons("丙")
    )
    assert wang.sees() == ["再选\n丙", "好的"]
    # Said there meanwhile, the answer comes below it, and the old one goes.
    await wang.writes("还有一句")
    assert (await bot.next())["message"]["text"] == "还有一句"
    old = server.seen[0]
    await bot.api.edit_message_text(
        "三选", chat_id=chat, message_id=sent.message_id, reply_markup=buttons("丁")
    )
    assert wang.sees() == ["好的", "三选\n丁"]
    # A copy of the old card on another device.
    await wang.presses("丙", old)
    await wang.is_told(ZH["stale"])
    await wang.presses("丁")
    query = (await bot.next())["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("do:丁", sent.message_id)
    await bot.api.delete_message(chat, sent.message_id)
    assert wang.sees() == ["好的"]
    # Nothing is left over, and everything was acknowledged once.
    assert not await bot.updates()
    assert not server.waiting
    assert len(server.taken) == len(set(server.taken))


async def test_buttons_stand_in_rows_and_what_doesnt_fit_is_lettered(
    bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    bot.is_unhurried()
    rows = keyboard([data("甲"), data("乙")], [data("很长的一行")])
    await bot.api.send_message(chat, "<b>排</b>：*好*", parse_mode="HTML", reply_markup=rows)
    assert server.seen[0].card is not None
    tags = [one["tag"] for one in server.seen[0].card["body"]["elements"]]
    assert tags == ["markdown", "column_set", "button"]
    assert wang.sees() == ["排：*好*\n甲\n乙\n很长的一行"]
    many = [str(number) + "号房间" for number in range(41)]
    await bot.api.send_message(chat, "房间", reply_markup=buttons(*many))
    assert "A 0号房间" in wang.sees()[-1]
    await wang.writes("ao")
    assert (await bot.next())["callback_query"]["data"] == "do:40号房间"
    await bot.api.send_message(chat, "四十", reply_markup=buttons(*many[:40]))
    assert len(buttons_of(server.seen[-1].card)) == 40
    links = keyboard(
        [InlineKeyboardButton(text="网页", url="https://here.test/report")], [data("好")]
    )
    await bot.api.send_message(chat, "看这里", reply_markup=links)
    assert buttons_of(server.seen[-1].card)["网页"]["default_url"] == "https://here.test/report"
    copied = InlineKeyboardButton(text="复制", copy_text=CopyTextButton(text="AB-12"))
    await bot.api.send_message(chat, "号码", reply_markup=keyboard([copied], [data("好")]))
    assert wang.sees()[-1] == "号码\n\n复制：AB-12\n好"
    await bot.api.send_message(chat, "菜单", reply_markup=keys("待办", "更多"))
    await wang.presses("更多")
    assert (await bot.next())["message"]["text"] == "更多"
    await wang.chooses_in_menu("待办")
    assert (await bot.next())["message"]["text"] == "待办"


async def test_a_day_is_chosen_on_the_calendar_of_feishu_and_comes_as_written(
    bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    days = [[data(label) for label in row.split(" ")] for row in NOVEMBER]
    asked = await bot.api.send_message(
        chat, "哪天开会？", reply_markup=keyboard(*days, [data("昨天"), data("今天")])
    )
    assert wang.sees() == ["哪天开会？\n[选日期]\n昨天\n今天"]
    await wang.picks("2026-11-20")
    await wang.is_told("已选：2026-11-20")
    assert (await bot.next())["message"]["text"] == "2026-11-20"
    await bot.api.edit_message_text(
        "11月20日", chat_id=chat, message_id=asked.message_id, reply_markup=buttons("好")
    )
    assert wang.sees() == ["11月20日\n好"]
    # Without a question for a day a day is nothing, whoever sends it.
    card = server.seen[0]
    action = {"tag": "date_picker", "option": "2026-11-20 +0800", "value": {"day": "1"}}
    await wang.acts(card, action)
    await wang.is_told(ZH["stale"])
    assert not await bot.updates()


async def test_files_go_up_and_come_down(bot: Bot, server: FeishuServer, wang: Colleague) -> None:
    chat = await bot.begun(wang)
    paper = bytes(range(256)) * 500
    sent = await bot.api.send_document(
        chat, BufferedInputFile(paper, "纪要.docx"), caption="纪要", reply_markup=buttons("好")
    )
    assert wang.sees() == ["[纪要.docx]", "纪要\n好"]
    assert server.media[server.seen[0].media] == ("file", "纪要.docx", paper)
    assert sent.document is not None
    own = await bot.api.download(sent.document.file_id)
    assert own is not None
    assert own.read() == paper
    await bot.api.send_photo(chat, BufferedInputFile(picture(), "码.png"))
    assert server.media[server.seen[-1].media][0] == "image"
    await wang.sends_file("名单.xlsx", b"names")
    told = (await bot.next())["message"]["document"]
    assert told["file_name"] == "名单.xlsx"
    # Sent on by its number, it is brought up again: a robot sends only what it brought.
    await bot.api.send_document(chat, told["file_id"])
    assert server.media[server.seen[-1].media][2] == b"names"
    fetched = await bot.api.download(told["file_id"])
    assert fetched is not None
    assert fetched.read() == b"names"
    await wang.sends_file("", picture(), kind="image")
    assert (await bot.next())["message"]["photo"]
    # Recalled there, gone, or empty.
    server.recalled.update(number for number, _ in server.files)
    with pytest.raises(Exception, match="404"):
        await bot.api.download(told["file_id"])
    server.recalled.clear()
    server.files.clear()
    with pytest.raises(Exception, match="404"):
        await bot.api.download(told["file_id"])
    with pytest.raises(TelegramBadRequest):
        await bot.api.send_document(chat, BufferedInputFile(b"", "空.txt"))


async def test_what_people_write_in_any_form(
    bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    server.pieces = True
    await wang.enters()
    assert (await bot.next())["message"]["text"] == "/start"
    # Opened again the next day it says nothing.
    await wang.enters()
    named = {"mentions": [{"key": "@_user_1", "name": "乌兰"}]}
    await wang.writes("问 @_user_1 好", **named)
    assert (await bot.next())["message"]["text"] == "问 @乌兰 好"
    lines = [
        [{"tag": "text", "text": "两张"}, {"tag": "at", "user_name": "乌兰"}],
        [{"tag": "img", "image_key": "k1"}],
        [{"tag": "a", "text": "网页", "href": "https://here.test"}],
        [{"tag": "img", "image_key": "k2"}],
    ]
    await wang.tells("post", {"title": "题", "content": lines})
    assert (await bot.next())["message"]["caption"] == "题\n两张@乌兰\n\n网页"
    assert (await bot.next())["message"]["photo"]
    for kind in ("sticker", "share_chat", "merge_forward", "image"):
        await wang.tells(kind, {})
    await wang.hears(ZH["unread"])
    # Said twice by the platform, it is taken once; and in a group nothing is answered.
    await wang.writes("一", message_id="om_same")
    await wang.writes("一", message_id="om_same")
    await wang.writes("@引路 二", chat_type="group")
    await wang.writes("三")
    assert (await bot.next())["message"]["text"] == "一"
    assert (await bot.next())["message"]["text"] == "三"
    assert wang.sees() == [ZH["unread"]] * 4
    assert not server.waiting


async def test_what_the_platform_says_is_told_in_the_words_bots_know(
    house: Office, bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    bot.is_unhurried()
    server.codes["send"] = [99991400, 230028, 230020]
    for problem, wait in (
        (TelegramRetryAfter, 7),
        (TelegramBadRequest, 0),
        (TelegramRetryAfter, 1),
    ):
        with pytest.raises(problem) as told:
            await bot.api.send_message(chat, "一")
        assert getattr(told.value, "retry_after", 0) == wait
    # What it refused was surely not seen.
    await bot.api.send_message(chat, "一")
    assert wang.sees() == ["一"]
    # Out of the app's range, until they write again.
    server.hidden.add(wang.user)
    with pytest.raises(TelegramForbiddenError):
        await bot.api.send_message(chat, "二")
    server.hidden.clear()
    await wang.enters()
    assert (await bot.next())["my_chat_member"]["new_chat_member"]["status"] == "member"
    # Recalled by an administrator: it comes anew. A clock put back a year changes nothing of it.
    sent = await bot.api.send_message(chat, "三")
    server.recall(server.seen[-1])
    house.now -= timedelta(days=366)
    await bot.api.edit_message_text("四", chat_id=chat, message_id=sent.message_id)
    assert wang.sees() == ["一", "四"]
    server.recall(server.seen[-1])
    await bot.api.delete_message(chat, sent.message_id)


async def test_windows_are_over_after_a_day_and_after_two_weeks(
    house: Office, bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    sent = await bot.api.send_message(chat, "一", reply_markup=buttons("甲"))
    house.pass_both(13 * DAY)
    with pytest.raises(TelegramBadRequest, match="can't be deleted"):
        await bot.api.delete_message(chat, sent.message_id)
    await bot.api.edit_message_text("二", chat_id=chat, message_id=sent.message_id)
    assert wang.sees() == ["二"]
    # By its own reckoning Feishu may be earlier.
    server.now += 2 * DAY
    await bot.api.edit_message_text("三", chat_id=chat, message_id=sent.message_id)
    assert wang.sees() == ["二", "三"]
    house.pass_both(15 * DAY)
    asked = len(server.asked)
    await bot.api.edit_message_text("四", chat_id=chat, message_id=sent.message_id)
    assert [what for what, _ in server.asked[asked:]] == ["token", "send", "remove"]
    assert wang.sees() == ["二", "三", "四"]


async def test_reports_are_refused_and_limits_are_kept(
    bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    bot.gateway.outwards.limits.clock = lambda: 0.0
    await bot.api.send_message(chat, "反映人说的内容", protect_content=True)
    assert wang.sees() == [ZH["protected"]]
    for number in range(4):
        await bot.api.send_message(chat, f"第{number}条")
    with pytest.raises(TelegramRetryAfter):
        await bot.api.send_message(chat, "多的")
    assert len(server.seen) == 5


async def test_a_token_is_asked_for_anew_before_it_ends_and_when_it_is_worth_nothing(
    house: Office, bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)

    def asked() -> int:
        return sum(what == "token" for what, _ in server.asked)

    await bot.api.send_message(chat, "一")
    await bot.api.send_message(chat, "二")
    assert asked() == 1
    house.pass_both(6700)
    await bot.api.send_message(chat, "三")
    assert asked() == 2
    server.tokens.clear()
    await bot.api.send_message(chat, "四")
    assert asked() == 3
    assert wang.sees() == ["一", "二", "三", "四"]
