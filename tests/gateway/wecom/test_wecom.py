"""The gateway to WeCom, between aiogram's own bot and the stand-in that the vendor's client
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
from tests.gateway.house import Bot
from tests.gateway.test_core import buttons, keys
from tests.gateway.wecom.conftest import Office
from tests.gateway.wecom.server import Colleague, Frame, WeComServer, labels
from tests.messenger.conftest import picture


async def test_a_press_is_answered_on_its_card_and_an_old_card_says_that_it_is_old(
    bot: Bot, server: WeComServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    sent = await bot.api.send_message(chat, "选一个\n两个都行", reply_markup=buttons("甲", "乙"))
    (card,) = server.seen
    assert wang.sees() == ["选一个\n两个都行\n甲\n乙"]
    # The bot asks for nothing yet: the card is answered all the same.
    await wang.presses("乙")
    await wang.hears("已选：乙", "两个都行")
    query = (await bot.next())["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("do:乙", sent.message_id)
    await bot.api.answer_callback_query(query["id"], "好的")
    assert wang.sees()[-1] == "好的"
    # Nothing can be changed: it comes anew, and the bot's number follows.
    await bot.api.edit_message_text(
        "再选", chat_id=chat, message_id=sent.message_id, reply_markup=buttons("丙")
    )
    assert wang.sees() == ["选一个\n已选：乙\n两个都行\n甲\n乙", "好的", "再选\n丙"]
    await wang.presses("甲", card)
    await wang.hears(ZH["stale"], ZH["seen"])
    await wang.presses(ZH["seen"])
    await wang.presses("丙")
    # Only what stands there now presses anything.
    assert (await bot.next())["callback_query"]["data"] == "do:丙"
    await wang.hears("已选：丙")
    # Buttons taken away are no reason to say it all again; pressed, they are told to be old.
    before, newest = len(server.seen), server.seen[-1]
    await bot.api.edit_message_reply_markup(chat_id=chat, message_id=sent.message_id)
    assert len(server.seen) == before
    await wang.presses("丙", newest)
    await wang.hears(ZH["stale"])
    with pytest.raises(TelegramBadRequest, match="can't be deleted"):
        await bot.api.delete_message(chat, sent.message_id)
    assert not await bot.updates()


async def test_six_short_choices_are_buttons_and_all_others_letters(
    bot: Bot, server: WeComServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    long = "<b>陆小满</b>的入党积极分子培养教育考察登记表，第三季度，请核对后签名\n" + "一" * 130
    await bot.api.send_message(chat, long, parse_mode="HTML", reply_markup=buttons(*"一二三四五六"))
    text, card = server.seen
    assert text.text.startswith("**陆小满**的入党积极分子")
    assert card.text == "陆小满的入党积极分子培养教育考察登记表，第三季度，…"
    assert labels(card) == [*"一二三四五六"]
    await bot.api.send_message(chat, "七个", reply_markup=buttons(*"一二三四五六七"))
    assert wang.sees()[-1].endswith("F 六\nG 七")
    await wang.writes("g")
    assert (await bot.next())["callback_query"]["data"] == "do:七"
    # A label that a button would cut is read whole.
    await bot.api.send_message(chat, "长的", reply_markup=buttons("确认以上内容无误，保存", "返回"))
    assert "A 确认以上内容无误，保存" in wang.sees()[-1]
    links = [
        [InlineKeyboardButton(text="网页", url="https://here.test/report")],
        [InlineKeyboardButton(text="复制", copy_text=CopyTextButton(text="AB-12"))],
        [InlineKeyboardButton(text="好", callback_data="ok")],
    ]
    await bot.api.send_message(
        chat, "看这里", reply_markup=InlineKeyboardMarkup(inline_keyboard=links)
    )
    assert wang.sees()[-1] == "看这里\n网页：https://here.test/report\n复制：AB-12\n好"
    await bot.api.send_message(chat, "菜单", reply_markup=keys("待办", "更多"))
    await wang.presses("更多")
    assert (await bot.next())["message"]["text"] == "更多"
    await wang.hears("菜单", "已选：更多")


async def test_files_go_up_in_pieces_and_come_down_with_a_key_of_their_own(
    bot: Bot, server: WeComServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    paper = bytes(range(256)) * 5000
    sent = await bot.api.send_document(
        chat, BufferedInputFile(paper, "纪要.docx"), caption="纪要", reply_markup=buttons("好")
    )
    assert wang.sees() == ["[纪要.docx]", "纪要\n好"]
    assert server.media[server.seen[0].media] == ("file", "纪要.docx", paper)
    pieces = [one for one in server.asked if one["cmd"] == "aibot_upload_media_chunk"]
    assert len(pieces) == 3
    assert sent.document is not None
    await bot.api.send_photo(chat, BufferedInputFile(picture(), "码.png"))
    assert server.media[server.seen[-1].media][0] == "image"
    await wang.sends_file("名单.xlsx", b"names")
    told = (await bot.next())["message"]["document"]
    assert told["file_name"] == "名单.xlsx"
    # Sent on by its number, it is brought up again.
    await bot.api.send_document(chat, told["file_id"])
    assert server.media[server.seen[-1].media][2] == b"names"
    file = await bot.api.get_file(told["file_id"])
    fetched = await bot.api.download_file(file.file_path or "")
    assert fetched is not None
    assert fetched.read() == b"names"
    # Gone there after five minutes; or changed on its way.
    (path,) = server.files
    name, sealed = server.files.pop(path)
    for content in (None, sealed[:-1] + b"x", sealed[:-16], b""):
        if content is not None:
            server.files[path] = (name, content)
        with pytest.raises(Exception, match="404"):
            await bot.api.download_file(file.file_path or "")
    # Not from an address in the clear.
    await wang.tells("file", {"url": "http://192.0.2.1/f", "aeskey": ""})
    told = (await bot.next())["message"]["document"]
    file = await bot.api.get_file(told["file_id"])
    with pytest.raises(Exception, match="404"):
        await bot.api.download_file(file.file_path or "")


async def test_what_people_write_in_any_form(
    bot: Bot, server: WeComServer, wang: Colleague
) -> None:
    server.pieces = True
    await wang.enters()
    assert (await bot.next())["message"]["text"] == "/start"
    # Opened again the next day it says nothing.
    await wang.enters()
    await wang.tells("voice", {"content": "三十二人"})
    assert (await bot.next())["message"]["text"] == "三十二人"
    await wang.tells("voice", {})
    await wang.hears(ZH["unread"])
    await wang.tells("location", {"x": 1})
    items: list[Frame] = [
        {"msgtype": "text", "text": {"content": "两张"}},
        {"msgtype": "image", "image": server.keep("1.jpg", picture())},
        {"msgtype": "image", "image": server.keep("2.jpg", picture())},
    ]
    await wang.tells("mixed", {"msg_item": items})
    first = await bot.next()
    assert first["message"]["caption"] == "两张"
    assert (await bot.next())["message"]["photo"]
    # Said twice by the platform, it is taken once; and in a group nothing is answered.
    await wang.writes("一", msgid="same")
    await wang.writes("一", msgid="same")
    await wang.writes("@引路 二", chattype="group", chatid="wr1")
    await wang.writes("三")
    assert (await bot.next())["message"]["text"] == "一"
    assert (await bot.next())["message"]["text"] == "三"
    assert wang.sees() == [ZH["unread"], ZH["unread"]]


async def test_what_the_platform_says_is_told_in_the_words_bots_know(
    house: Office, bot: Bot, server: WeComServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    server.codes["aibot_send_msg"] = [45009, 40058]
    with pytest.raises(TelegramRetryAfter) as wait:
        await bot.api.send_message(chat, "一")
    assert wait.value.retry_after == 60
    with pytest.raises(TelegramBadRequest):
        await bot.api.send_message(chat, "二")
    # What it refused was surely not seen.
    await bot.api.send_message(chat, "一")
    assert wang.sees() == ["一"]
    # Out of the robot's sight, until they write again.
    server.known.clear()
    with pytest.raises(TelegramForbiddenError):
        await bot.api.send_message(chat, "三")
    # A clock that is put back a year changes nothing of it.
    house.now -= timedelta(days=366)
    await wang.enters()
    assert (await bot.next())["my_chat_member"]["new_chat_member"]["status"] == "member"
    server.seen.clear()
    sent = await bot.api.send_message(chat, "四", reply_markup=buttons("甲"))
    await wang.presses("甲")
    assert (await bot.next())["callback_query"]["message"]["message_id"] == sent.message_id
    await wang.hears("已选：甲")


async def test_reports_are_refused_and_what_it_drops_in_silence_is_counted_here(
    bot: Bot, server: WeComServer, wang: Colleague
) -> None:
    chat = await bot.begun(wang)
    await bot.api.send_message(chat, "反映人说的内容", protect_content=True)
    assert wang.sees() == [ZH["protected"]]
    for number in range(29):
        await bot.api.send_message(chat, f"第{number}条")
    with pytest.raises(TelegramRetryAfter):
        await bot.api.send_message(chat, "多的")
    assert len(server.seen) == 30
