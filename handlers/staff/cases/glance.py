"""全程一图: all steps of a case as a picture, edited in place."""

from contextlib import suppress
from datetime import date

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, CallbackQuery, InputMediaPhoto, Message

from handlers.staff.cases import glance_texts as texts
from handlers.staff.cases.callbacks import WayAgainCallback, WayCallback
from handlers.staff.common import navigation
from handlers.staff.common.progress import waiting
from handlers.staff.common.replies import Row, fit, keyboard, settle, show
from services.container import Services
from services.papers.views import CannotPrint
from services.people.views import Actor


async def send(
    query: CallbackQuery, callback_data: WayCallback, services: Services, actor: Actor, today: date
) -> None:
    """Below the card, which can't become a picture and a text again."""
    made = await _made(query, services, actor, callback_data.case, today)
    if made is None or query.bot is None:
        return
    picture, caption = made
    await settle(query)
    await _send(query.bot, query.from_user.id, picture, caption, callback_data.case)


async def again(
    query: CallbackQuery,
    callback_data: WayAgainCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    made = await _made(query, services, actor, callback_data.case, today)
    if made is None or query.bot is None:
        return
    picture, caption = made
    await settle(query)
    if isinstance(query.message, Message):
        # What is gone or too old to be edited is sent anew.
        with suppress(TelegramBadRequest):
            await query.message.edit_media(
                InputMediaPhoto(media=picture, caption=caption, parse_mode="HTML"),
                reply_markup=keyboard(rows(callback_data.case)),
            )
            return
    await _send(query.bot, query.from_user.id, picture, caption, callback_data.case)


async def _send(bot: Bot, chat: int, picture: BufferedInputFile, caption: str, case: str) -> None:
    await bot.send_photo(
        chat, picture, caption=caption, parse_mode="HTML", reply_markup=keyboard(rows(case))
    )


async def _made(
    query: CallbackQuery, services: Services, actor: Actor, case: str, today: date
) -> tuple[BufferedInputFile, str] | None:
    """Draw it; where that can't be, say what it would show, and give None."""
    card = await services.cases.card(actor, case, today)
    caption = fit(texts.caption(card, today))
    try:
        async with waiting(query, texts.working()):
            made = await services.glances.way(actor, case, today)
    except CannotPrint as refused:
        said = f"{caption}\n\n{texts.no_picture(refused.fonts)}"
        await show(query, said, [navigation.onward(case)])
        return None
    return BufferedInputFile(made.content, made.name), caption


def rows(case: str) -> list[Row]:
    return [[(texts.again(), WayAgainCallback(case=case)), navigation.case(case)]]


def build() -> Router:
    router = Router(name="glance")
    router.callback_query.register(send, WayCallback.filter())
    router.callback_query.register(again, WayAgainCallback.filter())
    return router
