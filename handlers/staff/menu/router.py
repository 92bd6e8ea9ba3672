"""/start of somebody known, and the things behind “更多”."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart, or_f
from aiogram.types import CallbackQuery, Message

from handlers.staff.callbacks import Go, Place
from handlers.staff.menu import texts
from handlers.staff.menu.keyboard import MenuButton, menu
from handlers.staff.screen import Row, show
from services.views import Actor


async def start(message: Message, actor: Actor) -> None:
    await message.answer(texts.welcome(actor), reply_markup=menu(), parse_mode="HTML")


async def more(event: Message | CallbackQuery, actor: Actor) -> None:
    await show(event, texts.more_title(), rows())


def rows() -> list[Row]:
    return [
        [(texts.invite(), Go(place=Place.INVITE)), (texts.member(), Go(place=Place.MEMBER))],
        [(texts.reports(), Go(place=Place.REPORTS)), (texts.help_(), Go(place=Place.HELP))],
        [(texts.language(), Go(place=Place.LANGUAGE)), (texts.privacy(), Go(place=Place.PRIVACY))],
    ]


def build() -> Router:
    router = Router(name="menu")
    router.message.register(start, CommandStart())
    router.message.register(more, or_f(Command("more"), MenuButton("more")))
    router.callback_query.register(more, Go.filter(F.place == Place.MORE))
    return router
