"""数字: a picture, then a sheet, the report, and the people behind a number."""

from datetime import date

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from domain.organisations import BRANCH, DEPARTMENT
from handlers.staff.cases import texts as case_texts
from handlers.staff.cases.callbacks import PartOfCallback
from handlers.staff.common.callbacks import CardCallback, GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.paging import turning
from handlers.staff.common.progress import waiting
from handlers.staff.common.replies import Row, fit, send_file, show
from handlers.staff.figures import texts, totals
from handlers.staff.figures.callbacks import (
    NumbersCallback,
    PeopleBehindCallback,
    WholeDepartmentCallback,
    YearPictureCallback,
    YearReportCallback,
    YearSheetCallback,
)
from handlers.staff.figures.drawing import send_picture
from services.container import Services
from services.figures.views import YearFigures
from services.people.views import Actor
from services.sheets.selection import Of


async def open_(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    """Whoever leads one organisation sees its year at once; others choose."""
    places = await services.figures.places(actor)
    if len(places) == 1:
        await draw(event, services, actor, today, places[0].organisation_id, today.year, 0)
        return
    rows = [
        [
            (
                place.organisation,
                YearPictureCallback(organisation=place.organisation_id, year=today.year),
            )
        ]
        for place in places
    ]
    await show(event, texts.choose_place(), rows)


async def picture(
    query: CallbackQuery,
    callback_data: YearPictureCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    said = callback_data
    await draw(query, services, actor, today, said.organisation, said.year, said.page)


async def draw(
    event: Message | CallbackQuery,
    services: Services,
    actor: Actor,
    today: date,
    place: str,
    year: int,
    page: int,
) -> None:
    figures = services.figures
    async with waiting(event, texts.working()):
        # Read before it is drawn: where no picture can be made, its words still tell the numbers.
        found = await figures.of(actor, place, year, today)
        caption, rows = texts.caption(found), year_rows(found, page)
        if found.level == DEPARTMENT:
            rows += totals.entrances(await services.totals.neighbours(actor), today.year - 1)
        drawing = figures.picture(actor, place, year, today, page)
        await send_picture(event, drawing, caption, rows)


def year_rows(found: YearFigures, page: int) -> list[Row]:
    place, year, this_year = found.organisation_id, found.year, found.today.year
    pages: Row = [
        (label, YearPictureCallback(organisation=place, year=year, page=number))
        for number, label in enumerate(texts.pages())
        if number != page
    ]
    years: Row = [
        (texts.year(other), YearPictureCallback(organisation=place, year=other))
        for other in (year - 1, year + 1)
        if other <= this_year
    ]
    files: Row = [
        (texts.sheet(), YearSheetCallback(organisation=place, year=year)),
        (texts.names(), NumbersCallback(organisation=place, year=year)),
    ]
    report: Row = [(texts.report(), YearReportCallback(organisation=place, year=year))]
    last = this_year - 1
    above: Row = [(texts.whole(last), WholeDepartmentCallback(year=last))]
    rows = [pages, files, years]
    # A branch reports to nobody but its committee (N38); the department sees all of it anyway.
    rows += [report] if found.level != BRANCH else []
    return rows if found.level == DEPARTMENT else [*rows, above]


async def sheet(
    query: CallbackQuery,
    callback_data: YearSheetCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    place, year = callback_data.organisation, callback_data.year
    async with waiting(query, texts.working()):
        made = await services.figures.sheet(actor, place, year, today)
    await send_file(query, made, texts.sheet_sent(), [[_back(place, year)]])


async def report(
    query: CallbackQuery,
    callback_data: YearReportCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    place, year = callback_data.organisation, callback_data.year
    async with waiting(query, texts.working()):
        made = await services.figures.report(actor, place, year, today)
    await send_file(query, made, texts.report_sent(), [[_back(place, year)]])


def _back(place: str, year: int) -> tuple[str, YearPictureCallback]:
    return texts.back(), YearPictureCallback(organisation=place, year=year)


async def numbers(
    query: CallbackQuery, callback_data: NumbersCallback, services: Services, actor: Actor
) -> None:
    place, year = callback_data.organisation, callback_data.year
    found = await services.figures.behind(actor, place, year)
    rows: list[Row] = []
    for item in found:
        behind = PeopleBehindCallback(organisation=place, year=year, number=item.number)
        rows.append([(texts.number(item, year), behind)])
    await show(query, fit(texts.numbers(found, year)), [*rows, [_back(place, year)]])


async def people(
    query: CallbackQuery, callback_data: PeopleBehindCallback, services: Services, actor: Actor
) -> None:
    place, year, number = callback_data.organisation, callback_data.year, callback_data.number
    async with waiting(query, texts.working()):
        # The sums hold no names: the cases of each branch are read and counted anew.
        found = await services.figures.people(actor, place, year, number, callback_data.page)

    def turned(page: int) -> PeopleBehindCallback:
        return PeopleBehindCallback(organisation=place, year=year, number=number, page=page)

    rows: list[Row] = [
        [(f"{line.person} · {line.organisation}", CardCallback(case=line.case_id))]
        for line in found.lines
    ]
    back: Row = [(texts.to_numbers(), NumbersCallback(organisation=place, year=year))]
    turns = turning(found.page, found.pages, turned)
    listed = PartOfCallback(of=Of.NUMBER, number=number, year=year, organisation=place)
    file: Row = [(case_texts.sheet(), listed)] if found.lines else []
    await show(query, fit(texts.people(found)), [*rows, turns, file, back])


async def whole(
    query: CallbackQuery,
    callback_data: WholeDepartmentCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    found = await services.figures.published(actor, callback_data.year, today)
    await show(
        query,
        fit(texts.published(found)),
        [[(texts.back(), GoCallback(place=Destination.FIGURES))]],
    )


def build() -> Router:
    router = Router(name="figures")
    router.callback_query.register(open_, GoCallback.filter(F.place == Destination.FIGURES))
    router.callback_query.register(picture, YearPictureCallback.filter())
    router.callback_query.register(sheet, YearSheetCallback.filter())
    router.callback_query.register(report, YearReportCallback.filter())
    router.callback_query.register(numbers, NumbersCallback.filter())
    router.callback_query.register(people, PeopleBehindCallback.filter())
    router.callback_query.register(whole, WholeDepartmentCallback.filter())
    router.include_router(totals.build())
    return router
