"""A picture of figures, sent as a new message: the one before stays above, to compare."""

from collections.abc import Sequence

from aiogram.types import BufferedInputFile, CallbackQuery, Message

from handlers.staff.common.replies import Row, keyboard, settle
from services.figures.views import FigureFile


async def send_picture(
    event: Message | CallbackQuery, made: FigureFile, caption: str, rows: Sequence[Row]
) -> None:
    if isinstance(event, CallbackQuery):
        await settle(event)
    if event.bot is not None and event.from_user is not None:
        await event.bot.send_photo(
            event.from_user.id,
            BufferedInputFile(made.content, made.name),
            caption=caption,
            parse_mode="HTML",
            reply_markup=keyboard(rows),
        )
