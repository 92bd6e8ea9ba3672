"""Dialog buttons that come from data: one widget for every question, so a question is a value.

A button carries `mark.verb.argument`. The mark says which screen it was shown on: a second tap, or
a tap on an older screen of the same conversation, is seen and changes nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any

from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup
from aiogram_dialog import DialogManager
from aiogram_dialog.api.internal import RawKeyboard
from aiogram_dialog.api.internal.widgets import MarkupFactory
from aiogram_dialog.api.protocols import DialogProtocol
from aiogram_dialog.widgets.kbd import Keyboard

from handlers.staff.common.replies import label_of

WIDGET = "b"
CONTEXT = "\x1d"
"""What the library puts between the id of a conversation and the button's own data."""
NOTHING = "."
"""A verb that does nothing: a heading among the buttons."""


ONWARD = "on"
"""Of a button that confirms and goes straight on."""


@unique
class Verb(StrEnum):
    """What a button does."""

    PICK = "p"
    TOGGLE = "t"
    ALL = "a"
    NEXT = "o"
    BACK = "b"
    SKIP = "k"
    SUMMARY = "z"
    LATER = "l"
    CANCEL = "c"
    HOW = "h"
    DAY = "d"
    MONTH = "m"
    LAST_PROOF = "r"
    RIGHT = "y"
    WRONG = "n"
    PAGE = "g"
    CHANGE = "e"
    MISSING = "i"
    CONFIRM = "s"
    AGAIN = "u"
    SET = "q"
    TICK = "v"
    ALONE = "w"
    LISTING = "x"
    TRUE = "j"
    SAVE = "f"


@dataclass(frozen=True)
class FormPress:
    mark: str
    verb: str
    argument: str = ""

    def pack(self) -> str:
        return f"{self.mark}.{self.verb}.{self.argument}"

    @classmethod
    def unpack(cls, data: str) -> "FormPress":
        # Callback data may be forged: what is left out is empty, and does nothing.
        mark, verb, argument = [*data.split(".", 2), "", ""][:3]
        return cls(mark, verb or NOTHING, argument)


def is_confirm(data: str) -> bool:
    """Whether callback data, as the messenger brings it, is that of a button that saves."""
    _, _, packed = data.partition(f"{CONTEXT}{WIDGET}:")
    return bool(packed) and FormPress.unpack(packed).verb in (Verb.CONFIRM, Verb.SAVE)


DialogRow = Sequence[tuple[str, FormPress]]
OnPress = Callable[[CallbackQuery, FormPress, DialogManager], Awaitable[None]]


class DialogKeyboard(Keyboard):
    """Draws `data["rows"]`, a sequence of DialogRow, and hands a press to `on_press`. Its window
    has `WholeButtons`."""

    def __init__(self, on_press: OnPress) -> None:
        # One letter: the library's prefix, mark, verb and an id share 64 bytes.
        super().__init__(id=WIDGET)
        self.on_press = on_press

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:
        rows: Sequence[DialogRow] = data["rows"]
        prefix: str = self.callback_prefix()  # type: ignore[no-untyped-call]
        prefix = f"{manager.current_context().id}{CONTEXT}{prefix}"
        return [
            [
                InlineKeyboardButton(text=label_of(label), callback_data=f"{prefix}{press.pack()}")
                for label, press in row
            ]
            for row in rows
            if row
        ]

    async def _process_item_callback(
        self, callback: CallbackQuery, data: str, dialog: DialogProtocol, manager: DialogManager
    ) -> bool:
        await self.on_press(callback, FormPress.unpack(data), manager)
        return True


class WholeButtons(MarkupFactory):
    """Takes buttons as they are. The library's own factory puts the id of the conversation before
    the data of each, which checks every button a second time."""

    async def render_markup(
        self, data: dict[str, Any], manager: DialogManager, keyboard: Any
    ) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(inline_keyboard=keyboard)
