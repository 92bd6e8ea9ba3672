"""Putting candidates on an agenda."""

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.rulebook.schema import Body, Field
from handlers.staff.common.replies import fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.meetings import texts
from handlers.staff.meetings.callbacks import ConveneCallback
from handlers.staff.meetings.opening import Opening, show_and_go_on, show_with_next
from handlers.staff.meetings.screens import onward
from services.casefile.update_context import UpdateContext
from services.container import Services, services_of
from services.core.acts import Acts
from services.meetings.views import MeetingView
from services.people.views import Actor

AGENDA, CANDIDATES = "agenda", "candidates"


async def fields(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.people(CANDIDATES),)


def question(session: FormSession, field: Field) -> list[str]:
    heading, *below = session.draft.said
    alone = bool(short_forms.single_ticked(session, CANDIDATES))
    return [heading, texts.whom_to_choose(alone), *below]


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    return {Verb.NEXT: texts.convened(len(session.draft.picked(CANDIDATES)))}


async def convene(event: Message | CallbackQuery, session: FormSession) -> None:
    body, organisation = session.draft.of.split(":")
    chosen = tuple(session.draft.picked(CANDIDATES))
    view = await services_of(session.data).meetings.convene(
        session.act("convene"), session.actor, Body(body), organisation, chosen
    )
    await show_and_go_on(event, session, view)


SOURCES = {AGENDA: short_forms.source(fields, ShortForm(convene, question, labels=labels))}


async def begin(
    query: CallbackQuery,
    callback_data: ConveneCallback,
    services: Services,
    actor: Actor,
    today: date,
    act: Acts,
    dialog_manager: DialogManager,
    update_context: UpdateContext,
) -> None:
    body, organisation = callback_data.body, callback_data.organisation
    found = await services.meetings.candidates(actor, body, organisation, today)
    ready = [item for item in found if not item.why]
    off = [item for item in found if item.why]
    # Those who can't be voted on are named with the reason: somebody will ask for them at the
    # meeting.
    if not ready:
        await show(query, fit([texts.nobody(body), *texts.not_ready(off, today)]), [onward()])
        return
    if len(ready) == 1 and not off and not ready[0].called:
        # Nothing to choose, and nothing to be told of before.
        opening = Opening(dialog_manager, services, actor, today, below=True)
        view = await _of_one(opening, act, body, organisation, ready[0].case_id)
        await show_with_next(query, opening, view, update_context)
        return
    said = texts.choose(body, ready, off, today)
    offered = [(item.case_id, texts.candidate(item)) for item in ready]
    # A form is about one id, so the body and its organisation share it.
    of = f"{body}:{organisation}"
    # A single one is who is meant; what else is said here is read before the button below.
    only = [offered[0][0]] if len(offered) == 1 else []
    await short_forms.begin(
        query, dialog_manager, AGENDA, CANDIDATES, of=of, said=said, offered=offered, picked=only
    )


async def _of_one(
    opening: Opening, act: Acts, body: Body, organisation: str, case: str
) -> MeetingView:
    """The meeting about a single person, convened now; pressed twice, the one that is open."""
    meetings, actor = opening.services.meetings, opening.actor
    for view in await meetings.mine(actor):
        here = (view.body, view.organisation_id) == (body, organisation)
        if here and view.only is not None and view.only.case_id == case:
            return view
    return await meetings.convene(act("convene"), actor, body, organisation, (case,))


def build() -> Router:
    router = Router(name="agenda")
    router.callback_query.register(begin, ConveneCallback.filter())
    return router
