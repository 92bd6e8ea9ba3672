"""Handle /start with an invitation, and answer everybody who has none."""

from typing import Any

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart, Filter
from aiogram.types import CallbackQuery, Message, TelegramObject

from handlers.staff.common.menu_keyboard import menu
from handlers.staff.common.middleware import Acts
from handlers.staff.common.replies import settle
from handlers.staff.help import texts as help_texts
from handlers.staff.menu.welcome import start
from handlers.staff.people import texts
from handlers.staff.shared import refusal_texts
from services.container import Services
from services.core.errors import LinkForAnother, NotInvited
from services.core.i18n import use
from services.people.views import Actor


class Stranger(Filter):
    """Somebody who isn't invited."""

    async def __call__(self, event: TelegramObject, actor: Actor | None = None) -> bool:
        return actor is None


async def join(
    message: Message,
    command: CommandObject,
    services: Services,
    act: Acts,
    language: str,
    actor: Actor | None,
) -> None:
    """Take up the post of an invitation. A link that was used already is no news to somebody who is
    in: they are welcomed as by /start."""
    try:
        joined = await services.people.join(
            act("join"), message.chat.id, command.args or "", language
        )
    except LinkForAnother:
        await message.answer(refusal_texts.link_for_another())
        return
    except NotInvited:
        await (start(message, actor) if actor else message.answer(refusal_texts.bad_invitation()))
        return
    with use(joined.language or language):
        await message.answer(texts.joined(joined), reply_markup=menu(joined), parse_mode="HTML")


async def privacy(message: Message) -> None:
    await message.answer(help_texts.privacy(), parse_mode="HTML")


async def stranger(message: Message, former: bool) -> None:
    await message.answer(refusal_texts.post_ended() if former else refusal_texts.uninvited())


async def stranger_presses(query: CallbackQuery, former: bool) -> None:
    await settle(query, refusal_texts.post_ended() if former else refusal_texts.uninvited())


async def nothing(event: TelegramObject, **_: Any) -> None:
    """An edited message of a stranger gets no second answer."""


def build() -> Router:
    """First of all: whoever has no post gets no further than this."""
    router = Router(name="joining")
    router.message.register(join, CommandStart(deep_link=True))
    router.message.register(privacy, Command("privacy"), Stranger())
    router.message.register(stranger, Stranger())
    router.callback_query.register(stranger_presses, Stranger())
    router.edited_message.register(nothing, Stranger())
    return router
