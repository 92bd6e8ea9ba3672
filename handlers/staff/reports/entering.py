"""Letters, visits and calls entered by the department, and notes while a report is checked."""

from typing import Any

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode
from aiogram_dialog.widgets.input import MessageInput

from domain.reports import ON_PAPER
from handlers.staff.common.callbacks import Go
from handlers.staff.common.destinations import Place
from handlers.staff.common.replies import fit, settle, show
from handlers.staff.reports import entering_texts as texts
from handlers.staff.reports.callbacks import NoteReport
from handlers.staff.reports.router import rows as card_rows
from handlers.staff.reports.texts import card as card_lines
from handlers.staff.reports.texts import channel
from handlers.staff.widgets.buttons import DialogRow, Press
from handlers.staff.widgets.dialog_context import Talk, take_over
from handlers.staff.widgets.windows import stop, window
from services.container import Services
from services.people.views import Actor

CANCEL, PICK, AGAIN, CONFIRM = "c", "p", "a", "k"
NOBODY = "-"


class Entering(StatesGroup):
    channel = State()
    about = State()
    what = State()
    summary = State()
    note = State()


async def begin(
    query: CallbackQuery, services: Services, actor: Actor, dialog_manager: DialogManager
) -> None:
    await services.reports.register_of(actor)
    await settle(query)
    await dialog_manager.start(Entering.channel, {}, mode=StartMode.RESET_STACK)


async def begin_note(
    query: CallbackQuery,
    callback_data: NoteReport,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    card = await services.reports.card(actor, callback_data.report)
    await settle(query)
    data = {"report": card.report_id}
    await dialog_manager.start(Entering.note, data, mode=StartMode.RESET_STACK)


def screen(manager: DialogManager, text: str, rows: list[DialogRow]) -> dict[str, Any]:
    last: DialogRow = [(texts.cancel(), Press("x", CANCEL))]
    return {"text": fit([Talk(manager).complaint, text]), "rows": [*rows, last]}


async def ask_channel(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    rows: list[DialogRow] = [[(channel(name), Press("c", PICK, name))] for name in ON_PAPER]
    return screen(dialog_manager, texts.ask_channel(), rows)


async def ask_about(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    found = dialog_manager.dialog_data.get("found", [])
    rows: list[DialogRow] = [[(name, Press("a", PICK, case))] for case, name in found]
    rows.append([(texts.nobody(), Press("a", PICK, NOBODY))])
    return screen(dialog_manager, texts.ask_about(), rows)


async def ask_what(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    return screen(dialog_manager, texts.ask_what(dialog_manager.dialog_data["about"]), [])


async def summary(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    data = dialog_manager.dialog_data
    rows: list[DialogRow] = [
        [(texts.confirm(), Press("s", CONFIRM))],
        [(texts.again(), Press("s", AGAIN))],
    ]
    text = texts.summary(data["channel"], data["about"], data["text"])
    return screen(dialog_manager, text, rows)


async def ask_note(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    return screen(dialog_manager, texts.ask_note(), [])


async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
    data, state = manager.dialog_data, manager.current_context().state
    if press.verb == CANCEL:
        await stop(query, manager, texts.cancelled())
    elif press.verb == PICK and state == Entering.channel and press.argument in ON_PAPER:
        data["channel"] = press.argument
        await manager.switch_to(Entering.about)
    elif press.verb == PICK and state == Entering.about:
        names = dict(data.get("found", []))
        data["case"], data["about"] = press.argument, names.get(press.argument, "")
        await manager.switch_to(Entering.what)
    elif press.verb == AGAIN and state == Entering.summary:
        await manager.switch_to(Entering.what)
    elif press.verb == CONFIRM and state == Entering.summary:
        await enter(query, Talk(manager))


async def enter(query: CallbackQuery, talk: Talk) -> None:
    data, reports = talk.manager.dialog_data, talk.services.reports
    case = None if data["case"] == NOBODY else data["case"]
    report = await reports.register(
        talk.act("register"), talk.actor, data["channel"], data["text"], case
    )
    card = await reports.card(talk.actor, report)
    await talk.manager.done(show_mode=ShowMode.NO_UPDATE)
    lines = [texts.entered(), "", *card_lines(card, talk.today)]
    await show(query, fit(lines), card_rows(card, talk.actor))


def text_of(message: Message) -> str:
    return "" if message.forward_origin else (message.text or "").strip()


async def named(message: Message, source: MessageInput, manager: DialogManager) -> None:
    talk, name = Talk(manager), text_of(message)
    page = await talk.services.cases.search(talk.actor, talk.today, name) if name else None
    if page is None or not page.total:
        talk.complain(texts.none_found(name))
        return
    manager.dialog_data["found"] = [
        [line.case_id, f"{line.person} · {line.organisation}"] for line in page.lines
    ]


async def heard(message: Message, source: MessageInput, manager: DialogManager) -> None:
    said = text_of(message)
    if texts.LEAST <= len(said) <= texts.MOST:
        manager.dialog_data["text"] = said
        await manager.switch_to(Entering.summary)
    else:
        Talk(manager).complain(texts.words_wanted())


async def note(message: Message, source: MessageInput, manager: DialogManager) -> None:
    talk, said = Talk(manager), text_of(message)
    if not texts.LEAST <= len(said) <= texts.MOST:
        talk.complain(texts.words_wanted())
        return
    report = manager.dialog_data["report"]
    card = await talk.services.reports.note(talk.act("note"), talk.actor, report, said)
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    lines = [texts.noted(), "", *card_lines(card, talk.today)]
    await show(message, fit(lines), card_rows(card, talk.actor))


async def press_wanted(message: Message, source: MessageInput, manager: DialogManager) -> None:
    Talk(manager).complain(texts.press_wanted())


def build() -> Dialog:
    return Dialog(
        window(Entering.channel, ask_channel, press_wanted, pressed),
        window(Entering.about, ask_about, named, pressed),
        window(Entering.what, ask_what, heard, pressed),
        window(Entering.summary, summary, press_wanted, pressed),
        window(Entering.note, ask_note, note, pressed),
        on_start=take_over,
        name="entering a report",
    )


def build_entrance() -> Router:
    router = Router(name="entering entrance")
    router.callback_query.register(begin, Go.filter(F.place == Place.ENTER_REPORT))
    router.callback_query.register(begin_note, NoteReport.filter())
    return router
