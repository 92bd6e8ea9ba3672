"""/cases, search by name, a case, a guide."""

from datetime import date

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.types import CallbackQuery, Message

from domain.rulebook.schema import Role
from handlers import meant_texts
from handlers.staff.cases import texts
from handlers.staff.cases.callbacks import AnytimeCallback, CasesCallback, GuideCallback
from handlers.staff.cases.screens import (
    anytime_rows,
    card_rows,
    card_text,
    guide_rows,
    page_rows,
    query,
    several_rows,
)
from handlers.staff.common.callbacks import CardCallback, GoCallback
from handlers.staff.common.destinations import Destination, View
from handlers.staff.common.menu_keyboard import MenuButton
from handlers.staff.common.replies import fit, show
from handlers.staff.shared import guide_texts
from services.container import Services
from services.people.views import Actor


async def first_page(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    page = await services.cases.search(actor, today)
    await show(event, fit(texts.page(page, "")), page_rows(page, "", today))


async def turn(
    event: CallbackQuery,
    callback_data: CasesCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    text = callback_data.text
    page = await services.cases.search(actor, today, text=text, page=callback_data.page)
    await show(event, fit(texts.page(page, text)), page_rows(page, text, today))


async def search(message: Message, services: Services, actor: Actor, today: date) -> None:
    """Find what a text outside any conversation means: a name, or a sentence that names somebody.
    Only cases within reach are looked at, so that no answer tells of another."""
    said = message.text or ""
    text = query(said)
    page = await services.cases.search(actor, today, text=text)
    lines = page.lines or await services.cases.mentioned(actor, said, today)
    # The only one at once: whoever types a whole name means that person.
    if len(lines) == 1 and page.total <= 1:
        found = await services.cases.card(actor, lines[0].case_id, today)
        answer = texts.answered(found, meant_texts.asked(said), today)
        rows = card_rows(found, actor, View.SHORT)
        await show(message, card_text(found, today, View.SHORT, answer), rows)
    elif page.lines or not lines:
        await show(message, fit(texts.page(page, text)), page_rows(page, text, today))
    else:
        await show(message, texts.which(), several_rows(lines, today))


async def card(
    event: CallbackQuery, callback_data: CardCallback, services: Services, actor: Actor, today: date
) -> None:
    found = await services.cases.card(actor, callback_data.case, today)
    view = callback_data.view
    await show(event, card_text(found, today, view), card_rows(found, actor, view))


async def anytime(
    event: CallbackQuery,
    callback_data: AnytimeCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    found = await services.cases.card(actor, callback_data.case, today)
    cities = Role.SECRETARY in actor.roles and await services.departures.possible()
    await show(event, fit(texts.ask_what_happened(found)), anytime_rows(found, cities))


async def guide(
    event: CallbackQuery,
    callback_data: GuideCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    found = await services.cases.card(actor, callback_data.case, today)
    step = found.rulebook.step(callback_data.step)
    await show(event, fit(guide_texts.guide(step)), guide_rows(found, step.id))


def build() -> Router:
    router = Router(name="cases")
    router.message.register(first_page, or_f(Command("cases"), MenuButton("cases")))
    router.callback_query.register(first_page, GoCallback.filter(F.place == Destination.CASES))
    router.callback_query.register(turn, CasesCallback.filter())
    router.callback_query.register(card, CardCallback.filter())
    router.callback_query.register(anytime, AnytimeCallback.filter())
    router.callback_query.register(guide, GuideCallback.filter())
    return router


def build_search() -> Router:
    """Last but one: only a text that nobody else wanted."""
    router = Router(name="search")
    router.message.register(search, F.text & ~F.text.startswith("/") & ~F.forward_origin)
    return router
