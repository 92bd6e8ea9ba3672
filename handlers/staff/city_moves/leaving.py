"""A case goes to another city: which one, which organisation there, then it is sent."""

from collections.abc import Mapping
from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.rulebook.schema import Field
from handlers.staff.city_moves import texts
from handlers.staff.city_moves.callbacks import LeaveCallback
from handlers.staff.common import navigation
from handlers.staff.common.replies import close, fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from services.city_moves.departures import OnPaperOnly
from services.container import Services, services_of
from services.peers.peers import UnknownPeer
from services.people.views import Actor

LEAVE, CITY, TO = "leave_city", "city", "to"


async def begin(
    query: CallbackQuery,
    callback_data: LeaveCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    """An old button says why it can't be done now."""
    case = callback_data.case
    try:
        offer = await services.departures.offer(actor, case, today)
    except OnPaperOnly:
        await show(query, texts.on_paper_only(), [navigation.onward(case)])
        return
    if not offer.peers:
        await show(query, texts.no_city(), [navigation.onward(case)])
        return
    said = [offer.person, *texts.ask_city(offer)]
    await short_forms.begin(
        query, dialog_manager, LEAVE, CITY, of=case, said=said, offered=offer.peers
    )


async def fields(session: FormSession) -> tuple[Field, ...]:
    offered = [(one.person_id, one.name) for one in session.draft.people(CITY)]
    return short_forms.organisation(session, CITY, offered), short_forms.text(TO)


def question(session: FormSession, field: Field) -> list[str]:
    return list(session.draft.said[1:]) if field.id == CITY else texts.ask_to()


def summary(session: FormSession) -> list[str]:
    return texts.summary(session.draft.said[0], _city(session), session.draft.text(TO))


def _city(session: FormSession) -> str:
    return session.draft.names().get(str(session.draft.answers.get(CITY)), "")


def labels(session: FormSession, field: Field | None) -> Mapping[Verb, str]:
    return {} if field else {Verb.CONFIRM: texts.to_send()}


async def leave(event: Message | CallbackQuery, session: FormSession) -> None:
    draft, city = session.draft, _city(session)
    peer, to = str(draft.answers[CITY]), draft.text(TO)
    leave, act = services_of(session.data).departures.leave, session.act("leave_city")
    try:
        await leave(act, session.actor, draft.of, peer, to)
    except UnknownPeer:
        said = fit(texts.city_removed(city))
        await close(event, session.manager, said, [navigation.onward(draft.of)])
        return
    await close(event, session.manager, fit(texts.sent(city)), [navigation.onward(draft.of)])


SOURCES = {
    LEAVE: short_forms.source(
        fields,
        ShortForm(
            leave,
            question,
            short_forms.between(texts.SHORTEST, texts.LONGEST),
            texts.to_wanted,
            summary,
            labels,
        ),
    )
}


def build() -> Router:
    router = Router(name="leaving")
    router.callback_query.register(begin, LeaveCallback.filter())
    return router
