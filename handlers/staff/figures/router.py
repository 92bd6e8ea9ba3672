"""数字: a picture, then a sheet, the report, and the people behind a number."""

from datetime import date

from aiogram import F, Router
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from handlers.staff.cases import texts as case_texts
from handlers.staff.cases.callbacks import PartOf
from handlers.staff.common.callbacks import Card, Go
from handlers.staff.common.destinations import Destination
from handlers.staff.common.paging import turning
from handlers.staff.common.progress import waiting
from handlers.staff.common.replies import Row, fit, keyboard, send_file, settle, show
from handlers.staff.figures import texts
from handlers.staff.figures.callbacks import (
    Numbers,
    PeopleBehind,
    WholeDepartment,
    YearPicture,
    YearReport,
    YearSheet,
)
from services.container import Services
from services.figures.views import YearFigures
from services.papers.views import CannotPrint
from services.people.views import Actor
from services.sheets.parts import Of

DEPARTMENT = "department"


async def open_(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    """Whoever leads one organisation sees its year at once; others choose."""
    places = await services.figures.places(actor)
    if len(places) == 1:
        await draw(event, services, actor, today, places[0].organisation_id, today.year, 0)
        return
    rows = [
        [(place.organisation, YearPicture(organisation=place.organisation_id, year=today.year))]
        for place in places
    ]
    await show(event, texts.choose_place(), rows)


async def picture(
    query: CallbackQuery, callback_data: YearPicture, services: Services, actor: Actor, today: date
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
    """Send a new message: the picture of the year before stays above, to compare."""
    figures = services.figures
    async with waiting(event, texts.working()):
        # Read before it is drawn: where no picture can be made, its words still tell the numbers.
        found = await figures.of(actor, place, year, today)
        caption, rows = texts.caption(found), year_rows(found, page)
        try:
            made = await figures.picture(actor, place, year, today, page)
        except CannotPrint as refused:
            why = texts.no_fonts() if refused.fonts else texts.not_drawn()
            await show(event, f"{caption}\n\n{why}", rows)
            return
    if isinstance(event, CallbackQuery):
        await settle(event)
    if event.bot is not None and event.from_user is not None:
        await event.bot.send_photo(
            event.from_user.id,
            BufferedInputFile(made.content, made.name),
            caption=caption,
            parse_mode="HTML",
            reply_markup=keyboard(rows),
        )


def year_rows(found: YearFigures, page: int) -> list[Row]:
    place, year, this_year = found.organisation_id, found.year, found.today.year
    pages: Row = [
        (label, YearPicture(organisation=place, year=year, page=number))
        for number, label in enumerate(texts.pages())
        if number != page
    ]
    years: Row = [
        (texts.year(other), YearPicture(organisation=place, year=other))
        for other in (year - 1, year + 1)
        if other <= this_year
    ]
    files: Row = [
        (texts.sheet(), YearSheet(organisation=place, year=year)),
        (texts.names(), Numbers(organisation=place, year=year)),
    ]
    report: Row = [(texts.report(), YearReport(organisation=place, year=year))]
    last = this_year - 1
    above: Row = [(texts.whole(last), WholeDepartment(year=last))]
    rows = [pages, files, years]
    # A branch reports to nobody but its committee (N38); the department sees all of it anyway.
    rows += [report] if found.level != "branch" else []
    return rows if found.level == DEPARTMENT else [*rows, above]


async def sheet(
    query: CallbackQuery, callback_data: YearSheet, services: Services, actor: Actor, today: date
) -> None:
    place, year = callback_data.organisation, callback_data.year
    async with waiting(query, texts.working()):
        made = await services.figures.sheet(actor, place, year, today)
    await send_file(query, made, texts.sheet_sent(), [[_back(place, year)]])


async def report(
    query: CallbackQuery, callback_data: YearReport, services: Services, actor: Actor, today: date
) -> None:
    place, year = callback_data.organisation, callback_data.year
    async with waiting(query, texts.working()):
        made = await services.figures.report(actor, place, year, today)
    await send_file(query, made, texts.report_sent(), [[_back(place, year)]])


def _back(place: str, year: int) -> tuple[str, YearPicture]:
    return texts.back(), YearPicture(organisation=place, year=year)


async def numbers(
    query: CallbackQuery, callback_data: Numbers, services: Services, actor: Actor
) -> None:
    place, year = callback_data.organisation, callback_data.year
    found = await services.figures.behind(actor, place, year)
    rows: list[Row] = []
    for item in found:
        behind = PeopleBehind(organisation=place, year=year, number=item.number)
        rows.append([(texts.number(item, year), behind)])
    await show(query, fit(texts.numbers(found, year)), [*rows, [_back(place, year)]])


async def people(
    query: CallbackQuery, callback_data: PeopleBehind, services: Services, actor: Actor
) -> None:
    place, year, number = callback_data.organisation, callback_data.year, callback_data.number
    async with waiting(query, texts.working()):
        # The sums hold no names: the cases of each branch are read and counted anew.
        found = await services.figures.people(actor, place, year, number, callback_data.page)

    def turned(page: int) -> PeopleBehind:
        return PeopleBehind(organisation=place, year=year, number=number, page=page)

    rows: list[Row] = [
        [(f"{line.person} · {line.organisation}", Card(case=line.case_id))] for line in found.lines
    ]
    back: Row = [(texts.to_numbers(), Numbers(organisation=place, year=year))]
    turns = turning(found.page, found.pages, turned)
    listed = PartOf(of=Of.NUMBER, number=number, year=year, organisation=place)
    file: Row = [(case_texts.sheet(), listed)] if found.lines else []
    await show(query, fit(texts.people(found)), [*rows, turns, file, back])


async def whole(
    query: CallbackQuery,
    callback_data: WholeDepartment,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    found = await services.figures.published(actor, callback_data.year, today)
    await show(
        query, fit(texts.published(found)), [[(texts.back(), Go(place=Destination.FIGURES))]]
    )


def build() -> Router:
    router = Router(name="figures")
    router.callback_query.register(open_, Go.filter(F.place == Destination.FIGURES))
    router.callback_query.register(picture, YearPicture.filter())
    router.callback_query.register(sheet, YearSheet.filter())
    router.callback_query.register(report, YearReport.filter())
    router.callback_query.register(numbers, Numbers.filter())
    router.callback_query.register(people, PeopleBehind.filter())
    router.callback_query.register(whole, WholeDepartment.filter())
    return router
