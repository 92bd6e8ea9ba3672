"""/todo and the button 待办."""

from datetime import date

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from handlers.staff.callbacks import Card, Fill, Go, Place, Report, ToSign
from handlers.staff.menu.keyboard import MenuButton
from handlers.staff.screen import Row, fit, show
from handlers.staff.todo import texts
from services.house import Services
from services.views import Actor, TodoItem, Waiting


async def todo(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    items = await services.cases.todo(actor, today)
    await show(event, fit(texts.todo(items, today)), rows(items))


def rows(items: tuple[TodoItem, ...]) -> list[Row]:
    buttons = [
        (texts.button(number, item), leads_to(item))
        for number, item in enumerate(items[: texts.SHOWN], 1)
    ]
    pairs = [buttons[index : index + 2] for index in range(0, len(buttons), 2)]
    return [*pairs, [(texts.again(), Go(place=Place.TODO))]]


def leads_to(item: TodoItem) -> CallbackData:
    """The right thing, one tap away."""
    if item.waiting is Waiting.SIGN:
        return ToSign(case=item.case_id, entry=item.entry_id or "")
    if item.step is None:
        return Report(report=item.case_id)
    if item.waiting is Waiting.DRAFT:
        return Fill(case=item.case_id, step=item.step.id)
    return Card(case=item.case_id)


def build() -> Router:
    router = Router(name="todo")
    router.message.register(todo, or_f(Command("todo"), MenuButton("todo")))
    router.callback_query.register(todo, Go.filter(F.place == Place.TODO))
    return router
