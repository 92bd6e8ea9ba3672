"""The chat is cleaned at once, in batches, and again while the messenger allows it
(docs/promises.md P8)."""

from handlers.public.chat.application import Bot, delete_before_exit, forget_expired
from handlers.public.chat.message_deletion import MessageDeleter
from tests.intake.citizens import SAID, Citizen
from tests.intake.conftest import Hand
from tests.intake.telegram import Telegram


def deleted(telegram: Telegram) -> set[int]:
    """Messages in a successful call."""
    calls = telegram.called("deleteMessages")
    assert all(len(call["message_ids"]) <= 100 for call in calls)
    return {number for call in calls for number in call["message_ids"]}


async def test_every_message_of_the_reporter_is_in_a_successful_delete_call(
    citizen: Citizen, telegram: Telegram
) -> None:
    await citizen.files_a_report()
    assert len(citizen.written) == 3
    assert deleted(telegram) >= set(citizen.written)
    assert ["您的八个字" in m.text for m in citizen.screen] == [True]


async def test_two_hundred_messages_go_in_batches_of_a_hundred(
    citizen: Citizen, telegram: Telegram
) -> None:
    await citizen.gets_to("what")
    for _ in range(100):
        await citizen.says("一段一段地写。")
    await citizen.presses("写完了")
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    assert len(citizen.written) == 102
    assert deleted(telegram) >= set(citizen.written)
    assert len(telegram.called("deleteMessages")) == 3


async def test_what_cannot_be_deleted_is_tried_again_for_48_hours(
    citizen: Citizen, telegram: Telegram, bot: Bot, hand: Hand
) -> None:
    deleter: MessageDeleter = bot.bot_data["deleter"]
    telegram.refuse("deleteMessages", 502, times=2)
    telegram.refuse("deleteMessages", 429, parameters={"retry_after": 1})
    await citizen.files_a_report()
    assert not deleted(telegram)
    assert [await deleter.again() for _ in range(3)] == [False, False, True]
    assert deleted(telegram) >= set(citizen.written)
    telegram.refuse("deleteMessages", 502)
    await citizen.says("/cancel")
    hand.passes(hours=48)
    before = deleted(telegram)
    assert await deleter.again()
    assert deleted(telegram) == before


async def test_a_code_goes_the_moment_it_was_typed(citizen: Citizen, telegram: Telegram) -> None:
    code = await citizen.files_a_report()
    await citizen.says("/status")
    await citizen.says(code)
    assert citizen.written[-1] in deleted(telegram)


async def test_after_half_an_hour_the_chat_is_empty_and_forgotten(
    citizen: Citizen, telegram: Telegram, bot: Bot, hand: Hand
) -> None:
    await citizen.gets_to("evidence")
    hand.passes(minutes=30)
    await forget_expired(bot)
    assert deleted(telegram) >= set(citizen.written)
    assert not citizen.screen
    sessions = bot.bot_data["sessions"]
    for kept in (sessions.drafts, sessions.noted, sessions.opened, sessions.states):
        assert not kept
    assert "没有正在写的内容" in await citizen.says(SAID)


async def test_the_code_leaves_the_screen_by_itself_after_half_an_hour(
    citizen: Citizen, bot: Bot, hand: Hand
) -> None:
    await citizen.files_a_report()
    hand.passes(minutes=30)
    await forget_expired(bot)
    assert not citizen.screen


async def test_a_process_that_ends_takes_its_unfinished_reports_off_the_chats(
    citizen: Citizen, telegram: Telegram, bot: Bot
) -> None:
    await citizen.gets_to("sum")
    await delete_before_exit(bot)
    assert deleted(telegram) >= set(citizen.written)
    assert not citizen.screen


async def test_an_album_of_answers_waits_when_the_messenger_asks_to(
    citizen: Citizen, telegram: Telegram
) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    await citizen.gets_to("what")
    citizen.bot.bot_data["speaker"].sleep = wait
    telegram.refuse("sendMessage", 429, times=2, parameters={"retry_after": 7})
    assert "记下了" in await citizen.says(SAID)
    assert waited == [7, 7]
