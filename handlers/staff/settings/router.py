"""/language."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from handlers.staff.callbacks import Go, Place, Speak
from handlers.staff.menu.keyboard import menu
from handlers.staff.middleware import Acts
from handlers.staff.screen import again, settle, show
from handlers.staff.settings import texts
from services.house import Services
from services.i18n import LANGUAGES, SOURCE, use
from services.views import Actor


async def choose(event: Message | CallbackQuery) -> None:
    with use(SOURCE):
        rows = [[(texts.name(language), Speak(language=language)) for language in LANGUAGES]]
        await show(event, texts.choose(), rows)


async def speak(
    query: CallbackQuery,
    callback_data: Speak,
    services: Services,
    actor: Actor,
    act: Acts,
    dialog_manager: DialogManager,
) -> None:
    """From now on in that language, beginning with the menu and the question that is open."""
    await services.people.set_language(act("language"), query.from_user.id, callback_data.language)
    await settle(query)
    with use(callback_data.language):
        if query.bot is not None:
            await query.bot.send_message(
                query.from_user.id, texts.chosen(), reply_markup=menu(actor)
            )
        await again(dialog_manager)


def build() -> Router:
    router = Router(name="settings")
    router.message.register(choose, Command("language"))
    router.callback_query.register(choose, Go.filter(F.place == Place.LANGUAGE))
    router.callback_query.register(speak, Speak.filter(F.language.in_(set(LANGUAGES))))
    return router
