"""The conversation itself: three screens, whatever the step."""

from aiogram_dialog import Dialog

from handlers.staff.form import messages, view
from handlers.staff.form.presses import pressed
from handlers.staff.form.states import Filling
from handlers.staff.widgets.dialog_context import take_over
from handlers.staff.widgets.windows import window


def build() -> Dialog:
    return Dialog(
        window(Filling.reason, view.reason, messages.reason, pressed),
        window(Filling.asking, view.asking, messages.heard, pressed),
        window(Filling.summary, view.summary, messages.heard, pressed),
        on_start=take_over,
        name="filling",
    )
