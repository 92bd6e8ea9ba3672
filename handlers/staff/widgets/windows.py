"""A screen of a conversation: a text, its buttons, an ear. Every dialog's screens are made here."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode, Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.text import Format

from handlers.staff.common import navigation as ways
from handlers.staff.common.replies import show
from handlers.staff.widgets.buttons import OnPress, Rows

Getter = Callable[..., Awaitable[dict[str, Any]]]
"""Gives `text` (HTML) and `rows` (a sequence of DialogRow)."""
OnMessage = Callable[[Message, MessageInput, DialogManager], Awaitable[None]]


def window(state: State, getter: Getter, heard: OnMessage, pressed: OnPress) -> Window:
    """What `getter` gives is shown; a message goes to `heard`, a press to `pressed`."""
    return Window(
        Format("{text}"),
        Rows(pressed),
        MessageInput(heard),
        state=state,
        getter=getter,
        parse_mode="HTML",
    )


async def stop(query: CallbackQuery, manager: DialogManager, said: str) -> None:
    """Close a conversation of which nothing is kept, with a way on below what is said of it."""
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(query, said, [[ways.todo()]])
