"""Somebody comes from another city: the department names a branch, the branch answers."""

from contextlib import suppress

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.rulebook.schema import Field
from handlers.staff.city_moves import texts
from handlers.staff.city_moves.callbacks import (
    AcceptCallback,
    ArrivalCallback,
    GiveBackCallback,
    PlaceCallback,
)
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import FillCallback
from handlers.staff.common.replies import Row, close, fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.session import FormSession, ShortForm
from services.city_moves.views import Arrival
from services.container import Services, services_of
from services.core.acts import Acts
from services.core.errors import NotAllowed
from services.people.views import Actor

PLACE, BRANCH, GIVE_BACK, REASON = "place_arrival", "branch", "give_back", "reason"


async def arrival(
    query: CallbackQuery, callback_data: ArrivalCallback, services: Services, actor: Actor
) -> None:
    found = await services.arrivals.one(actor, callback_data.arrival)
    await show(query, fit(texts.arrival(found)), rows(found))


def rows(found: Arrival) -> list[Row]:
    back: Row = [(texts.to_give_back(), GiveBackCallback(arrival=found.arrival_id))]
    if found.places:
        place: Row = [(texts.to_place(), PlaceCallback(arrival=found.arrival_id))]
        return [place, back, [navigation.todo()]]
    if found.answers:
        step = FillCallback(case=found.case_id, step=found.step)
        by_step = found.counts and found.step
        taking = step if by_step else AcceptCallback(arrival=found.arrival_id)
        onward = navigation.onward(found.case_id)
        return [[(texts.to_take_in(), taking)], back, onward]
    return [[navigation.todo()]]


async def begin_placing(
    query: CallbackQuery,
    callback_data: PlaceCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    found = await services.arrivals.one(actor, callback_data.arrival)
    if not found.places:
        await show(query, fit(texts.arrival(found)), rows(found))
        return
    below = await services.people.organisations(actor)
    offered = [(one, name) for one, level, name in below if level == "branch"]
    said = texts.ask_branch(found.person)
    await short_forms.begin(
        query, dialog_manager, PLACE, BRANCH, of=found.arrival_id, said=said, offered=offered
    )


async def branches(session: FormSession) -> tuple[Field, ...]:
    offered = [(one.person_id, one.name) for one in session.draft.people(BRANCH)]
    return (short_forms.organisation(session, BRANCH, offered),)


async def place(event: Message | CallbackQuery, session: FormSession) -> None:
    draft, arrivals = session.draft, services_of(session.data).arrivals
    branch = str(draft.answers[BRANCH])
    try:
        await arrivals.place(session.act("place_arrival"), session.actor, draft.of, branch)
    except NotAllowed:
        await _overtaken(event, session)
        return
    said = texts.placed(draft.names().get(branch, ""))
    await close(event, session.manager, fit(said), [[navigation.todo()]])


async def begin_giving_back(
    query: CallbackQuery,
    callback_data: GiveBackCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    found = await services.arrivals.one(actor, callback_data.arrival)
    if not found.places and not found.answers:
        await show(query, fit(texts.arrival(found)), rows(found))
        return
    said = texts.ask_reason(found.person)
    await short_forms.begin(
        query, dialog_manager, GIVE_BACK, REASON, of=found.arrival_id, said=said
    )


async def reason(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(REASON),)


async def give_back(event: Message | CallbackQuery, session: FormSession) -> None:
    draft, arrivals = session.draft, services_of(session.data).arrivals
    act, reason = session.act("give_back"), draft.text(REASON)
    try:
        done = await arrivals.refuse(act, session.actor, draft.of, reason)
    except NotAllowed:
        await _overtaken(event, session)
        return
    said = texts.given_back() if done else texts.begun_already()
    await close(event, session.manager, fit(said), [[navigation.todo()]])


async def _overtaken(event: Message | CallbackQuery, session: FormSession) -> None:
    """Somebody else was quicker: say how it stands now, and ask no more."""
    arrivals, lines, buttons = services_of(session.data).arrivals, texts.over(), [navigation.todo()]
    onward: list[Row] = [buttons]
    with suppress(NotAllowed):
        found = await arrivals.one(session.actor, session.draft.of)
        lines, onward = texts.arrival(found), rows(found)
    await close(event, session.manager, fit(lines), onward)


async def accept(
    query: CallbackQuery,
    callback_data: AcceptCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    arrivals, arrival_id = services.arrivals, callback_data.arrival
    try:
        case = await arrivals.accept(act("accept_arrival"), actor, arrival_id)
    except NotAllowed:
        # Pressed twice, or somebody else was quicker; who may not see it isn't told more.
        found = await arrivals.one(actor, arrival_id)
        await show(query, fit(texts.arrival(found)), rows(found))
        return
    await show(query, fit(texts.taken_in()), [navigation.onward(case)])


SOURCES = {
    PLACE: short_forms.source(branches, ShortForm(place)),
    GIVE_BACK: short_forms.source(
        reason,
        ShortForm(
            give_back,
            read=short_forms.between(texts.SHORTEST, texts.LONGEST_REASON),
            refuse=texts.reason_wanted,
        ),
    ),
}


def build() -> Router:
    router = Router(name="arriving")
    router.callback_query.register(arrival, ArrivalCallback.filter())
    router.callback_query.register(begin_placing, PlaceCallback.filter())
    router.callback_query.register(begin_giving_back, GiveBackCallback.filter())
    router.callback_query.register(accept, AcceptCallback.filter())
    return router
