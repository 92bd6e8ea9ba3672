"""The gateway between aiogram's own bot over HTTP and a platform in memory."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)
from sqlalchemy import inspect, text

from gateway.gateway_texts import ZH
from gateway.outwards import never
from gateway.platform import Account, Left, Rate, TooOften, Unreachable
from tests.gateway.conftest import FakeHouse, on_both_stores
from tests.gateway.fake import FakePlatform, Somebody, can
from tests.gateway.house import PUBLIC, TOKEN, Bot
from tests.messenger.conftest import picture
from tests.messenger.libraries import aiogram_bot

pytestmark = on_both_stores


def buttons(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=one, callback_data=f"do:{one}")] for one in labels
        ]
    )


def keys(*labels: str) -> ReplyKeyboardMarkup:
    """Below the chat, in a row."""
    return ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text=one) for one in labels]])


async def begun(bot: Bot, wang: Somebody) -> int:
    await wang.writes("你好")
    assert (await bot.updates())[0]["message"]["text"] == "/start"
    return await bot.chat(wang)


async def test_a_conversation_by_letters_and_typed_text(bot: Bot, wang: Somebody) -> None:
    chat = await begun(bot, wang)
    sent = await bot.api.send_message(
        chat, "<b>选一个</b>", parse_mode="HTML", reply_markup=buttons("甲", "乙")
    )
    assert wang.sees() == ["选一个\n\n回复字母选择：\nA 甲\nB 乙"]
    await wang.writes("b。")
    await wang.writes("22")
    await wang.writes("C")
    press, typed, no_letter = await bot.updates()
    query = press["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("do:乙", sent.message_id)
    assert query["message"]["text"] == "选一个"
    assert query["from_user"]["language_code"] == "zh-hans"
    # A digit and a letter of no choice are what the person wrote.
    assert (typed["message"]["text"], no_letter["message"]["text"]) == ("22", "C")
    await bot.api.answer_callback_query(query["id"], "好的")
    assert wang.sees()[-1] == "好的"
    with pytest.raises(TelegramBadRequest, match="query ID is invalid"):
        await bot.api.answer_callback_query(query["id"])
    # The person has written since: what is changed further up comes below, once.
    await bot.api.edit_message_text("选了乙", chat_id=chat, message_id=sent.message_id)
    assert wang.sees() == ["好的", "选了乙"]
    # Nothing stands below it now: the next change is made in place.
    await bot.api.edit_message_text(
        "再选", chat_id=chat, message_id=sent.message_id, reply_markup=buttons("丙")
    )
    assert wang.sees() == ["好的", "再选\n\n回复字母选择：\nA 丙"]
    await wang.writes("Ａ")
    assert (await bot.updates())[0]["callback_query"]["data"] == "do:丙"
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.api.edit_message_text(
            "再选", chat_id=chat, message_id=sent.message_id, reply_markup=buttons("丙")
        )
    # Buttons taken away are taken away where they stood.
    await bot.api.edit_message_reply_markup(chat_id=chat, message_id=sent.message_id)
    assert wang.sees() == ["好的", "再选"]


async def test_a_screen_that_gave_way_to_another_one_stays_above_it(
    bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    """A meeting that opens its form by itself, and says meanwhile how far it is."""
    chat = await begun(bot, wang)
    meeting = await bot.api.send_message(chat, "会议", reply_markup=buttons("开会"))
    await wang.taps("开会")
    await bot.next()
    # As the bot's library does it: first the buttons go, and the form is sent.
    told = {"chat_id": chat, "message_id": meeting.message_id}
    await bot.api.edit_message_reply_markup(**told)
    form = await bot.api.send_message(chat, "还差：哪一天", reply_markup=buttons("今天"))
    await bot.api.edit_message_text("会议，议程", reply_markup=buttons("取消会议"), **told)
    menu = "\n\n回复字母选择：\n"
    assert wang.sees() == [f"会议，议程{menu}B 取消会议", f"还差：哪一天{menu}A 今天"]
    # Both can be answered, each by its letters.
    await wang.writes("B")
    assert (await bot.next())["callback_query"]["data"] == "do:取消会议"
    # They wrote: from now on a change comes below, as of any screen.
    await bot.api.edit_message_text("不开了", **told)
    assert wang.sees()[-1] == "不开了"
    await wang.taps("今天")
    pressed = (await bot.next())["callback_query"]
    assert (pressed["data"], pressed["message"]["message_id"]) == ("do:今天", form.message_id)

    # With nothing to answer below it, it comes below what they wrote.
    await bot.api.edit_message_reply_markup(chat_id=chat, message_id=form.message_id)
    await bot.api.send_message(chat, "记下了")
    await bot.api.edit_message_text("已保存", chat_id=chat, message_id=form.message_id)
    assert wang.sees()[-2:] == ["记下了", "已保存"]


async def test_a_letter_means_one_menu_and_an_older_one_can_be_replied_to(
    bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    chat = await begun(bot, wang)
    await bot.api.send_message(chat, "旧", reply_markup=buttons("甲"))
    await bot.api.send_message(chat, "菜单", reply_markup=keys("待办", "更多"))
    await bot.api.send_message(chat, "一句话")
    # All that came since they wrote last can be answered: no letter means two things.
    assert [text.split("：\n")[-1] for text in wang.sees()] == ["A 甲", "B 待办 · C 更多", "一句话"]
    await wang.writes("C")
    await bot.api.send_message(chat, "新", reply_markup=buttons("乙"))
    await wang.writes("A")
    await wang.writes("A", answers=platform.lines[0].id)
    said, newest, pressed = await bot.updates()
    assert said["message"]["text"] == "更多"
    assert newest["callback_query"]["data"] == "do:乙"
    assert pressed["callback_query"]["data"] == "do:甲"


async def test_a_doubled_event_is_stored_once_and_one_that_wasnt_confirmed_comes_again(
    house: FakeHouse, wang: Somebody
) -> None:
    async with house.running() as bot:
        await wang.writes("你好", id="e-same")
        await wang.writes("你好", id="e-same")
        assert len(await bot.api.get_updates(timeout=0)) == 1
    # Ended before the bot confirmed it.
    async with house.running() as bot:
        await wang.writes("你好", id="e-same")
        (update,) = await bot.updates()
        assert update["message"]["text"] == "/start"
        assert not await bot.updates()
    async with house.running() as bot:
        assert not await bot.updates()


@pytest.mark.parametrize("before", [True, False])
async def test_killed_while_sending_it_is_seen_once(
    house: FakeHouse, wang: Somebody, platform: FakePlatform, before: bool
) -> None:
    """Before the platform had it, or after it and before the gateway heard so."""
    async with house.running() as bot:
        chat = await begun(bot, wang)
        # As a process that dies there: what was stored is all there is, nothing is tidied up.
        (platform.fails if before else platform.dies).append(KeyboardDeath())
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "记下了", reply_markup=buttons("好"))
        assert len(wang.sees()) == (0 if before else 1)
    async with house.running() as bot:
        assert await wang.hears("记下了")
        # The bot heard nothing and asks again: it is told what stands there, and can be pressed.
        again = await bot.api.send_message(chat, "记下了", reply_markup=buttons("好"))
        assert len(wang.sees()) == 1
        await wang.writes("A")
        *_, press = await bot.updates()
        assert press["callback_query"]["message"]["message_id"] == again.message_id
        # Said once more on purpose, it is said once more.
        await bot.api.send_message(chat, "记下了", reply_markup=buttons("好"))
        assert len(wang.sees()) == 2


class KeyboardDeath(Exception):
    """Not one of the platform's own: the gateway has no answer to it."""


async def test_a_platform_without_keys_is_sent_to_again_and_says_so(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    platform.abilities = can()
    async with house.running() as bot:
        chat = await begun(bot, wang)
        platform.dies.append(KeyboardDeath())
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "记下了")
    async with house.running() as bot:
        await wang.hears("可能重复")
        assert wang.sees() == ["记下了", "（可能重复）记下了"]


async def test_what_the_platform_says_is_told_in_the_words_bots_know(
    bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    chat = await begun(bot, wang)
    platform.fails += [TooOften(7), Unreachable()]
    with pytest.raises(TelegramRetryAfter) as wait:
        await bot.api.send_message(chat, "一")
    assert wait.value.retry_after == 7
    with pytest.raises(TelegramServerError):
        await bot.api.send_message(chat, "一")
    # The third time it gets through, once.
    await bot.api.send_message(chat, "一")
    assert wang.sees() == ["一"]
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.api.send_message(12345, "一")
    platform.fails.append(Left())
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.api.send_message(chat, "二")
    # Not even asked any more, until the person writes again.
    with pytest.raises(TelegramForbiddenError):
        await bot.api.send_message(chat, "二")
    await wang.writes("在")
    told = await bot.updates()
    assert [next(key for key in one if key != "update_id") for one in told] == [
        "my_chat_member",
        "message",
    ]
    assert told[0]["my_chat_member"]["new_chat_member"]["status"] == "member"
    await bot.api.send_message(chat, "二")
    await wang.leaves()
    (left,) = await bot.updates()
    assert left["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_limits_are_counted_where_the_platform_drops_in_silence(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    platform.abilities = can(chat=(Rate(2, 60), Rate(1000, 3600)))
    async with house.running() as bot:
        chat = await begun(bot, wang)
        await bot.api.send_message(chat, "一")
        await bot.api.send_message(chat, "二")
        with pytest.raises(TelegramRetryAfter) as wait:
            await bot.api.send_message(chat, "三")
        assert 1 <= wait.value.retry_after <= 60
        assert wang.sees() == ["一", "二"]


async def test_what_is_sent_anew_or_answers_a_letter_counts_as_well(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    platform.abilities = can(chat=(Rate(3, 60),))
    async with house.running() as bot:
        chat = await begun(bot, wang)
        sent = await bot.api.send_message(chat, "选", reply_markup=buttons("甲"))
        await wang.writes("A")
        (press,) = await bot.updates()
        await bot.api.answer_callback_query(press["callback_query"]["id"], "好的")
        await bot.api.edit_message_text("选了甲", chat_id=chat, message_id=sent.message_id)
        await wang.writes("再来")
        with pytest.raises(TelegramRetryAfter):
            await bot.api.edit_message_text("再选", chat_id=chat, message_id=sent.message_id)
        assert wang.sees() == ["好的", "选了甲"]


async def test_edit_and_delete_windows(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    platform.abilities = can(edit_hours=48, delete_hours=24)
    async with house.running() as bot:
        chat = await begun(bot, wang)
        sent = await bot.api.send_message(chat, "旧的")
        house.passes(hours=25)
        with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
            await bot.api.delete_message(chat, sent.message_id)
        house.passes(hours=24)
        # Too late to change it: sent anew, and the bot's number follows.
        await bot.api.edit_message_text("新的", chat_id=chat, message_id=sent.message_id)
        assert wang.sees() == ["新的"]
        await bot.api.delete_message(chat, sent.message_id)
        assert wang.sees() == []
        with pytest.raises(TelegramBadRequest, match="message to edit not found"):
            await bot.api.edit_message_text("再", chat_id=chat, message_id=sent.message_id)


async def test_all_parts_of_a_long_message_are_one(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    platform.abilities = can(text_bytes=300)
    async with house.running() as bot:
        chat = await begun(bot, wang)
        long = "\n".join(f"第{n}项要办的事" for n in range(30))
        sent = await bot.api.send_message(chat, long, reply_markup=buttons("好"))
        assert len(wang.sees()) > 2
        assert "\n".join(wang.sees()).startswith(long)
        await bot.api.edit_message_text("短了", chat_id=chat, message_id=sent.message_id)
        assert wang.sees() == ["短了"]
        await bot.api.delete_message(chat, sent.message_id)
        assert wang.sees() == []


async def test_protected_contents_are_refused_with_the_way_to_read_them(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    secret = "反映人说的内容"
    async with house.running() as bot:
        chat = await begun(bot, wang)
        told = await bot.api.send_message(chat, secret, protect_content=True)
        proof = BufferedInputFile(picture(), "证据.png")
        await bot.api.send_photo(chat, proof, protect_content=True)
        assert wang.sees() == [ZH["protected"], ZH["protected"]]
        # Nothing of it was brought to the platform, and none is kept.
        assert not platform.files
        await bot.api.delete_message(chat, told.message_id)
        assert secret not in await everything(house)
    house.refuse = False
    async with house.running() as bot:
        await bot.api.send_message(chat, secret, protect_content=True)
        assert wang.sees()[-1] == secret


async def everything(house: FakeHouse) -> str:
    """Every row of the database, as whoever takes it away reads it."""
    store = house.store()
    async with store.transactions.engine.connect() as rows:
        names = await rows.run_sync(lambda there: inspect(there).get_table_names())
        found = [repr((await rows.execute(text(f"SELECT * FROM {name}"))).all()) for name in names]
    await store.transactions.close()
    return "\n".join(found)


async def test_nothing_readable_is_kept_and_what_is_deleted_is_gone(
    house: FakeHouse, wang: Somebody
) -> None:
    async with house.running() as bot:
        chat = await begun(bot, wang)
        sent = await bot.api.send_message(chat, "陆小满的卡片", reply_markup=buttons("甲"))
        await wang.writes("我写的话")
        await wang.sends_file("名单.png", picture())
        kept = await everything(house)
        for word in ("陆小满", "我写的话", "名单", wang.account.key, "!room1", "王芳", "do:"):
            assert word not in kept
        await bot.api.delete_message(chat, sent.message_id)
        store = bot.gateway.store
        gone = await store.shown(chat, sent.message_id)
        assert gone is not None
        assert (gone.gone, gone.body, gone.ids) == (True, {}, ())


async def test_files_come_and_go(bot: Bot, wang: Somebody, platform: FakePlatform) -> None:
    chat = await begun(bot, wang)
    await wang.sends_file("照片.png", picture(), "photo")
    (update,) = await bot.updates()
    photo = update["message"]["photo"][0]
    assert (photo["width"], photo["height"]) == (40, 30)
    file = await bot.api.get_file(photo["file_id"])
    fetched = await bot.api.download_file(file.file_path or "")
    assert fetched is not None
    assert fetched.read() == picture()
    paper = BufferedInputFile(b"paper", "纪要.docx")
    sent = await bot.api.send_document(chat, paper, caption="纪要", reply_markup=buttons("好"))
    assert sent.document is not None
    assert sent.caption == "纪要"
    assert wang.sees() == ["[纪要.docx]", "纪要\n\n回复字母选择：\nA 好"]
    await bot.api.send_document(chat, sent.document.file_id)
    assert wang.sees()[-1] == "[纪要.docx]"
    # The platform has lost it.
    platform.files.clear()
    with pytest.raises(Exception, match="404"):
        await bot.api.download_file(file.file_path or "")


TOKENS = [f"AbCdEfGhIjKlMnOpQrStUv{n:02}" for n in range(8)]


async def test_joining_by_text_and_silence_after_five(
    house: FakeHouse, bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    await wang.writes(f"加入 {TOKENS[0]}")
    await wang.writes(TOKENS[1])
    await wang.writes(f"https://t.me/yinlu_staff_bot?start={TOKENS[2]}")
    for token in TOKENS[3:]:
        await wang.writes(token)
    starts = [one["message"]["text"] for one in await bot.updates()]
    assert starts == [f"/start {token}" for token in TOKENS[:5]]
    # Whoever isn't guessing is told once how long to wait.
    assert wang.sees() == [ZH["too_many"]]
    # Everybody else joins meanwhile; a question opened by a paper's code isn't guessing.
    other = Somebody(platform, Account("@li:here.test", "!room2"))
    await other.writes(TOKENS[0])
    await wang.writes("加入 fill-ab12-step")
    assert [one["message"]["text"] for one in await bot.updates()] == [
        f"/start {TOKENS[0]}",
        "/start fill-ab12-step",
    ]
    # A clock that was put back doesn't make the hour longer.
    house.now -= timedelta(days=3)
    await wang.writes(TOKENS[6])
    assert len(await bot.updates()) == 1


async def test_a_token_that_the_bot_takes_counts_as_none(
    house: FakeHouse, bot: Bot, wang: Somebody
) -> None:
    """Whoever sends their own invitation again and again isn't guessing."""
    chat = await begun(bot, wang)
    for number in range(7):
        await wang.writes(f"加入 {TOKENS[0]}")
        [update] = await bot.updates()
        assert update["message"]["text"] == f"/start {TOKENS[0]}", number
        asks = InlineKeyboardButton(text="是", callback_data=f"link:{TOKENS[0]}:1")
        markup = InlineKeyboardMarkup(inline_keyboard=[[asks]])
        await bot.api.send_message(chat, "这份邀请是给您的吗？", reply_markup=markup)
    # Wrong ones are told without such a button, and count; what is shown besides gives none back.
    for token in TOKENS[1:6]:
        await wang.writes(token)
        assert len(await bot.updates()) == 1
        await bot.api.send_message(chat, "邀请无效。", reply_markup=buttons("待办"))
    for token in (TOKENS[6], TOKENS[0]):
        await wang.writes(token)
        assert not await bot.updates()
    assert [text for text in wang.sees() if text == ZH["too_many"]] == [ZH["too_many"]]


async def test_what_somebody_changes_is_told_as_changed(bot: Bot, wang: Somebody) -> None:
    await begun(bot, wang)
    written = await wang.writes("三十人")
    await wang.rewrites(written, "三十二人")
    first, changed = await bot.updates()
    assert changed["edited_message"]["text"] == "三十二人"
    assert changed["edited_message"]["message_id"] == first["message"]["message_id"]
    # One that was never known is passed over.
    await wang.rewrites("e-unknown", "什么")
    assert not await bot.updates()


async def test_an_answer_that_the_bot_never_heard_is_told_when_it_asks_again(
    bot: Bot, wang: Somebody
) -> None:
    chat = await begun(bot, wang)
    asked: dict[str, Any] = {"text": "asked"}
    body = {**(await shown_body(bot, chat)), "plain": "一"}
    known = await bot.gateway.store.account_of_chat(chat)
    assert known is not None
    first = await bot.gateway.outwards.send(known, body, asked, never)
    # Not even the second time.
    again = await bot.gateway.outwards.send(known, body, asked, never)
    assert again.message == first.message
    await wang.writes("在吗")
    # They wrote meanwhile: it is shown below that, and still once.
    moved = await bot.gateway.outwards.send(known, body, asked)
    assert (moved.message, wang.sees().count("一")) == (first.message, 1)
    assert moved.ids != first.ids


async def shown_body(bot: Bot, chat: int) -> Any:
    sent = await bot.api.send_message(chat, "零")
    found = await bot.gateway.store.shown(chat, sent.message_id)
    assert found is not None
    return found.body


async def test_the_public_bot_is_refused_by_name(bot: Bot) -> None:
    public = aiogram_bot(bot.gateway.url, PUBLIC)
    with pytest.raises(TelegramForbiddenError, match="the bot of the public is never served"):
        await public.get_me()
    await public.session.close()
    stranger = aiogram_bot(bot.gateway.url, "1:abc")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await stranger.session.close()
    assert (await bot.api.get_me()).username == "yinlu_staff_bot"


async def test_health_and_numbers_name_nobody(
    bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    chat = await begun(bot, wang)
    await bot.api.send_message(chat, "一")
    session = await bot.api.session.create_session()  # type: ignore[attr-defined]
    async with session.get(f"{bot.gateway.url}/metrics") as answer:
        numbers = await answer.text()
    assert 'yinlu_gateway_calls_total{outcome="sent"} 1.0' in numbers
    assert "yinlu_gateway_connected 1.0" in numbers
    assert not [word for word in (str(chat), "wang", TOKEN) if word in numbers]
    platform.connected = False
    async with session.get(f"{bot.gateway.url}/healthz") as answer:
        assert answer.status == 503


async def test_both_libraries_methods_that_have_no_place_here_are_accepted(bot: Bot) -> None:
    assert await bot.api.set_my_commands([])
    assert await bot.api.delete_webhook()
    assert (await bot.api.get_webhook_info()).url == ""
    waiting = asyncio.create_task(bot.api.get_updates(timeout=1))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
