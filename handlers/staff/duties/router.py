"""A yearly duty, and its tick."""

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.staff.common import navigation
from handlers.staff.common.replies import Row, fit, show
from handlers.staff.duties import texts
from handlers.staff.duties.callbacks import TickDutyCallback, YearlyDutyCallback
from services.container import Services
from services.core.acts import Acts
from services.duties.views import DutyLine
from services.people.views import Actor


async def duty(
    query: CallbackQuery,
    callback_data: YearlyDutyCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    place = callback_data.organisation
    item = await services.duties.line(actor, callback_data.duty, place, today)
    await show(query, fit(texts.duty(item, today)), rows(item))


async def tick(
    query: CallbackQuery,
    callback_data: TickDutyCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
) -> None:
    place = callback_data.organisation
    item = await services.duties.tick(act("tick_duty"), actor, callback_data.duty, place)
    await show(query, fit([texts.ticked(), "", *texts.duty(item, today)]), rows(item))


def rows(item: DutyLine) -> list[Row]:
    mine = TickDutyCallback(duty=item.duty_id, organisation=item.organisation_id)
    # A tick can't be taken back, so it is offered once.
    tick_row: list[Row] = [] if item.done_on else [[(texts.to_tick(), mine)]]
    return [*tick_row, [navigation.todo()]]


def build() -> Router:
    router = Router(name="duties")
    router.callback_query.register(duty, YearlyDutyCallback.filter())
    router.callback_query.register(tick, TickDutyCallback.filter())
    return router
