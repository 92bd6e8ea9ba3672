"""Several out of a list, ticked one by one: who is proposed, who is on an agenda.

The dialog's data holds `items` ([id, label] pairs) and `picked` (ids, in the order of the ticks).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, Window
from aiogram_dialog.widgets.input import MessageInput

from handlers.staff.common.replies import fit
from handlers.staff.widgets.buttons import DialogRow, Press
from handlers.staff.widgets.dialog_context import Talk
from handlers.staff.widgets.multi_select_texts import (
    all_of_them,
    cancel,
    cancelled,
    page,
    press_wanted,
)
from handlers.staff.widgets.windows import stop, window

TOGGLE, ALL, PAGE, CONFIRM, CANCEL = "t", "a", "g", "k", "c"
SIZE = 8
"""Lines on one screen."""

Lines = Callable[[Talk], Sequence[str]]
Label = Callable[[int], str]
Confirmed = Callable[[CallbackQuery, Talk, tuple[str, ...]], Awaitable[None]]


def picked(talk: Talk) -> list[str]:
    return list(talk.manager.dialog_data.get("picked", []))


def choices(state: State, lines: Lines, label: Label, confirmed: Confirmed) -> Window:
    """`lines`: what is said above the list; `label`: of the button that confirms so many."""

    async def getter(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
        talk = Talk(dialog_manager)
        return {"text": fit([talk.complaint, *lines(talk)]), "rows": _rows(talk, label)}

    async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
        talk = Talk(manager)
        if press.verb == CANCEL:
            await stop(query, manager, cancelled())
        elif press.verb == CONFIRM and picked(talk):
            await confirmed(query, talk, tuple(picked(talk)))
        else:
            _tick(manager.dialog_data, press)

    return window(state, getter, _heard, pressed)


def _tick(data: dict[str, Any], press: Press) -> None:
    known = [item for item, _ in data["items"]]
    chosen = list(data.get("picked", []))
    if press.verb == TOGGLE and press.argument in known:
        data["picked"] = (
            [item for item in chosen if item != press.argument]
            if press.argument in chosen
            else [*chosen, press.argument]
        )
    elif press.verb == ALL:
        data["picked"] = [] if len(chosen) == len(known) else known
    elif press.verb == PAGE and press.argument.isdecimal():
        data["page"] = int(press.argument)


def _rows(talk: Talk, label: Label) -> list[DialogRow]:
    data, chosen = talk.manager.dialog_data, picked(talk)
    items: list[list[str]] = data["items"]
    count = max(1, -(-len(items) // SIZE))
    number = min(int(data.get("page", 0)), count - 1)
    rows: list[DialogRow] = [
        [(f"✓ {name}" if item in chosen else name, Press("x", TOGGLE, item))]
        for item, name in items[number * SIZE : (number + 1) * SIZE]
    ]
    if count > 1:
        following = Press("x", PAGE, str((number + 1) % count))
        rows.append([(page(number + 1, count), following)])
    if len(items) > 1:
        rows.append([(all_of_them(), Press("x", ALL))])
    if chosen:
        rows.append([(label(len(chosen)), Press("x", CONFIRM))])
    return [*rows, [(cancel(), Press("x", CANCEL))]]


async def _heard(message: Message, source: MessageInput, manager: DialogManager) -> None:
    Talk(manager).complain(press_wanted())
