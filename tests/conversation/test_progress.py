"""What takes longer than one waits in silence says so, ends nothing where it can't, and goes."""

import asyncio
from collections.abc import Callable

import pytest
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import DeleteMessage, EditMessageText, SendMessage
from aiogram.types import Chat, Message, User

from handlers.staff.common.progress import TellProgress, counted, waiting
from tests.conversation.conftest import House
from tests.conversation.people import WHEN

ASKED = SendMessage(chat_id=100, text="x")
FAILURES = (
    TelegramBadRequest(ASKED, "message can't be edited"),
    TelegramForbiddenError(ASKED, "bot was blocked by the user"),
    TelegramNetworkError(ASKED, "connection reset"),
    TelegramRetryAfter(ASKED, "flood control", 30),
    TelegramServerError(ASKED, "Bad Gateway"),
    ClientDecodeError("no JSON", ValueError(), "<html>"),
)


@pytest.fixture
def asked(house: House) -> Message:
    return Message(
        message_id=1, date=WHEN, chat=Chat(id=100, type="private"),
        from_user=User(id=100, is_bot=False, first_name="x"), text="数字",
    ).as_(house.line.bot)  # fmt: skip


def said(done: int, total: int) -> str:
    return f"{done}/{total}"


def progress(asked: Message, clock: Callable[[], float]) -> TellProgress:
    made = counted(asked, said)
    made.clock = clock
    return made


async def test_it_says_how_far_it_is_in_one_message_and_takes_that_away(
    house: House, asked: Message
) -> None:
    telegram, at = house.line.telegram, [0.0]
    async with progress(asked, lambda: at[0]) as told:
        for second in (0.5, 1.9, 2.1, 3.9, 4.2):
            at[0] = second
            await told(int(second * 10), 50)
    sent, edited, taken = telegram.calls
    assert isinstance(sent, SendMessage)
    assert isinstance(edited, EditMessageText)
    assert isinstance(taken, DeleteMessage)
    assert (sent.text, edited.text) == ("21/50", "42/50")
    assert telegram.chats[100] == {}


@pytest.mark.parametrize("failure", FAILURES, ids=lambda error: type(error).__name__)
async def test_no_failure_of_the_messenger_ends_the_work(
    house: House, asked: Message, failure: AiogramError
) -> None:
    """Neither the first word nor an edit nor taking it away."""
    telegram, at, done = house.line.telegram, [0.0], 0
    telegram.failures = [failure]
    async with progress(asked, lambda: at[0]) as told:
        for second in (3, 6, 9):
            at[0] = second
            await told(second, 9)
            done += 1
            if second == 6:
                telegram.failures = [failure, failure]
    assert done == 3
    assert telegram.failures == []


async def test_it_is_taken_away_where_the_work_was_refused(house: House, asked: Message) -> None:
    at = [0.0]
    with pytest.raises(ValueError, match="refused"):
        async with progress(asked, lambda: at[0]) as told:
            at[0] = 3.0
            await told(1, 9)
            raise ValueError("refused")
    assert house.line.telegram.chats[100] == {}


@pytest.mark.parametrize("failure", [None, *FAILURES[-2:]])
async def test_what_can_t_be_counted_says_so_after_a_while(
    house: House, asked: Message, failure: AiogramError | None
) -> None:
    telegram = house.line.telegram
    async with waiting(asked, "正在统计", after=60):
        pass
    assert telegram.calls == []

    telegram.failures = [failure] if failure else []
    with pytest.raises(ValueError, match="refused"):
        async with waiting(asked, "正在统计", after=0):
            while not telegram.calls:  # noqa: ASYNC110
                await asyncio.sleep(0)
            raise ValueError("refused")
    assert isinstance(telegram.calls[0], SendMessage)
    assert telegram.calls[0].text == "正在统计"
    assert telegram.chats.get(100, {}) == {}
