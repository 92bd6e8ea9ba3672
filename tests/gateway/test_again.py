"""What is asked again, comes late or crosses something else: nothing is seen twice or lost, and no
letter presses what nobody has read."""

import asyncio
from typing import Any

import pytest
from aiogram.exceptions import TelegramRetryAfter, TelegramServerError
from aiohttp import ClientSession

from gateway.gateway_texts import ZH
from gateway.outwards import never
from gateway.platform import Account, Left, TooOften
from gateway.store import Store
from tests.gateway.conftest import FakeHouse, on_both_stores
from tests.gateway.fake import FakePlatform, Somebody, can
from tests.gateway.house import TOKEN, Bot
from tests.gateway.test_core import KeyboardDeath, begun, buttons

pytestmark = on_both_stores


async def test_asked_again_after_hanging_up_it_is_seen_once(
    bot: Bot, wang: Somebody, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform hangs, the bot waits no longer and asks again while the first call stands."""
    chat = await begun(bot, wang)
    platform.holds = asyncio.Event()
    told = {"chat_id": chat, "text": "记下了"}
    address = f"{bot.gateway.url}/bot{TOKEN}/sendMessage"
    async with ClientSession() as session:
        first = asyncio.create_task(session.post(address, json=told))
        await platform.held.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        async with ClientSession() as another:
            lock, asked = bot.gateway.outwards.lock, asyncio.Event()

            def told_of(chat: int) -> asyncio.Lock:
                asked.set()
                return lock(chat)

            monkeypatch.setattr(bot.gateway.outwards, "lock", told_of)
            second = asyncio.create_task(another.post(address, json=told))
            await asked.wait()
            platform.holds.set()
            answer = await (await second).json()
    assert answer["ok"]
    assert wang.sees() == ["记下了"]
    # Said once more on purpose, it is said once more.
    await bot.api.send_message(chat, "记下了")
    assert wang.sees() == ["记下了", "记下了"]


async def test_asked_again_after_an_error_of_ours_it_is_seen_once(
    bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    chat = await begun(bot, wang)
    platform.dies.append(KeyboardDeath())
    with pytest.raises(TelegramServerError):
        await bot.api.send_message(chat, "记下了")
    await bot.api.send_message(chat, "记下了")
    assert wang.sees() == ["记下了"]


async def test_asked_again_long_after_a_kill_it_is_seen_once(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    async with house.running() as bot:
        chat = await begun(bot, wang)
        platform.dies.append(KeyboardDeath())
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "记下了")
    house.passes(hours=5)
    async with house.running() as bot:
        await wang.hears("记下了")
        await bot.api.send_message(chat, "记下了")
        assert wang.sees() == ["记下了"]


async def test_killed_before_the_bot_is_answered_it_is_seen_once(
    house: FakeHouse, wang: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.running() as bot:
        chat = await begun(bot, wang)
        await bot.api.send_message(chat, "先前")
        house.passes(minutes=1)
        end = bot.gateway.store.end

        async def killed_after(*given: Any) -> None:
            await end(*given)
            raise KeyboardDeath

        monkeypatch.setattr(bot.gateway.store, "end", killed_after)
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "记下了")
    house.passes(hours=1)
    async with house.running() as bot:
        await bot.api.send_message(chat, "记下了")
        assert wang.sees() == ["先前", "记下了"]
        # What the bot has long been told of is said again when it is asked for again.
        await bot.api.send_message(chat, "先前")
        await bot.api.send_message(chat, "记下了")
        assert wang.sees() == ["先前", "记下了", "先前", "记下了"]


async def test_nothing_is_cleaned_up_before_what_was_broken_off_is_done_again(
    house: FakeHouse, wang: Somebody, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cleaned up first, what the bot heard no answer to would be forgotten, and said twice."""
    async with house.running() as bot:
        chat = await begun(bot, wang)
        await bot.api.send_message(chat, "记下了")
    house.passes(hours=1)
    steps, cleaned = list[str](), asyncio.Event()
    doubt, clean = Store.doubt, Store.clean

    async def doubted(store: Store) -> None:
        steps.append("doubted")
        await doubt(store)

    async def cleaned_up(store: Store) -> None:
        steps.append("cleaned up")
        await clean(store)
        cleaned.set()

    monkeypatch.setattr(Store, "doubt", doubted)
    monkeypatch.setattr(Store, "clean", cleaned_up)
    platform.away = asyncio.Event()
    async with house.running(waits=False) as bot:
        await bot.updates()
        assert steps == []
        platform.away.set()
        await cleaned.wait()
        assert steps == ["doubted", "cleaned up"]
        await bot.api.send_message(chat, "记下了")
    assert wang.sees() == ["记下了"]


async def test_killed_while_it_is_shown_anew_it_is_seen_once(
    house: FakeHouse, wang: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot heard no answer, and they wrote meanwhile: what stands is shown again below."""
    async with house.running() as bot:
        chat = await begun(bot, wang)
        house.platform.dies.append(KeyboardDeath())
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "记下了")
    async with house.running() as bot:
        await wang.hears("记下了")
        await wang.writes("还有一句")

        async def killed_before(*given: Any, **more: Any) -> None:
            raise KeyboardDeath

        monkeypatch.setattr(bot.gateway.store, "begin", killed_before)
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "记下了")
    async with house.running() as bot:
        await bot.api.send_message(chat, "记下了")
        assert wang.sees() == ["记下了"]
    house.passes(seconds=2)
    # The last answer may not have been heard either.
    async with house.running() as bot:
        await bot.api.send_message(chat, "记下了")
        assert wang.sees() == ["记下了"]


async def test_a_change_isnt_undone_or_left_out_for_an_earlier_one(
    house: FakeHouse, wang: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.running() as bot:
        chat = await begun(bot, wang)
        sent = await bot.api.send_message(chat, "一")

        async def becomes(text: str) -> None:
            await bot.api.edit_message_text(text, chat_id=chat, message_id=sent.message_id)

        await becomes("二")
        await becomes("一")
    # Ended at once: nobody knows which of them the bot heard of.
    async with house.running() as bot:
        await becomes("二")
        assert wang.sees() == ["二"]

        async def breaks_off(*given: Any) -> None:
            raise KeyboardDeath

        with monkeypatch.context() as patch, pytest.raises(TelegramServerError):
            patch.setattr(bot.gateway.store, "end", breaks_off)
            await becomes("三")
        await becomes("四")
    async with house.running() as bot:
        await becomes("五")
        assert wang.sees() == ["五"]
        (line,) = house.platform.lines
        # Each was shown once, and nothing again at the start.
        assert line.edits == 6


async def test_where_nothing_can_be_taken_back_a_repetition_says_so_once_and_keeps_its_links(
    house: FakeHouse, wang: Somebody, platform: FakePlatform
) -> None:
    platform.abilities = can(edit_hours=0.0, delete_hours=0.0)
    async with house.running() as bot:
        chat = await begun(bot, wang)
        sent = await bot.api.send_message(
            chat, "见<a href='https://a.test'>这里</a>", parse_mode="HTML"
        )
        shown = await bot.gateway.store.shown(chat, sent.message_id)
        known = await bot.gateway.store.account_of_chat(chat)
        assert shown is not None
        assert known is not None
        asked = {"text": "asked"}
        first = await bot.gateway.outwards.send(known, shown.body, asked, never)
        for _ in range(2):
            # The bot heard nothing of it, and they wrote meanwhile.
            await wang.writes("在吗")
            again = await bot.gateway.outwards.send(known, shown.body, asked, never)
            assert again.message == first.message
    mark = ZH["repeated"]
    assert wang.sees() == ["见这里", "见这里", f"{mark}见这里", f"{mark}见这里"]
    (link,) = platform.lines[-1].part.said.entities
    assert wang.sees()[-1][link.offset : link.offset + link.length] == "这里"


async def test_buttons_that_stay_where_they_are_are_no_reason_to_say_it_again(
    house: FakeHouse, wang: Somebody, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.abilities = can(buttons=6, edit_hours=0.0, delete_hours=0.0)
    async with house.running() as bot:
        chat = await begun(bot, wang)
        sent = await bot.api.send_message(chat, "选", reply_markup=buttons("甲"))

        async def killed(*given: Any) -> None:
            raise KeyboardDeath

        monkeypatch.setattr(bot.gateway.store, "end", killed)
        with pytest.raises(TelegramServerError):
            await bot.api.edit_message_reply_markup(chat_id=chat, message_id=sent.message_id)
    async with house.running() as bot:
        await bot.api.send_message(chat, "好")
        assert wang.sees() == ["选", "好"]


async def test_an_answer_to_a_letter_isnt_lost_while_the_platform_wants_a_pause(
    bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    chat = await begun(bot, wang)
    await bot.api.send_message(chat, "选", reply_markup=buttons("甲"))
    await wang.writes("A")
    (press,) = await bot.updates()
    query = press["callback_query"]["id"]
    platform.fails.append(TooOften(1))
    with pytest.raises(TelegramRetryAfter):
        await bot.api.answer_callback_query(query, "已有人办了")
    await bot.api.answer_callback_query(query, "已有人办了")
    assert wang.sees()[-1] == "已有人办了"
    await wang.writes("A")
    (press,) = await bot.updates()
    platform.fails.append(Left())
    assert await bot.api.answer_callback_query(press["callback_query"]["id"], "好")
    known = await bot.gateway.store.account_of_chat(chat)
    assert known is not None
    assert known.blocked


async def test_an_older_chat_that_is_left_takes_nobody_away(
    bot: Bot, wang: Somebody, platform: FakePlatform
) -> None:
    chat = await begun(bot, wang)
    newer = Somebody(platform, Account(wang.account.key, "!room2", "王芳"))
    await newer.writes("在")
    await bot.updates()
    await wang.leaves()
    assert not await bot.updates()
    known = await bot.gateway.store.account_of_chat(chat)
    assert known is not None
    assert (known.blocked, known.account.address) == (False, "!room2")


async def test_a_letter_written_while_its_screen_changes_presses_nothing_else(
    bot: Bot, wang: Somebody
) -> None:
    chat = await begun(bot, wang)
    sent = await bot.api.send_message(chat, "名单", reply_markup=buttons("陆小满", "白雪"))
    # Changed by itself, with the letter on its way: the first line is gone.
    await bot.api.edit_message_text(
        "名单", chat_id=chat, message_id=sent.message_id, reply_markup=buttons("白雪")
    )
    assert wang.sees() == ["名单\n\n回复字母选择：\nC 白雪"]
    await wang.writes("A")
    (typed,) = await bot.updates()
    assert typed["message"]["text"] == "A"
    # With the same choices it keeps its letters.
    await bot.api.send_message(chat, "选", reply_markup=buttons("甲"))
    again = await bot.api.send_message(chat, "再选", reply_markup=buttons("乙"))
    await bot.api.edit_message_text(
        "再选一个", chat_id=chat, message_id=again.message_id, reply_markup=buttons("乙")
    )
    assert wang.sees()[-1] == "再选一个\n\n回复字母选择：\nB 乙"


async def test_letters_never_run_out_for_somebody_who_is_away(
    bot: Bot, wang: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.screens.LETTERS", tuple("ABCDEF"))
    monkeypatch.setattr("gateway.outwards.FURTHEST", 4)
    chat = await begun(bot, wang)
    for number in range(4):
        await bot.api.send_message(chat, f"通知{number}", reply_markup=buttons("甲", "乙"))
    assert wang.sees()[-1].endswith("A 甲\nB 乙")
    await wang.writes("B")
    (press,) = await bot.updates()
    assert press["callback_query"]["message"]["text"] == "通知3"
