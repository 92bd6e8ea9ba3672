"""The conversation itself: three screens, whatever the step."""

from typing import Any

from aiogram.fsm.state import State
from aiogram_dialog import Dialog, DialogManager, Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.input.base import MessageHandlerFunc
from aiogram_dialog.widgets.text import Format

from handlers.staff.form.buttons import Rows
from handlers.staff.form.incoming import messages
from handlers.staff.form.incoming.presses import pressed
from handlers.staff.form.screens import view
from handlers.staff.form.session import Filling


def build() -> Dialog:
    return Dialog(
        _window(Filling.reason, messages.reason),
        _window(Filling.asking, messages.heard),
        _window(Filling.summary, messages.heard),
        on_start=_take_over,
        name="filling",
    )


def _window(state: State, heard: MessageHandlerFunc) -> Window:
    return Window(
        Format("{text}"),
        Rows(pressed),
        MessageInput(heard),
        state=state,
        getter=view.shown,
        parse_mode="HTML",
    )


async def _take_over(start_data: Any, manager: DialogManager) -> None:
    """Make the draft that a conversation was started with its data, and keep it once only."""
    manager.dialog_data.update(start_data or {})
    manager.current_context().start_data = None
