"""Saying things: one message, fitted to the messenger's limits, edited where that is possible."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)
from aiogram_dialog import DialogManager, ShowMode

from handlers.staff.shared import texts

LONGEST = 3900
"""Characters of a message; the messenger allows 4096 and counts entities differently."""
LABEL = 44
"""Characters of a button; more can't be read on a phone."""

Row = Sequence[tuple[str, CallbackData]]


class File(Protocol):
    """A file as every service gives it."""

    @property
    def name(self) -> str: ...
    @property
    def content(self) -> bytes: ...


def label_of(text: str, most: int = LABEL) -> str:
    """`text` as a button shows it: on one line, at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def fits(lines: Sequence[str]) -> bool:
    """Whether lines are shown whole as one message."""
    return sum(len(line) + 1 for line in (*lines, *texts.footnote(lines))) <= LONGEST


def fit(lines: Iterable[str]) -> str:
    """Lines as one message. Cut between lines only, so that no tag is broken."""
    kept: list[str] = []
    said = [*lines]
    note = texts.footnote(said)
    room = LONGEST - sum(len(line) + 1 for line in note)
    for line in said:
        room -= len(line) + 1
        if room < 0:
            kept.append(texts.cut())
            break
        kept.append(line)
    return "\n".join([*kept, *note]).strip()


def keyboard(rows: Iterable[Row]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text=label_of(label), callback_data=data.pack())
                for label, data in row
            ]
            for row in rows
            if row
        ]
    )


def in_rows(buttons: Row, wide: int) -> list[Row]:
    """Short buttons side by side, `wide` in a row: a phone shows the more of them."""
    return [buttons[index : index + wide] for index in range(0, len(buttons), wide)]


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
    # First: the edit may have to wait, and the pressed button shows a clock until then.
    await settle(event)
    # Under an old message the messenger says only that there is one: it can't be edited any more.
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


async def tell(event: Message | CallbackQuery, text: str, rows: Sequence[Row] = ()) -> None:
    """One sentence below what is there; nothing on the screen changes."""
    markup = keyboard(rows) if rows else None
    if isinstance(event, Message):
        await event.answer(text, reply_markup=markup, parse_mode="HTML")
    elif event.bot is not None:
        await settle(event)
        await event.bot.send_message(
            event.from_user.id, text, reply_markup=markup, parse_mode="HTML"
        )


async def settle(query: CallbackQuery, text: str | None = None) -> None:
    """Answer a press: without that its button would show that it is working for some more seconds.
    Of several answers to one press the bot's session lets the first through."""
    await query.answer(text)


async def send_file(
    event: Message | CallbackQuery, file: File, said: str, rows: Iterable[Row] = ()
) -> None:
    """Send a file as a new message: the list above it stays, for the next one."""
    if isinstance(event, CallbackQuery):
        await settle(event)
    if event.bot is not None and event.from_user is not None:
        await deliver(event.bot, event.from_user.id, file, said, rows)


async def deliver(bot: Bot, chat: int, file: File, said: str, rows: Iterable[Row] = ()) -> None:
    """Send one file of several: the press was answered before the first."""
    await bot.send_document(
        chat,
        BufferedInputFile(file.content, file.name),
        caption=said,
        parse_mode="HTML",
        reply_markup=keyboard(rows),
    )


async def close(
    event: Message | CallbackQuery, manager: DialogManager, text: str, rows: Iterable[Row] = ()
) -> None:
    """End the open form and answer in its place."""
    # Else aiogram-dialog would take the buttons off the question that the answer replaces anyway.
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(event, text, rows)


async def again(manager: DialogManager) -> None:
    """Ask an open question once more, below what was said in between: above it nobody looks."""
    if manager.has_context():
        await manager.show(ShowMode.SEND)
