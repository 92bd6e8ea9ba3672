"""Which number notices name, and who answers it: seen, set and withdrawn by committees and the
director."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.hotlines import hotline_in
from domain.rulebook.schema import Field
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, close, fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.people import hotlines_texts as texts
from handlers.staff.people.callbacks import (
    HotlineCallback,
    SetHotlineCallback,
    WithdrawHotlineCallback,
)
from services.container import Services, services_of
from services.core.acts import Acts
from services.people.hotlines import HotlineLine
from services.people.views import Actor

HOTLINE, LINE = "hotline", "line"


async def hotlines(query: CallbackQuery, services: Services, actor: Actor) -> None:
    found = await services.hotlines.all(actor)
    rows: list[Row] = [
        [(item.organisation, HotlineCallback(organisation=item.organisation_id))] for item in found
    ]
    await show(query, fit(texts.listed(found)), [*rows, [navigation.todo()]])


async def fields(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(LINE),)


def line_in(text: str) -> str | None:
    return text if hotline_in(text) else None


async def keep(event: Message | CallbackQuery, session: FormSession) -> None:
    services, draft = services_of(session.data), session.draft
    found = await services.hotlines.set(
        session.act("hotline"), session.actor, draft.of, draft.text(LINE)
    )
    await close(event, session.manager, fit(texts.kept(found)), [_back()])


def _back() -> Row:
    return [(texts.to_list(), GoCallback(place=Destination.HOTLINES)), navigation.todo()]


SOURCES = {
    HOTLINE: short_forms.source(fields, ShortForm(keep, read=line_in, refuse=texts.wanted)),
}


async def _item(services: Services, actor: Actor, organisation_id: str) -> HotlineLine | None:
    found = await services.hotlines.all(actor)
    return next((one for one in found if one.organisation_id == organisation_id), None)


async def one(
    query: CallbackQuery,
    callback_data: HotlineCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    """An old button of somebody whose post is over leads to the list, which refuses."""
    item = await _item(services, actor, callback_data.organisation)
    if item is None:
        await hotlines(query, services, actor)
    # Nothing to read there yet, so the question comes at once.
    elif item.hotline is None and not item.earlier:
        await _ask(query, dialog_manager, item)
    else:
        place = item.organisation_id
        change: Row = [
            (texts.to_set(item.hotline is not None), SetHotlineCallback(organisation=place))
        ]
        away: Row = [(texts.to_withdraw(), WithdrawHotlineCallback(organisation=place))]
        rows = [change, away] if item.hotline is not None else [change]
        await show(query, fit(texts.shown(item)), [*rows, _back()])


async def begin(
    query: CallbackQuery,
    callback_data: SetHotlineCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    item = await _item(services, actor, callback_data.organisation)
    if item is None:
        await hotlines(query, services, actor)
        return
    await _ask(query, dialog_manager, item)


async def _ask(query: CallbackQuery, dialog_manager: DialogManager, item: HotlineLine) -> None:
    await short_forms.begin(
        query, dialog_manager, HOTLINE, LINE, of=item.organisation_id, said=texts.ask(item)
    )


async def withdraw(
    query: CallbackQuery,
    callback_data: WithdrawHotlineCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    """What holds afterwards is said first; withdrawn once that was seen."""
    place = callback_data.organisation
    item = await _item(services, actor, place)
    if item is None:
        await hotlines(query, services, actor)
    elif callback_data.sure:
        item = await services.hotlines.withdraw(act("withdraw_hotline"), actor, place)
        await show(query, fit(texts.withdrawn(item)), [_back()])
    # Somebody else withdrew it since the button was shown.
    elif item.hotline is None:
        await show(query, fit(texts.shown(item)), [_back()])
    else:
        sure: Row = [(texts.sure(), WithdrawHotlineCallback(organisation=place, sure=True))]
        await show(query, fit(texts.ask_withdraw(item)), [sure, _back()])


def build() -> Router:
    router = Router(name="hotlines")
    router.callback_query.register(hotlines, GoCallback.filter(F.place == Destination.HOTLINES))
    router.callback_query.register(one, HotlineCallback.filter())
    router.callback_query.register(begin, SetHotlineCallback.filter())
    router.callback_query.register(withdraw, WithdrawHotlineCallback.filter())
    return router
