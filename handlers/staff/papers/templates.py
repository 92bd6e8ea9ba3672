"""材料模板: which papers an organisation prints by its own template; giving one, taking it back."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.rulebook.schema import Field
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, close, fit, in_rows, send_file, show
from handlers.staff.form import short_forms
from handlers.staff.form.incoming.reading import content_of, file_of
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.papers import template_texts as texts
from handlers.staff.papers.callbacks import (
    DropTemplateCallback,
    GetTemplateCallback,
    GiveTemplateCallback,
    TemplateCallback,
    TemplatesCallback,
)
from handlers.staff.shared import texts as words
from papers.office_templates.own_templates import LARGEST
from services.container import Services, services_of
from services.core.acts import Acts
from services.papers.templates import TemplateUnfit
from services.papers.views import TemplateLine
from services.people.views import Actor

GIVING, FILE = "template", "file"


async def places(query: CallbackQuery, services: Services, actor: Actor) -> None:
    """Who has one place is there at once."""
    found = await services.templates.places(actor)
    if len(found) == 1:
        await _papers(query, services, actor, found[0].organisation_id)
        return
    rows: list[Row] = [
        [(place.organisation, TemplatesCallback(organisation=place.organisation_id))]
        for place in found
    ]
    await show(query, texts.which_place(), [*rows, [navigation.todo()]])


async def papers(
    query: CallbackQuery, callback_data: TemplatesCallback, services: Services, actor: Actor
) -> None:
    await _papers(query, services, actor, callback_data.organisation)


async def _papers(query: CallbackQuery, services: Services, actor: Actor, place: str) -> None:
    lines = await services.templates.of_place(actor, place)
    buttons = [
        (texts.button(line), TemplateCallback(organisation=place, paper=line.paper))
        for line in lines
    ]
    rows = [*in_rows(buttons, 2), [navigation.todo()]]
    await show(query, fit(texts.listed(lines)), rows)


async def paper(
    query: CallbackQuery, callback_data: TemplateCallback, services: Services, actor: Actor
) -> None:
    line = await services.templates.one(actor, callback_data.organisation, callback_data.paper)
    await show(query, fit(texts.one(line)), one_rows(line))


def one_rows(line: TemplateLine) -> list[Row]:
    place, name = line.organisation_id, line.paper
    rows: list[Row] = [
        [(texts.get(), GetTemplateCallback(organisation=place, paper=name))],
        [(texts.give(), GiveTemplateCallback(organisation=place, paper=name))],
    ]
    # One of an organisation above is taken back there.
    if line.mine:
        rows.append([(texts.drop(), DropTemplateCallback(organisation=place, paper=name))])
    return [*rows, [(words.back(), TemplatesCallback(organisation=place)), navigation.todo()]]


async def get(
    query: CallbackQuery, callback_data: GetTemplateCallback, services: Services, actor: Actor
) -> None:
    file = await services.templates.file(actor, callback_data.organisation, callback_data.paper)
    await send_file(query, file, texts.got(file.title))


async def drop(
    query: CallbackQuery,
    callback_data: DropTemplateCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    place, name = callback_data.organisation, callback_data.paper
    line = await services.templates.take_back(act("template"), actor, place, name)
    await show(query, fit([texts.dropped(line), "", *texts.one(line)]), one_rows(line))


async def fields(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(FILE),)


async def nothing(event: Message | CallbackQuery, session: FormSession) -> None:
    """No text answers this question; `take` ends the form."""


async def take(message: Message, session: FormSession) -> None:
    """Look at a template that was sent, and let it hold."""
    file = file_of(message)
    # By the size that the message tells, before anything of it is fetched.
    if file is None or file.size > LARGEST:
        session.reject(texts.unfit("too_big", ()))
        return
    place, _, name = session.draft.of.partition(":")
    content = await content_of(message, file)
    try:
        line = await services_of(session.data).templates.put(
            session.act("template"), session.actor, place, name, content
        )
    except TemplateUnfit as refused:
        session.reject(texts.unfit(refused.reason, refused.names))
        return
    said = fit([texts.taken(line), "", *texts.one(line)])
    await close(message, session.manager, said, one_rows(line))


SOURCES = {
    GIVING: short_forms.source(fields, ShortForm(nothing, refuse=texts.file_wanted, file=take)),
}


async def give(
    query: CallbackQuery,
    callback_data: GiveTemplateCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    place, name = callback_data.organisation, callback_data.paper
    line = await services.templates.one(actor, place, name)
    of = f"{place}:{name}"
    await short_forms.begin(query, dialog_manager, GIVING, FILE, of=of, said=texts.ask(line))


def build() -> Router:
    router = Router(name="templates")
    router.callback_query.register(places, GoCallback.filter(F.place == Destination.TEMPLATES))
    router.callback_query.register(papers, TemplatesCallback.filter())
    router.callback_query.register(paper, TemplateCallback.filter())
    router.callback_query.register(get, GetTemplateCallback.filter())
    router.callback_query.register(give, GiveTemplateCallback.filter())
    router.callback_query.register(drop, DropTemplateCallback.filter())
    return router
