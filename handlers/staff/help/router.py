"""/help and /privacy: said below what is going on, which goes on."""

from datetime import date

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.progress import waiting
from handlers.staff.common.replies import again, send_file, tell
from handlers.staff.help import texts
from handlers.staff.help.callbacks import RolePageCallback
from services.container import Services
from services.papers.views import CannotPrint
from services.people.views import Actor


async def help_(
    event: Message | CallbackQuery, services: Services, dialog_manager: DialogManager
) -> None:
    # Up to which year holidays are known: later dates are reckoned and may move.
    covered = services.procedure.calendar.covered
    said = f"{texts.help_()}\n\n{texts.calendar(*covered)}"
    await tell(event, said, [[(texts.page(), RolePageCallback()), navigation.todo()]])
    await again(dialog_manager)


async def page(query: CallbackQuery, services: Services, actor: Actor, today: date) -> None:
    """Send the page of one's roles, to print."""
    try:
        async with waiting(query, texts.working()):
            made = await services.glances.guide(actor, today)
    except CannotPrint as refused:
        await tell(query, texts.not_printed(refused.fonts), [[navigation.todo()]])
        return
    await send_file(query, made, texts.page_sent())


async def privacy(event: Message | CallbackQuery, dialog_manager: DialogManager) -> None:
    await tell(event, texts.privacy(), [[navigation.todo()]])
    await again(dialog_manager)


def build() -> Router:
    router = Router(name="help")
    router.message.register(help_, Command("help"))
    router.message.register(privacy, Command("privacy"))
    router.callback_query.register(page, RolePageCallback.filter())
    router.callback_query.register(help_, GoCallback.filter(F.place == Destination.HELP))
    router.callback_query.register(privacy, GoCallback.filter(F.place == Destination.PRIVACY))
    return router
