"""/menu and 菜单, written anywhere: the menu as buttons of a message, which a messenger without
buttons shows as lines to answer. An open form stays as it is until somebody goes elsewhere."""

from datetime import date

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from handlers.staff.common import menu_texts as texts
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.menu_keyboard import MenuButton, opens_cases
from handlers.staff.common.replies import Row, again, settle, tell
from handlers.staff.todo.router import todo
from services.container import Services
from services.people.views import Actor


async def menu(message: Message, actor: Actor, dialog_manager: DialogManager) -> None:
    filling = dialog_manager.has_context()
    await tell(message, texts.menu_title(filling), _rows(actor, filling))


def _rows(actor: Actor, filling: bool) -> list[Row]:
    back: Row = [(texts.back_to_form(), GoCallback(place=Destination.FORM))] if filling else []
    new: Row = [(texts.new_case(), GoCallback(place=Destination.NEW))] if opens_cases(actor) else []
    lists: Row = [
        (texts.todo(), GoCallback(place=Destination.TODO)),
        (texts.cases(), GoCallback(place=Destination.CASES)),
    ]
    return [back, lists, [*new, (texts.more(), GoCallback(place=Destination.MORE))]]


async def back(
    query: CallbackQuery,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    """Ask the open question again below the menu; where it was ended meanwhile, show 待办."""
    if not dialog_manager.has_context():
        await todo(query, services, actor, today)
        return
    await settle(query)
    await again(dialog_manager)


def build() -> Router:
    router = Router(name="menu_anywhere")
    router.message.register(menu, or_f(Command("menu"), MenuButton("menu")))
    router.callback_query.register(back, GoCallback.filter(F.place == Destination.FORM))
    return router
