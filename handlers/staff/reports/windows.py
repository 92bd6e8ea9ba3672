"""A screen of the conversations about reports."""

from typing import Any

from aiogram.fsm.state import State
from aiogram_dialog import Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.text import Format

from handlers.staff.rows import OnPress, Rows


def window(state: State, getter: Any, listens: Any, pressed: OnPress) -> Window:
    return Window(
        Format("{text}"),
        Rows(pressed),
        MessageInput(listens),
        state=state,
        getter=getter,
        parse_mode="HTML",
    )
