"""Settling a report: the finding, the answer, a last look."""

from typing import Any

from aiogram import Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode
from aiogram_dialog.widgets.input import MessageInput

from domain.reports import RegisterState
from domain.rulebook.schema import ReportFinding
from handlers.staff.common.replies import fit, settle, show
from handlers.staff.reports import texts
from handlers.staff.reports.callbacks import DecideReport
from handlers.staff.reports.router import rows as card_rows
from handlers.staff.widgets.buttons import DialogRow, Press
from handlers.staff.widgets.dialog_context import Talk, take_over
from handlers.staff.widgets.windows import stop, window
from services.container import Services
from services.people.views import Actor

CANCEL, PICK, REWRITE, CONFIRM = "c", "p", "a", "k"
SAME = "same"
"""In place of a finding: the one there is stays."""


class Settling(StatesGroup):
    finding = State()
    answer = State()
    summary = State()


async def begin(
    query: CallbackQuery,
    callback_data: DecideReport,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    card = await services.reports.card(actor, callback_data.report)
    await settle(query)
    data = {"report": card.report_id, "again": card.state is RegisterState.AGAIN}
    await dialog_manager.start(Settling.finding, data, mode=StartMode.RESET_STACK)


def findings(talk: Talk) -> tuple[ReportFinding, ...]:
    return talk.services.procedure.current.findings


def picked(talk: Talk) -> ReportFinding | None:
    """None: the finding there is stays."""
    chosen = talk.manager.dialog_data["finding"]
    return None if chosen == SAME else talk.services.procedure.current.finding(chosen)


async def finding(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    rows: list[DialogRow] = [
        [(texts.finding(item), Press("f", PICK, item.id))] for item in findings(talk)
    ]
    if dialog_manager.dialog_data["again"]:
        rows = [[(texts.same_finding(), Press("f", PICK, SAME))], *rows]
    return screen(talk, texts.ask_finding(), rows)


async def answer(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    return screen(talk, texts.ask_answer(picked(talk)), [])


async def summary(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    rows: list[DialogRow] = [
        [(texts.confirm(), Press("s", CONFIRM))],
        [(texts.again(), Press("s", REWRITE))],
    ]
    return screen(talk, texts.summary(picked(talk), dialog_manager.dialog_data["answer"]), rows)


def screen(talk: Talk, text: str, rows: list[DialogRow]) -> dict[str, Any]:
    return {
        "text": fit([talk.complaint, text]),
        "rows": [*rows, [(texts.cancel(), Press("x", CANCEL))]],
    }


async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
    talk = Talk(manager)
    known = {item.id for item in findings(talk)}
    if manager.dialog_data["again"]:
        known.add(SAME)
    if press.verb == CANCEL:
        await stop(query, manager, texts.cancelled())
    elif press.verb == PICK and press.argument in known:
        manager.dialog_data["finding"] = press.argument
        await manager.switch_to(Settling.answer)
    elif press.verb == REWRITE:
        await manager.switch_to(Settling.answer)
    elif press.verb == CONFIRM and manager.current_context().state == Settling.summary:
        await decide(query, talk)


async def decide(query: CallbackQuery, talk: Talk) -> None:
    data, chosen = talk.manager.dialog_data, picked(talk)
    card = await talk.services.reports.decide(
        talk.act("decide"), talk.actor, data["report"], chosen.id if chosen else "", data["answer"]
    )
    said = texts.decided(chosen)
    await talk.manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(query, said, card_rows(card, talk.actor))


async def heard(message: Message, source: MessageInput, manager: DialogManager) -> None:
    said = "" if message.forward_origin else (message.text or "").strip()
    if texts.LEAST <= len(said) <= texts.MOST:
        manager.dialog_data["answer"] = said
        await manager.switch_to(Settling.summary)
    else:
        Talk(manager).complain(texts.answer_wanted())


async def press_wanted(message: Message, source: MessageInput, manager: DialogManager) -> None:
    Talk(manager).complain(texts.press_wanted())


def build() -> Dialog:
    return Dialog(
        window(Settling.finding, finding, press_wanted, pressed),
        window(Settling.answer, answer, heard, pressed),
        window(Settling.summary, summary, press_wanted, pressed),
        on_start=take_over,
        name="settling a report",
    )


def build_entrance() -> Router:
    router = Router(name="settling entrance")
    router.callback_query.register(begin, DecideReport.filter())
    return router
