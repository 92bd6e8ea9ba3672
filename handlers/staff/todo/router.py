"""/todo and the button 待办."""

from datetime import date

from aiogram import F, Router
from aiogram.filters import Command, Filter, or_f
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from handlers import meant_texts
from handlers.staff.common import menu_texts
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.menu_keyboard import MenuButton, menu, opens_cases
from handlers.staff.common.replies import Row, fit, in_rows, show
from handlers.staff.todo import texts
from handlers.staff.todo.callbacks import TodoCallback, leads_to
from services.container import Services
from services.people.views import Actor
from services.todo.views import TodoItem


async def todo(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    await _page(event, services, actor, today, 0)


async def turn(
    event: CallbackQuery, callback_data: TodoCallback, services: Services, actor: Actor, today: date
) -> None:
    await _page(event, services, actor, today, callback_data.first)


async def _page(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date, first: int
) -> None:
    """Show a page of the list, the last one where what was done meanwhile took this one away."""
    items = await services.todo.items(actor, today)
    if not items:
        await show(event, fit(texts.nothing(opens_cases(actor))), [_again()])
        return
    count = len(items)
    here = first if first < count else (count - 1) // texts.SHOWN * texts.SHOWN
    await show(event, fit(texts.todo(items, here, today)), rows(items, here))


def rows(items: tuple[TodoItem, ...], first: int) -> list[Row]:
    """The acts of the lines from `first` on, what leads to other kinds, and turning the page."""
    buttons = [
        (texts.button(number, item), leads_to(item))
        for number, item in texts.numbered(items, first)
    ]
    turning: list[tuple[str, CallbackData]] = []
    if first > 0:
        turning.append((texts.earlier(), TodoCallback(first=max(0, first - texts.SHOWN))))
    if first + texts.SHOWN < len(items):
        turning.append((texts.later(), TodoCallback(first=first + texts.SHOWN)))
    return [*in_rows(buttons, 2), _to_kinds(items, first), [*turning, *_again()]]


def _to_kinds(items: tuple[TodoItem, ...], first: int) -> Row:
    """To the first line of each kind that isn't in sight: behind many overdue ones nobody would
    find what has just come."""
    in_sight = range(first, first + texts.SHOWN)
    found: list[tuple[str, CallbackData]] = []
    place = 0
    for kind, number in texts.kinds(items).items():
        if place not in in_sight:
            found.append((texts.of_kind(kind, number), TodoCallback(first=place)))
        place += number
    return found


def _again() -> Row:
    return [(texts.again(), GoCallback(place=Destination.TODO))]


class Greeting(Filter):
    """A greeting that no open form has taken for an answer."""

    async def __call__(self, message: Message) -> bool:
        return message.forward_origin is None and meant_texts.greets(message.text or "")


async def greet(message: Message, services: Services, actor: Actor, today: date) -> None:
    """The menu, with what comes first."""
    items = await services.todo.items(actor, today)
    said = menu_texts.greeting(actor, texts.line(items[0], today) if items else "")
    await message.answer(said, reply_markup=menu(actor), parse_mode="HTML")


def build_greeting() -> Router:
    """Behind the open forms, which take any text, and before the search by name."""
    router = Router(name="greeting")
    router.message.register(greet, Greeting())
    return router


def build() -> Router:
    router = Router(name="todo")
    router.message.register(todo, or_f(Command("todo"), MenuButton("todo")))
    router.callback_query.register(todo, GoCallback.filter(F.place == Destination.TODO))
    router.callback_query.register(turn, TodoCallback.filter())
    return router
