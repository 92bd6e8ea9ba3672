"""Which part of the cases a sheet is wanted of: asked, and sent."""

from datetime import date

from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from domain.figures.reading import MADE, STANDS, countable
from domain.permissions import TABLE, Permission
from handlers.staff.cases.callbacks import ChooseCallback, PartOfCallback
from handlers.staff.common.lists import send_list
from handlers.staff.common.paging import turning
from handlers.staff.common.progress import counted
from handlers.staff.common.replies import Row, fit, in_rows, send_file, show, tell
from handlers.staff.shared import texts as words
from handlers.staff.sheets import texts
from handlers.staff.sheets.callbacks import (
    BelowCallback,
    HelperListCallback,
    MembersCallback,
    OfYearCallback,
)
from services.container import Services
from services.people.views import Actor
from services.sheets.selection import CaseSelection, Of


async def choose(
    query: CallbackQuery,
    callback_data: ChooseCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    place = callback_data.organisation
    stages = _figures(services, STANDS, 0, place)
    plain: Row = [
        (texts.of(of), PartOfCallback(of=of, organisation=place))
        for of in (Of.OVERDUE, Of.SOON, Of.PUT_OFF, Of.OVER, Of.ALL)
    ]
    rows = [*in_rows(stages, 2), *in_rows(plain, 2)]
    rows.append([(texts.of_a_year(), OfYearCallback(year=today.year, organisation=place))])
    others: list[tuple[str, CallbackData]] = [
        (texts.helpers(), HelperListCallback(organisation=place))
    ]
    # By role alone, to offer it; at which branches it holds, the service asks.
    if place and TABLE[Permission.TAKE_OVER] & actor.roles:
        others.append((texts.members(), MembersCallback(organisation=place)))
    rows.append(others)
    rows += await _narrower(services, actor, place)
    name = await services.sheets.named(actor, place)
    await show(query, fit(texts.choose(name)), rows)


async def _narrower(services: Services, actor: Actor, place: str) -> list[Row]:
    found = await services.sheets.places(actor, place)
    if len(found.found) > 1 or (found.found and place):
        return [[(texts.narrower(), BelowCallback(organisation=place))]]
    return []


async def of_year(
    query: CallbackQuery,
    callback_data: OfYearCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    place, year = callback_data.organisation, callback_data.year
    rows = in_rows(_figures(services, MADE, year, place), 2)
    years: Row = [
        (texts.year(other), OfYearCallback(year=other, organisation=place))
        for other in (year - 1, year + 1)
        if other <= today.year
    ]
    back: Row = [(words.back(), ChooseCallback(organisation=place))]
    name = await services.sheets.named(actor, place)
    await show(query, fit(texts.of_which(year, name)), [*rows, years, back])


def _figures(services: Services, stem: str, year: int, place: str) -> Row:
    """A button for each stage in which people are called something."""
    return [
        (
            words.plain(title),
            PartOfCallback(of=Of.NUMBER, number=number, year=year, organisation=place),
        )
        for number, (cell, title) in enumerate(countable(services.procedure.current))
        if cell.startswith(stem)
    ]


async def below(
    query: CallbackQuery, callback_data: BelowCallback, services: Services, actor: Actor
) -> None:
    found = await services.sheets.places(actor, callback_data.organisation, callback_data.page)

    def turned(page: int) -> BelowCallback:
        return BelowCallback(organisation=callback_data.organisation, page=page)

    rows: list[Row] = [[(name, ChooseCallback(organisation=place))] for place, name in found.found]
    back: Row = [(words.back(), ChooseCallback(organisation=callback_data.organisation))]
    await show(
        query, fit(texts.which_place()), [*rows, turning(found.page, found.pages, turned), back]
    )


async def part(
    query: CallbackQuery,
    callback_data: PartOfCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    said = callback_data
    wanted = CaseSelection(said.of, "", said.number, said.year, said.organisation)
    name = await services.sheets.named(actor, said.organisation)
    label = texts.part(wanted, name, services.procedure.current)
    async with counted(query, texts.read_so_far) as told:
        made = await services.sheets.cases(actor, today, wanted, label, told)
    if not made.rows:
        await tell(query, texts.nobody(label))
        return
    await send_file(query, made, texts.sent(made))


async def helpers(
    query: CallbackQuery,
    callback_data: HelperListCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    place = callback_data.organisation
    name = await services.sheets.named(actor, place)
    rows = [texts.helper_cells(line) for line in await services.sheets.helpers(actor, place)]
    title = "_".join(one for one in (texts.helper_title(), name) if one)
    await send_list(query, title, texts.helper_heads(), rows, today)


def build() -> Router:
    router = Router(name="sheet parts")
    router.callback_query.register(choose, ChooseCallback.filter())
    router.callback_query.register(of_year, OfYearCallback.filter())
    router.callback_query.register(below, BelowCallback.filter())
    router.callback_query.register(helpers, HelperListCallback.filter())
    router.callback_query.register(part, PartOfCallback.filter())
    return router
