"""下级汇总 and what goes to the level above: for the department alone."""

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.progress import waiting
from handlers.staff.common.replies import Row, fit, send_file, show
from handlers.staff.figures import texts, totals_texts
from handlers.staff.figures.callbacks import (
    GatheredCallback,
    GatheredSheetCallback,
    SendTotalsCallback,
    TotalsCallback,
)
from handlers.staff.figures.drawing import send_picture
from services.container import Services
from services.core.acts import Acts
from services.people.views import Actor
from services.totals.views import Gathered, Neighbours, Sending


def entrances(known: Neighbours, last: int) -> list[Row]:
    """Buttons to them, on the page of the department's own figures."""
    below: Row = [(totals_texts.gathered(), GatheredCallback(year=last))] if known.below else []
    above: Row = [(totals_texts.upwards(), TotalsCallback(year=last))] if known.above else []
    return [row for row in (below, above) if row]


async def gathered(
    query: CallbackQuery,
    callback_data: GatheredCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    year, page, totals = callback_data.year, callback_data.page, services.totals
    async with waiting(query, texts.working()):
        found = await totals.gathered(actor, year, today)
        caption, rows = totals_texts.caption(found), _rows(found, page)
        drawing = totals.picture(actor, year, today, page)
        await send_picture(query, drawing, caption, rows)


def _rows(found: Gathered, page: int) -> list[Row]:
    year = found.year
    pages: Row = [
        (label, GatheredCallback(year=year, page=number))
        for number, label in enumerate(texts.pages())
        if number != page
    ]
    years: Row = [
        (texts.year(other), GatheredCallback(year=other))
        for other in (year - 1, year + 1)
        if other < found.today.year
    ]
    files: Row = [(texts.sheet(), GatheredSheetCallback(year=year))]
    return [pages, files, years, [_to_figures()]]


def _to_figures() -> tuple[str, GoCallback]:
    return texts.back(), GoCallback(place=Destination.FIGURES)


async def sheet(
    query: CallbackQuery,
    callback_data: GatheredSheetCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    year = callback_data.year
    async with waiting(query, texts.working()):
        made = await services.totals.sheet(actor, year, today)
    back: Row = [(totals_texts.back_to_gathered(), GatheredCallback(year=year))]
    await send_file(query, made, totals_texts.sheet_sent(), [back])


async def to_send(
    query: CallbackQuery, callback_data: TotalsCallback, services: Services, actor: Actor,
    today: date,
) -> None:  # fmt: skip
    year = callback_data.year
    found = await services.totals.to_send(actor, year, today)
    label = totals_texts.send_again() if found.state is Sending.SAME else totals_texts.send()
    other = today.year - 2 if year == today.year - 1 else today.year - 1
    rows: list[Row] = [
        [(label, SendTotalsCallback(year=year))],
        [(texts.year(other), TotalsCallback(year=other)), _to_figures()],
    ]
    await show(query, fit(totals_texts.to_send(found)), rows)


async def send(
    query: CallbackQuery,
    callback_data: SendTotalsCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    found = await services.totals.send(act("totals"), actor, callback_data.year)
    back: Row = [(totals_texts.back_to_totals(), TotalsCallback(year=found.year)), _to_figures()]
    await show(query, fit(totals_texts.sent(found)), [back])


def build() -> Router:
    router = Router(name="totals")
    router.callback_query.register(gathered, GatheredCallback.filter())
    router.callback_query.register(sheet, GatheredSheetCallback.filter())
    router.callback_query.register(to_send, TotalsCallback.filter())
    router.callback_query.register(send, SendTotalsCallback.filter())
    return router
