"""The conversation itself: three screens, whatever the step."""

from aiogram_dialog import Dialog, Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.text import Format

from handlers.staff.form import messages, view
from handlers.staff.form.presses import pressed
from handlers.staff.form.states import Filling
from handlers.staff.rows import Rows
from handlers.staff.talk import take_over


def build() -> Dialog:
    return Dialog(
        Window(
            Format("{text}"),
            Rows(pressed),
            MessageInput(messages.reason),
            state=Filling.reason,
            getter=view.reason,
            parse_mode="HTML",
        ),
        Window(
            Format("{text}"),
            Rows(pressed),
            MessageInput(messages.heard),
            state=Filling.asking,
            getter=view.asking,
            parse_mode="HTML",
        ),
        Window(
            Format("{text}"),
            Rows(pressed),
            MessageInput(messages.heard),
            state=Filling.summary,
            getter=view.summary,
            parse_mode="HTML",
        ),
        on_start=take_over,
        name="filling",
    )
