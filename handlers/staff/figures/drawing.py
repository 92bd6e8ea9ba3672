"""A picture of figures, sent as a new message: the one before stays above, to compare."""

from collections.abc import Awaitable, Sequence

from aiogram.types import BufferedInputFile, CallbackQuery, Message

from handlers.staff.common.replies import Row, keyboard, settle, show
from handlers.staff.figures import texts
from services.figures.views import FigureFile
from services.papers.views import CannotPrint


async def send_picture(
    event: Message | CallbackQuery,
    drawing: Awaitable[FigureFile],
    caption: str,
    rows: Sequence[Row],
) -> None:
    """Where no picture can be made, the caption still tells the numbers, and says why."""
    try:
        made = await drawing
    except CannotPrint as refused:
        why = texts.no_fonts() if refused.fonts else texts.not_drawn()
        await show(event, f"{caption}\n\n{why}", rows)
        return
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
