"""A press is answered once, by whoever comes first; what the messenger refuses came too late."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import AnswerCallbackQuery

from bot.pipeline.press_answers import MOST, AnswerOnce
from tests.conversation.telegram import TOO_OLD, Telegram

CALL = AnswerCallbackQuery(callback_query_id="1")


@pytest.fixture
def telegram() -> Telegram:
    made = Telegram()
    made.middleware(AnswerOnce())
    return made


@pytest.fixture
def bot(telegram: Telegram) -> Bot:
    return Bot("42:TEST", session=telegram)


async def test_the_first_answer_goes_out_and_none_after_it(bot: Bot, telegram: Telegram) -> None:
    for press, text in (("1", "好的"), ("1", None), ("2", None), ("1", "再说一次"), ("2", None)):
        assert await bot.answer_callback_query(press, text)
    assert (telegram.answers, telegram.twice) == (["好的", ""], [])


async def test_one_that_came_too_late_changes_nothing(bot: Bot, telegram: Telegram) -> None:
    telegram.failures.append(TelegramBadRequest(CALL, TOO_OLD))
    assert await bot.answer_callback_query("1")
    assert await bot.answer_callback_query("1")
    assert len(telegram.calls) == 1


async def test_one_that_may_not_have_arrived_is_answered_when_the_update_is_handled_again(
    bot: Bot, telegram: Telegram
) -> None:
    telegram.failures.append(TelegramNetworkError(CALL, "no answer"))
    with pytest.raises(TelegramNetworkError):
        await bot.answer_callback_query("1")
    assert await bot.answer_callback_query("1", "好的")
    assert telegram.answers == ["好的"]


async def test_presses_of_long_ago_are_forgotten(bot: Bot, telegram: Telegram) -> None:
    for press in range(MOST + 1):
        await bot.answer_callback_query(str(press))
    assert await bot.answer_callback_query("1")
    assert telegram.twice == []
    assert await bot.answer_callback_query("0")
    assert telegram.twice == [""]


async def test_what_is_no_answer_passes(bot: Bot, telegram: Telegram) -> None:
    for _ in range(2):
        await bot.send_message(7, "好的")
    assert len(telegram.chats[7]) == 2
