"""Which organiser looks after which committee: seen and changed by the director."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, fit, show
from handlers.staff.plans import texts
from handlers.staff.plans.callbacks import ChargeCallback, GiveToCallback
from services.container import Services
from services.core.acts import Acts
from services.people import responsible_organisers as responsible
from services.people.views import Actor


async def charges(query: CallbackQuery, services: Services, actor: Actor) -> None:
    found = await services.responsible.charges(actor)
    await show(query, fit(texts.charges(found)), _committees(found))


def _committees(found: tuple[responsible.Charge, ...]) -> list[Row]:
    rows: list[Row] = [
        [(item.committee, ChargeCallback(organisation=item.committee_id))] for item in found
    ]
    onward: Row = [
        (texts.to_plan(), GoCallback(place=Destination.PLANS)),
        navigation.todo(),
    ]
    return [*rows, onward]


async def charge(
    query: CallbackQuery, callback_data: ChargeCallback, services: Services, actor: Actor
) -> None:
    place = callback_data.organisation
    found = await services.responsible.charges(actor)
    item = next((item for item in found if item.committee_id == place), None)
    # An old button: show the committees as they are now.
    if item is None:
        await charges(query, services, actor)
        return
    rows: list[Row] = [
        [(choice.name, GiveToCallback(organisation=place, organiser=choice.person_id))]
        for choice in await services.responsible.organisers(actor)
    ]
    back: Row = [(texts.to_charges(), GoCallback(place=Destination.CHARGES))]
    await show(query, fit(texts.ask_charge(item)), [*rows, back])


async def give(
    query: CallbackQuery, callback_data: GiveToCallback, services: Services, actor: Actor, act: Acts
) -> None:
    found = await services.responsible.give(
        act("charge"), actor, callback_data.organisation, callback_data.organiser
    )
    await show(query, fit(texts.charges(found)), _committees(found))


def build() -> Router:
    router = Router(name="charges")
    router.callback_query.register(charges, GoCallback.filter(F.place == Destination.CHARGES))
    router.callback_query.register(charge, ChargeCallback.filter())
    router.callback_query.register(give, GiveToCallback.filter())
    return router
