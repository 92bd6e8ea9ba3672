"""The first morning of somebody who has just joined: three messages in one place, to be skipped."""

from datetime import date

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery

from handlers.staff.common import navigation
from handlers.staff.common.replies import Row, fit, keyboard, show
from handlers.staff.menu import first_morning_texts as texts
from handlers.staff.menu.callbacks import FirstMorningCallback
from handlers.staff.todo import texts as todo_texts
from handlers.staff.todo.callbacks import leads_to
from services.container import Services
from services.people.views import Actor

SKIPPED = 0


async def begin(bot: Bot, chat: int, services: Services, actor: Actor) -> None:
    """Below the words of welcome; nothing for who has worked here before, in another post."""
    if await services.people.worked(actor):
        return
    rows = keyboard([_onward(2)])
    text = fit(texts.joining(actor))
    await bot.send_message(chat, text, reply_markup=rows, parse_mode="HTML")


async def turn(
    query: CallbackQuery,
    callback_data: FirstMorningCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    number = callback_data.number
    if await services.people.worked(actor):
        await show(query, texts.begun(), [[navigation.todo()]])
        return
    items = await services.todo.items(actor, today)
    if number < texts.LAST:
        await show(query, fit(texts.waiting(items, today)), [_onward(number + 1)])
        return
    first: Row = [(todo_texts.button(1, items[0]), leads_to(items[0]))] if items else []
    await show(query, fit(texts.entering(items)), [[*first, navigation.todo()]])


async def skip(query: CallbackQuery) -> None:
    await show(query, texts.skipped(), [[navigation.todo()]])


def _onward(number: int) -> Row:
    return [
        (texts.onward(), FirstMorningCallback(number=number)),
        (texts.skip(), FirstMorningCallback(number=SKIPPED)),
    ]


def build() -> Router:
    router = Router(name="first_morning")
    router.callback_query.register(skip, FirstMorningCallback.filter(F.number == SKIPPED))
    router.callback_query.register(turn, FirstMorningCallback.filter())
    return router
