"""/help and /privacy: said below what is going on, which goes on."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from handlers.staff.common.callbacks import Go
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import again, tell
from handlers.staff.help import texts
from services.container import Services


async def help_(
    event: Message | CallbackQuery, services: Services, dialog_manager: DialogManager
) -> None:
    # Up to which year holidays are known: later dates are reckoned and may move.
    covered = services.procedure.calendar.covered
    await tell(event, f"{texts.help_()}\n\n{texts.calendar(*covered)}")
    await again(dialog_manager)


async def privacy(event: Message | CallbackQuery, dialog_manager: DialogManager) -> None:
    await tell(event, texts.privacy())
    await again(dialog_manager)


def build() -> Router:
    router = Router(name="help")
    router.message.register(help_, Command("help"))
    router.message.register(privacy, Command("privacy"))
    router.callback_query.register(help_, Go.filter(F.place == Destination.HELP))
    router.callback_query.register(privacy, Go.filter(F.place == Destination.PRIVACY))
    return router
