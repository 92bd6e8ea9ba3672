"""Proposing names, and writing why one goes back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from aiogram import Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode
from aiogram_dialog.widgets.input import MessageInput

from handlers.staff.common import navigation as ways
from handlers.staff.common.replies import Row, fit, settle, show
from handlers.staff.plans import texts
from handlers.staff.plans.callbacks import Plan, Propose, ReturnName
from handlers.staff.plans.router import next_name
from handlers.staff.widgets import multi_select as choosing
from handlers.staff.widgets.buttons import Press
from handlers.staff.widgets.dialog_context import Talk, take_over
from handlers.staff.widgets.multi_select_texts import cancel, cancelled
from handlers.staff.widgets.windows import stop, window
from services.container import Services
from services.people.views import Actor


class Proposing(StatesGroup):
    choosing = State()


class Returning(StatesGroup):
    reason = State()


async def begin(
    query: CallbackQuery,
    callback_data: Propose,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    view = await services.plans.view(actor, callback_data.year, today)
    if not view.proposable:
        await show(query, texts.may_propose(0), [_back(view.year)])
        return
    await settle(query)
    items = [[choice.person_id, choice.name] for choice in view.proposable]
    data = {"year": view.year, "items": items}
    await dialog_manager.start(Proposing.choosing, data, mode=StartMode.RESET_STACK)


def _back(year: int) -> Row:
    return [(texts.to_plan(), Plan(year=year)), ways.todo()]


def lines(talk: Talk) -> Sequence[str]:
    return texts.choose(talk.manager.dialog_data["year"])


async def propose(query: CallbackQuery, talk: Talk, chosen: tuple[str, ...]) -> None:
    year = talk.manager.dialog_data["year"]
    names = await talk.services.plans.propose(talk.act("propose"), talk.actor, year, chosen)
    await talk.manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(query, fit(texts.proposed(names)), [_back(year)])


async def send_back(
    query: CallbackQuery,
    callback_data: ReturnName,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    line = await services.plans.line(actor, callback_data.item)
    await settle(query)
    data = {"item": line.item_id, "ask": texts.ask_reason(line)}
    await dialog_manager.start(Returning.reason, data, mode=StartMode.RESET_STACK)


async def reason(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    said = fit([talk.complaint, dialog_manager.dialog_data["ask"]])
    return {"text": said, "rows": [[(cancel(), Press("x", "c"))]]}


async def heard(message: Message, source: MessageInput, manager: DialogManager) -> None:
    talk = Talk(manager)
    said = "" if message.forward_origin else (message.text or "").strip()
    if not texts.LEAST <= len(said) <= texts.MOST:
        talk.complain(texts.reason_wanted())
        return
    line = await talk.services.plans.check(
        talk.act("check"), talk.actor, manager.dialog_data["item"], said
    )
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    told = texts.returned(line)
    await next_name(message, talk.services, talk.actor, line.year, talk.today, said=told)


async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
    await stop(query, manager, cancelled())


def build() -> tuple[Dialog, Dialog]:
    """The two conversations."""
    return (
        Dialog(
            choosing.choices(Proposing.choosing, lines, texts.propose, propose),
            on_start=take_over,
            name="proposing for a plan",
        ),
        Dialog(
            window(Returning.reason, reason, heard, pressed),
            on_start=take_over,
            name="returning a name",
        ),
    )


def build_entrance() -> Router:
    router = Router(name="plan entrance")
    router.callback_query.register(begin, Propose.filter())
    router.callback_query.register(send_back, ReturnName.filter())
    return router
