"""What was found in a branch, and what a branch put right: asked, looked at once more, stored."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, ShowMode
from aiogram_dialog.widgets.input import MessageInput

from domain.rulebook.schema import Requirement
from handlers.staff.common import unfinished_dialogs as kept
from handlers.staff.common.replies import fit, settle, show
from handlers.staff.inspections import texts
from handlers.staff.inspections.callbacks import AnswerCheck, EnterCheck
from handlers.staff.inspections.router import branch_rows
from handlers.staff.widgets.buttons import DialogRow, Press
from handlers.staff.widgets.dialog_context import Talk, take_over
from handlers.staff.widgets.windows import stop, window

PICK, FINE, NEXT, SKIP, BACK, CONFIRM, CANCEL = "p", "f", "n", "k", "b", "s", "c"


class Checking(StatesGroup):
    defects = State()
    note = State()
    summary = State()


class Righting(StatesGroup):
    answer = State()
    summary = State()


async def begin(
    query: CallbackQuery, callback_data: EnterCheck, dialog_manager: DialogManager
) -> None:
    await _start(query, dialog_manager, Checking.defects, callback_data.item)


async def begin_answer(
    query: CallbackQuery, callback_data: AnswerCheck, dialog_manager: DialogManager
) -> None:
    await _start(query, dialog_manager, Righting.answer, callback_data.item)


async def _start(query: CallbackQuery, manager: DialogManager, state: State, item: str) -> None:
    """Only for whoever may see the branch: the service says so, here and at the end."""
    talk = Talk(manager)
    await talk.services.inspections.branch(talk.actor, item, talk.today)
    await settle(query)
    data = {"item": item, "defects": [], "text": ""}
    await kept.begin(manager, state, f"{state.state}:{item}", data)


def known(talk: Talk) -> tuple[Requirement, ...]:
    return talk.services.procedure.current.defects


def chosen(talk: Talk) -> list[Requirement]:
    return [item for item in known(talk) if item.id in talk.manager.dialog_data["defects"]]


async def defects(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    data = dialog_manager.dialog_data
    shown = await talk.services.inspections.branch(talk.actor, data["item"], talk.today)
    rows: list[DialogRow] = [
        [(texts.picked(item, data["defects"]), Press("d", PICK, item.id))] for item in known(talk)
    ]
    rows.append([(texts.fine(), Press("d", FINE)), (texts.following(), Press("d", NEXT))])
    return screen(talk, texts.ask_defects(shown), rows)


async def note(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    rows: list[DialogRow] = [
        [(texts.back(), Press("n", BACK)), (texts.skip(), Press("n", SKIP))],
    ]
    return screen(Talk(dialog_manager), [texts.ask_note()], rows)


async def summary(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    lines = texts.summary(chosen(talk), dialog_manager.dialog_data["text"])
    return screen(talk, lines, [_confirm()])


async def answer(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    item = dialog_manager.dialog_data["item"]
    shown = await talk.services.inspections.branch(talk.actor, item, talk.today)
    return screen(talk, texts.ask_answer(shown, talk.today), [])


async def answer_summary(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    lines = texts.answer_summary(dialog_manager.dialog_data["text"])
    return screen(Talk(dialog_manager), lines, [_confirm()])


def _confirm() -> DialogRow:
    return [(texts.back(), Press("s", BACK)), (texts.confirm(), Press("s", CONFIRM))]


def screen(talk: Talk, lines: list[str], rows: list[DialogRow]) -> dict[str, Any]:
    return {
        "text": fit([talk.complaint, *lines]),
        "rows": [*rows, [(texts.cancel(), Press("x", CANCEL))]],
    }


async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
    if press.verb == CANCEL:
        await kept.forget(manager)
        await stop(query, manager, texts.cancelled())
        return
    act = ACTS.get((manager.current_context().state.state or "", press.verb))
    if act is not None:
        await act(query, Talk(manager), press.argument)
        await kept.keep(manager)


async def _pick(query: CallbackQuery, talk: Talk, argument: str) -> None:
    """On or off."""
    if any(item.id == argument for item in known(talk)):
        picked = set(talk.manager.dialog_data["defects"]) ^ {argument}
        talk.manager.dialog_data["defects"] = sorted(picked)


async def _fine(query: CallbackQuery, talk: Talk, argument: str) -> None:
    talk.manager.dialog_data["defects"] = []
    await talk.manager.switch_to(Checking.note)


async def _next(query: CallbackQuery, talk: Talk, argument: str) -> None:
    if talk.manager.dialog_data["defects"]:
        await talk.manager.switch_to(Checking.note)
    else:
        talk.complain(texts.choose_first())


async def _skip(query: CallbackQuery, talk: Talk, argument: str) -> None:
    talk.manager.dialog_data["text"] = ""
    await talk.manager.switch_to(Checking.summary)


async def _to_defects(query: CallbackQuery, talk: Talk, argument: str) -> None:
    await talk.manager.switch_to(Checking.defects)


async def _to_answer(query: CallbackQuery, talk: Talk, argument: str) -> None:
    await talk.manager.switch_to(Righting.answer)


async def _enter(query: CallbackQuery, talk: Talk, argument: str) -> None:
    data, service = talk.manager.dialog_data, talk.services.inspections
    await service.enter(talk.act("check"), talk.actor, data["item"], data["defects"], data["text"])
    await _close(query, talk, texts.entered())


async def _answer(query: CallbackQuery, talk: Talk, argument: str) -> None:
    data, service = talk.manager.dialog_data, talk.services.inspections
    await service.answer(talk.act("righted"), talk.actor, data["item"], data["text"])
    await _close(query, talk, texts.answered())


async def _close(query: CallbackQuery, talk: Talk, said: str) -> None:
    item = talk.manager.dialog_data["item"]
    shown = await talk.services.inspections.branch(talk.actor, item, talk.today)
    await kept.forget(talk.manager)
    await talk.manager.done(show_mode=ShowMode.NO_UPDATE)
    lines = [said, "", *texts.branch(shown, talk.today)]
    await show(query, fit(lines), branch_rows(shown, talk.actor))


ACTS: Mapping[tuple[str, str], Callable[[CallbackQuery, Talk, str], Awaitable[None]]] = {
    ("Checking:defects", PICK): _pick,
    ("Checking:defects", FINE): _fine,
    ("Checking:defects", NEXT): _next,
    ("Checking:note", SKIP): _skip,
    ("Checking:note", BACK): _to_defects,
    ("Checking:summary", BACK): _to_defects,
    ("Checking:summary", CONFIRM): _enter,
    ("Righting:summary", BACK): _to_answer,
    ("Righting:summary", CONFIRM): _answer,
}
"""By the screen that is shown: a button of an earlier one does nothing."""


async def heard(message: Message, source: MessageInput, manager: DialogManager) -> None:
    said = "" if message.forward_origin else (message.text or "").strip()
    if not texts.LEAST <= len(said) <= texts.MOST:
        Talk(manager).complain(texts.text_wanted())
        return
    manager.dialog_data["text"] = said
    checking = manager.current_context().state == Checking.note
    await manager.switch_to(Checking.summary if checking else Righting.summary)
    await kept.keep(manager)


async def press_wanted(message: Message, source: MessageInput, manager: DialogManager) -> None:
    Talk(manager).complain(texts.press_only())


def build() -> tuple[Dialog, Dialog]:
    checking = Dialog(
        window(Checking.defects, defects, press_wanted, pressed),
        window(Checking.note, note, heard, pressed),
        window(Checking.summary, summary, press_wanted, pressed),
        on_start=take_over,
        name="entering a check",
    )
    righting = Dialog(
        window(Righting.answer, answer, heard, pressed),
        window(Righting.summary, answer_summary, press_wanted, pressed),
        on_start=take_over,
        name="putting right",
    )
    return checking, righting


def build_entrance() -> Router:
    router = Router(name="inspections entrance")
    router.callback_query.register(begin, EnterCheck.filter())
    router.callback_query.register(begin_answer, AnswerCheck.filter())
    return router
