"""A training class: asked once, entered for everybody on its roster."""

from dataclasses import replace
from datetime import date

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.rulebook.schema import Field, FieldType
from handlers.staff.cases import classes_texts as texts
from handlers.staff.cases.callbacks import EnterClassCallback, TrainingClassCallback
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, close, fit, settle, show
from handlers.staff.form import texts as form_texts
from handlers.staff.form.answers import FormData
from handlers.staff.form.session import FieldSource, FormSession, open_form
from services.cases.classes import RosterRefused
from services.cases.views import Form, Preview
from services.container import Services, services_of
from services.people.views import Actor, PersonChoice

CLASS, NAME, ROSTER = "class", "class", "roster"
LONGEST_ROSTER = 2000


async def classes(query: CallbackQuery, services: Services, actor: Actor) -> None:
    found = await services.classes.newest(actor)
    rows: list[Row] = [[(texts.to_enter(), EnterClassCallback())]]
    rows += [[(item.name, TrainingClassCallback(held=item.class_id))] for item in found]
    await show(query, fit(texts.listed(found)), [*rows, [navigation.todo()]])


async def roster(
    query: CallbackQuery, callback_data: TrainingClassCallback, services: Services, actor: Actor
) -> None:
    found = await services.classes.roster(actor, callback_data.held)
    await show(query, fit(texts.roster(found)), [_back()])


def _back() -> Row:
    return [(texts.to_list(), GoCallback(place=Destination.CLASSES)), navigation.todo()]


def own_fields() -> tuple[Field, ...]:
    """What is asked beside the questions of the step."""
    text = FieldType.TEXT
    name = Field(NAME, text, texts.question(NAME), texts.question(f"{NAME}_hint"))
    names = Field(ROSTER, text, texts.question(ROSTER), texts.question(f"{ROSTER}_hint"))
    return (
        replace(name, minimum=texts.SHORTEST, maximum=texts.LONGEST),
        replace(names, minimum=texts.SHORTEST, maximum=LONGEST_ROSTER),
    )


async def begin(
    query: CallbackQuery,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    """Those for whom the step is open are offered in one press."""
    ready = await services.classes.ready(actor, today)
    offered = (PersonChoice("ready", "、".join(ready)),) if ready else ()
    step = services.classes.step()
    form = Form("", texts.title(), step, {}, {ROSTER: offered})
    await settle(query)
    await open_form(dialog_manager, FormData.begin({}, form, CLASS), NAME)


async def preview(session: FormSession) -> Preview:
    return Preview(
        (
            *own_fields(),
            *services_of(session.data).classes.asked(session.draft.answers),
        ),
        (),
    )


async def keep(session: FormSession) -> None:
    """Keep nothing: a class is entered in one go."""


async def confirm(event: CallbackQuery | Message, session: FormSession) -> None:
    draft, own = session.draft, (NAME, ROSTER)
    # Name and roster belong to the class; the rest is entered in each case.
    answers = {key: value for key, value in draft.answers.items() if key not in own}
    act, name, names = session.act("class"), draft.text(NAME), draft.text(ROSTER)
    try:
        found = await services_of(session.data).classes.hold(
            act, session.actor, name, names, answers
        )
    except RosterRefused as refusal:
        session.reject(fit(texts.refused(refusal.lines)))
        return
    await close(event, session.manager, fit(texts.held(found)), [_back()])


async def left(session: FormSession) -> tuple[str, list[Row]]:
    return form_texts.not_kept(), [_back()]


async def given_up(session: FormSession) -> tuple[str, list[Row]]:
    return form_texts.cancelled(), [_back()]


SOURCES = {CLASS: FieldSource(preview, keep, confirm, left, given_up)}


def build() -> Router:
    router = Router(name="classes")
    router.callback_query.register(classes, GoCallback.filter(F.place == Destination.CLASSES))
    router.callback_query.register(begin, EnterClassCallback.filter())
    router.callback_query.register(roster, TrainingClassCallback.filter())
    return router
