"""The first message to somebody who is in."""

from aiogram.types import Message

from handlers.staff.common import menu_texts as texts
from handlers.staff.common.menu_keyboard import menu
from services.people.views import Actor


async def start(message: Message, actor: Actor) -> None:
    await message.answer(texts.welcome(actor), reply_markup=menu(actor), parse_mode="HTML")
