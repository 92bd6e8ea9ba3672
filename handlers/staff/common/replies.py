"""Saying things: one message, fitted to the messenger's limits, edited where that is possible."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram_dialog import DialogManager, ShowMode

from handlers.staff.shared import texts

LONGEST = 3900
"""Characters of a message; the messenger allows 4096 and counts entities differently."""
LABEL = 44
"""Characters of a button; more can't be read on a phone."""

Row = Sequence[tuple[str, CallbackData]]


def clip(text: str, length: int) -> str:
    """`text` on one line, at most `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def fit(lines: Iterable[str]) -> str:
    """Lines as one message. Cut between lines only, so that no tag is broken."""
    kept: list[str] = []
    room = LONGEST
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            kept.append(texts.cut())
            break
        kept.append(line)
    return "\n".join(kept).strip()


def keyboard(rows: Iterable[Row]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text=clip(label, LABEL), callback_data=data.pack())
                for label, data in row
            ]
            for row in rows
            if row
        ]
    )


async def show(
    event: Message | CallbackQuery,
    text: str,
    rows: Iterable[Row] = (),
    *,
    protect: bool = False,
) -> None:
    """Answer with a screen: in place of the pressed message, else as a new one.

    `protect`: the messenger refuses to forward or save it, which only new messages can be.
    """
    markup = keyboard(rows)
    if isinstance(event, Message):
        await event.answer(text, reply_markup=markup, parse_mode="HTML", protect_content=protect)
        return
    await settle(event)
    if not isinstance(event.message, Message):
        await _send(event, text, markup, protect)
    elif protect or not await _edit(event.message, text, markup):
        await event.message.answer(
            text, reply_markup=markup, parse_mode="HTML", protect_content=protect
        )


async def _send(
    query: CallbackQuery, text: str, markup: InlineKeyboardMarkup, protect: bool
) -> None:
    if query.bot is not None:
        await query.bot.send_message(
            query.from_user.id,
            text,
            reply_markup=markup,
            parse_mode="HTML",
            protect_content=protect,
        )


async def _edit(message: Message, text: str, markup: InlineKeyboardMarkup) -> bool:
    """False when the messenger won't edit this message (any more)."""
    try:
        await message.edit_text(text, reply_markup=markup, parse_mode="HTML")
    except TelegramBadRequest as refused:
        # Pressed twice: the screen says it already, and a second message would only repeat it.
        return "message is not modified" in refused.message
    return True


async def tell(event: Message | CallbackQuery, text: str) -> None:
    """One sentence below what is there; nothing on the screen changes."""
    if isinstance(event, Message):
        await event.answer(text, parse_mode="HTML")
    elif event.bot is not None:
        await settle(event)
        await event.bot.send_message(event.from_user.id, text, parse_mode="HTML")


async def settle(query: CallbackQuery, text: str | None = None) -> None:
    """Answer a press. One that waited too long can't be answered any more; that changes nothing."""
    with suppress(TelegramBadRequest):
        await query.answer(text)


async def again(manager: DialogManager) -> None:
    """Ask an open question once more, below what was said in between: above it nobody looks."""
    if manager.has_context():
        await manager.show(ShowMode.SEND)
