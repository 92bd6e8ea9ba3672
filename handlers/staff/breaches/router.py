"""The date check of a case, and the list of what was broken."""

from datetime import date

from aiogram import F, Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from handlers.staff.breaches import texts
from handlers.staff.breaches.callbacks import (
    AssignCallback,
    BreachCallback,
    BreachesCallback,
    BreachListCallback,
    TreatCallback,
)
from handlers.staff.cases import texts as case_texts
from handlers.staff.cases.callbacks import CheckCallback, EntriesCallback
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.lists import send_list
from handlers.staff.common.replies import Row, fit, show
from services.casefile.views import BreachLine, BreachPage
from services.container import Services
from services.core.acts import Acts
from services.people.views import Actor


async def check(
    query: CallbackQuery,
    callback_data: CheckCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    found = await services.breaches.check(actor, callback_data.case, today)
    first: Row = (
        [(case_texts.to_correct(), EntriesCallback(case=found.case_id))] if found.findings else []
    )
    onward: Row = navigation.onward(found.case_id)
    await show(query, fit(texts.checked(found)), [first, onward])


async def first_page(query: CallbackQuery, services: Services, actor: Actor, today: date) -> None:
    await _show(query, services, await services.breaches.page(actor), today)


async def turn(
    query: CallbackQuery,
    callback_data: BreachesCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    await _show(query, services, await services.breaches.page(actor, callback_data.page), today)


async def _show(query: CallbackQuery, services: Services, found: BreachPage, today: date) -> None:
    assigning = bool(services.breaches.situations())
    await show(query, fit(texts.page(found, assigning)), page_rows(found, today))


def page_rows(found: BreachPage, today: date) -> list[Row]:
    rows: list[Row] = [
        [(texts.line(item, today), BreachCallback(breach=item.breach_id))] for item in found.lines
    ]
    turns: list[tuple[str, CallbackData]] = []
    if found.number > 0:
        turns.append((texts.earlier(), BreachesCallback(page=found.number - 1)))
    if found.number + 1 < found.pages:
        turns.append((texts.later(), BreachesCallback(page=found.number + 1)))
    file: Row = [(case_texts.sheet(), BreachListCallback())] if found.total else []
    return [*rows, turns, file, [navigation.todo()]]


async def sheet(query: CallbackQuery, services: Services, actor: Actor, today: date) -> None:
    found = await services.breaches.listed(actor)
    rows = [texts.cells(line) for line in found]
    await send_list(query, texts.title(), texts.heads(), rows, today)


async def one(
    query: CallbackQuery, callback_data: BreachCallback, services: Services, actor: Actor
) -> None:
    found = await services.breaches.breach(actor, callback_data.breach)
    situations = services.breaches.situations() if found.treated_on is None else ()
    choices: list[Row] = [
        # By its place: an id of the organisation's own catalogue may be longer than a button holds.
        [(texts.button(place + 1, item), AssignCallback(breach=found.breach_id, place=place))]
        for place, item in enumerate(situations)
    ]
    asked = texts.choose(len(situations)) if found.treated_on is None else []
    lines = [*texts.breach(found), *asked]
    await show(query, fit(lines), [to_treat(found), *choices, *back(found)])


def to_treat(found: BreachLine) -> Row:
    """Offered to whoever has the power that the catalogue names."""
    return [(texts.to_treat(), TreatCallback(breach=found.breach_id))] if found.treats else []


async def assign(
    query: CallbackQuery, callback_data: AssignCallback, services: Services, actor: Actor, act: Acts
) -> None:
    known = services.breaches.situations()
    # An old button may point beyond a catalogue that has become shorter; "" is refused.
    chosen = known[callback_data.place].id if 0 <= callback_data.place < len(known) else ""
    found = await services.breaches.assign(act("assign"), actor, callback_data.breach, chosen)
    await show(query, fit(texts.assigned(found)), [to_treat(found), *back(found)])


def back(found: BreachLine) -> list[Row]:
    return [
        [navigation.case(found.case_id)],
        [(texts.back(), BreachesCallback())],
    ]


def build() -> Router:
    router = Router(name="breaches")
    router.callback_query.register(check, CheckCallback.filter())
    router.callback_query.register(first_page, GoCallback.filter(F.place == Destination.BREACHES))
    router.callback_query.register(turn, BreachesCallback.filter())
    router.callback_query.register(sheet, BreachListCallback.filter())
    router.callback_query.register(one, BreachCallback.filter())
    router.callback_query.register(assign, AssignCallback.filter())
    return router
