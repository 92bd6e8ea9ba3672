"""Putting candidates on an agenda."""

from collections.abc import Sequence
from datetime import date

from aiogram import Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode

from domain.rulebook.schema import Body
from handlers.staff.common.replies import fit, settle, show
from handlers.staff.meetings import texts
from handlers.staff.meetings.callbacks import Convene
from handlers.staff.meetings.screens import meeting_rows, onward
from handlers.staff.widgets import multi_select as choosing
from handlers.staff.widgets.dialog_context import Talk, take_over
from services.container import Services
from services.people.views import Actor


class Agenda(StatesGroup):
    choosing = State()


async def begin(
    query: CallbackQuery,
    callback_data: Convene,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    body = callback_data.body
    found = await services.meetings.candidates(actor, body, callback_data.organisation, today)
    ready = [item for item in found if not item.why]
    off = [item for item in found if item.why]
    if not ready:
        await show(query, fit([texts.nobody(body), *texts.not_ready(off, today)]), [onward()])
        return
    await settle(query)
    data = {
        "body": body.value,
        "organisation": callback_data.organisation,
        "items": [[item.case_id, texts.candidate(item)] for item in ready],
        "lines": texts.choose(body, ready, off, today),
    }
    await dialog_manager.start(Agenda.choosing, data, mode=StartMode.RESET_STACK)


def lines(talk: Talk) -> Sequence[str]:
    said: list[str] = talk.manager.dialog_data["lines"]
    return said


async def confirmed(query: CallbackQuery, talk: Talk, chosen: tuple[str, ...]) -> None:
    data = talk.manager.dialog_data
    view = await talk.services.meetings.convene(
        talk.act("convene"), talk.actor, Body(data["body"]), data["organisation"], chosen
    )
    await talk.manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(query, fit(texts.meeting(view)), meeting_rows(view))


def build() -> Dialog:
    return Dialog(
        choosing.choices(Agenda.choosing, lines, texts.convened, confirmed),
        on_start=take_over,
        name="an agenda",
    )


def build_entrance() -> Router:
    router = Router(name="agenda entrance")
    router.callback_query.register(begin, Convene.filter())
    return router
