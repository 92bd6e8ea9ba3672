"""What takes longer than one waits in silence says so, and in the same message that it is done."""

import asyncio

from aiogram.methods import EditMessageText, SendMessage
from aiogram.types import Chat, Message, User

from handlers.staff.common.patience import patience
from tests.conversation.conftest import House
from tests.conversation.people import WHEN


async def test_a_word_after_a_while_is_edited_at_the_end(house: House) -> None:
    telegram = house.line.telegram
    said = Message(
        message_id=1, date=WHEN, chat=Chat(id=100, type="private"),
        from_user=User(id=100, is_bot=False, first_name="x"), text="数字",
    ).as_(house.line.bot)  # fmt: skip
    before = len(telegram.calls)
    async with patience(said, "正在统计", "好了", after=60):
        pass
    assert len(telegram.calls) == before

    async with patience(said, "正在统计", "好了", after=0):
        while len(telegram.calls) == before:  # noqa: ASYNC110
            await asyncio.sleep(0)
    sent, edited = telegram.calls[before:]
    assert isinstance(sent, SendMessage)
    assert isinstance(edited, EditMessageText)
    assert (sent.text, edited.text) == ("正在统计", "好了")
