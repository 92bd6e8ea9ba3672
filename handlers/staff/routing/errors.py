"""The one place that turns refusals into words and old buttons into the fresh screen."""

from datetime import date
from typing import Any

from aiogram import Router
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import CallbackQuery, ErrorEvent, Message
from aiogram_dialog import DialogManager, ShowMode
from aiogram_dialog.api.exceptions import OutdatedIntent, UnknownIntent, UnknownState

from handlers.staff.cases.callbacks import (
    AnytimeCallback,
    EntriesCallback,
    GuideCallback,
    ReadCallback,
    RecordsCallback,
)
from handlers.staff.cases.screens import card_rows, card_text
from handlers.staff.city_moves.callbacks import LeaveCallback
from handlers.staff.common.callbacks import CardCallback, DropCallback, FillCallback, ToSignCallback
from handlers.staff.common.destinations import View
from handlers.staff.common.middleware import Interpreter
from handlers.staff.common.replies import settle, show, tell
from handlers.staff.form.buttons import is_confirm
from handlers.staff.shared import refusal_texts as texts
from handlers.staff.shared import texts as words
from handlers.staff.shared.refusals import NotOpened
from handlers.staff.todo.router import todo
from services.container import Services
from services.core.errors import AnswersRefused, NotInvited, RecordAltered, Refusal, StepNotOpen
from services.people.views import Actor

OF_A_CASE = (
    AnytimeCallback,
    CardCallback,
    DropCallback,
    EntriesCallback,
    FillCallback,
    GuideCallback,
    LeaveCallback,
    ReadCallback,
    RecordsCallback,
    ToSignCallback,
)


def words_for(refusal: Refusal) -> str:
    """Who may not see something is told the same as if it weren't there."""
    if isinstance(refusal, AnswersRefused):
        return texts.answers_refused(refusal.problems)
    if isinstance(refusal, NotOpened):
        return texts.not_opened(refusal)
    if isinstance(refusal, StepNotOpen):
        return texts.step_not_open(refusal.problems)
    if isinstance(refusal, RecordAltered | NotInvited):
        return texts.kept_out(refusal)
    return texts.not_found()


async def refused(error: ErrorEvent, **data: Any) -> None:
    """Say a refusal below what is there, then show how things stand now."""
    event = error.update.event
    if isinstance(error.exception, NotOpened) and isinstance(event, Message | CallbackQuery):
        await fresh(event, said=words_for(error.exception), **data)
    elif isinstance(error.exception, Refusal) and isinstance(event, Message | CallbackQuery):
        await tell(event, words_for(error.exception))
        # Whose post was ended while this was handled sees nothing more either.
        if not isinstance(error.exception, NotInvited):
            await fresh(event, **data)


async def outdated(
    error: ErrorEvent, dialog_manager: DialogManager | None = None, **data: Any
) -> None:
    """A button of a conversation that is over, or of an earlier screen."""
    event = error.update.event
    data["dialog_manager"] = dialog_manager
    if isinstance(event, CallbackQuery):
        still_open = dialog_manager is not None and dialog_manager.has_context()
        if is_confirm(event.data or "") and not still_open:
            # Mostly tapped twice: what stands there says whether it was saved, and has to stay.
            await settle(event, texts.nothing_saved_again())
            return
        await settle(event, words.button_expired())
        await fresh(event, **data)


async def fresh(
    event: Message | CallbackQuery,
    services: Services,
    actor: Actor | None,
    today: date,
    dialog_manager: DialogManager | None = None,
    said: str = "",
    **_: Any,
) -> None:
    """Show the conversation that is open, else the case that was meant, else what is to do; never
    an error alone, which would leave somebody before a dead button. `said`: why, above the case,
    with which it goes when the next form takes its place; else in a message before."""
    if actor is None:
        return
    case = case_of(event.data or "") if isinstance(event, CallbackQuery) else None
    is_open = dialog_manager is not None and dialog_manager.has_context()
    if said and (is_open or case is None):
        await tell(event, said)
        said = ""
    if dialog_manager is not None and dialog_manager.has_context():
        try:
            # Sent anew below the refusal: above it, nobody would look for the question.
            await dialog_manager.show(ShowMode.SEND)
            return
        # What it is about was taken away meanwhile: left open, it would refuse every word to come.
        except Refusal:
            await dialog_manager.reset_stack(remove_keyboard=True)
    if case is None:
        await todo(event, services, actor, today)
        return
    try:
        card = await services.cases.card(actor, case, today)
    # The case may be closed to them by now; what there is to do they may always see.
    except Refusal:
        await todo(event, services, actor, today)
        return
    above = [said, ""] if said else []
    await show(event, card_text(card, today, View.SHORT, above), card_rows(card, actor, View.SHORT))


def case_of(data: str) -> str | None:
    """The case that an old button is about."""
    for kind in OF_A_CASE:
        # With the separator: the prefix d begins da and db as well.
        if data.startswith(f"{kind.__prefix__}{kind.__separator__}"):
            # The case is the first field of every one of them.
            return data.split(kind.__separator__)[1]
    return None


def build() -> Router:
    router = Router(name="errors")
    router.errors.register(refused, ExceptionTypeFilter(Refusal))
    router.errors.register(
        outdated, ExceptionTypeFilter(OutdatedIntent, UnknownIntent, UnknownState)
    )
    router.errors.outer_middleware(Interpreter())
    return router
