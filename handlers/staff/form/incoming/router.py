"""Into the conversation, and out of it by /cancel."""

from datetime import date
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, StartMode

from handlers.staff.common import navigation
from handlers.staff.common.callbacks import DropCallback, FillCallback, FixCallback
from handlers.staff.common.replies import settle, show, tell
from handlers.staff.form import texts
from handlers.staff.form.answers import FormData
from handlers.staff.form.button_texts import CALLED_OFF
from handlers.staff.form.incoming.presses import give_up
from handlers.staff.form.incoming.reading import words_of
from handlers.staff.form.session import Filling, FormSession, open_form
from handlers.staff.form.step_form import StepForm
from services.casefile.update_context import UpdateContext
from services.container import Services
from services.core.acts import Acts
from services.intake.links import FILL
from services.people.views import Actor


async def fill(
    query: CallbackQuery,
    callback_data: FillCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
    update_context: UpdateContext,
) -> None:
    await _fill(query, callback_data, services, actor, today, dialog_manager, update_context)


async def fill_scanned(
    message: Message,
    command: CommandObject,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
    update_context: UpdateContext,
) -> None:
    """The code on a counting sheet opens the question of its ballot."""
    # A deep link holds letters, digits, - and _ only: a dash parts the ids of case and step.
    case, _, step = (command.args or "").removeprefix(FILL).partition("-")
    asked = FillCallback(case=case, step=step)
    await _fill(message, asked, services, actor, today, dialog_manager, update_context)


async def _fill(
    event: Message | CallbackQuery,
    asked: FillCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
    update_context: UpdateContext,
) -> None:
    opening = StepForm(dialog_manager, services, actor, today, update_context)
    draft, at = await opening.read(asked.case, asked.step)
    # aiogram-dialog answers presses on its own buttons only, and this one is ours.
    if isinstance(event, CallbackQuery):
        await settle(event)
    await open_form(dialog_manager, draft, at)


async def fix(
    query: CallbackQuery,
    callback_data: FixCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    form = await services.steps.correction(actor, callback_data.entry, today)
    await settle(query)
    data: dict[str, Any] = {}
    FormData.begin(data, form)
    # The reason first: whoever has none should leave the entry as it is.
    await dialog_manager.start(Filling.reason, data, mode=StartMode.RESET_STACK)


async def drop(
    query: CallbackQuery,
    callback_data: DropCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    update_context: UpdateContext,
) -> None:
    case, step = callback_data.case, callback_data.step
    await services.steps.drop_draft(act("drop"), actor, case, step, update_context)
    await show(query, texts.dropped(), [[navigation.todo()]])


async def cancel(message: Message, dialog_manager: DialogManager) -> None:
    """As the button: one question before what was filled in is thrown away."""
    if not dialog_manager.has_context():
        await tell(message, texts.nothing_to_cancel(), [[navigation.todo()]])
    else:
        await give_up(message, FormSession(dialog_manager))


async def calls_off(message: Message) -> bool:
    """Whether somebody writes that they stop. A coroutine: a plain filter would take a thread."""
    own = message.text if message.forward_origin is None else None
    return own is not None and words_of(own)[1] in CALLED_OFF


def build() -> Router:
    router = Router(name="form")
    router.message.register(cancel, Command("cancel"))
    # Whatever is asked: it answers no question, and is what a screen says to write.
    router.message.register(cancel, calls_off)
    scanned = CommandStart(deep_link=True, magic=F.args.startswith(FILL))
    router.message.register(fill_scanned, scanned)
    router.callback_query.register(fill, FillCallback.filter())
    router.callback_query.register(fix, FixCallback.filter())
    router.callback_query.register(drop, DropCallback.filter())
    return router
