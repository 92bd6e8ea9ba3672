"""Which number notices name, and who answers it: seen and set by committees and the director."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.hotlines import hotline_in
from domain.rulebook.schema import Field
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import Go
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, fit, show
from handlers.staff.form import short
from handlers.staff.form.session import Session, ShortForm
from handlers.staff.people import hotlines_texts as texts
from handlers.staff.people.callbacks import SetHotline
from services.container import Services
from services.people.views import Actor

HOTLINE, LINE = "hotline", "line"


async def hotlines(query: CallbackQuery, services: Services, actor: Actor) -> None:
    found = await services.hotlines.all(actor)
    rows: list[Row] = [
        [(item.organisation, SetHotline(organisation=item.organisation_id))] for item in found
    ]
    await show(query, fit(texts.listed(found)), [*rows, [navigation.todo()]])


async def fields(session: Session) -> tuple[Field, ...]:
    return (short.text(LINE),)


def line_in(text: str) -> str | None:
    return text if hotline_in(text) else None


async def keep(event: Message | CallbackQuery, session: Session) -> None:
    services, draft = session.services, session.draft
    found = await services.hotlines.set(
        session.act("hotline"), session.actor, draft.of, draft.text(LINE)
    )
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    back: Row = [(texts.to_list(), Go(place=Destination.HOTLINES)), navigation.todo()]
    await show(event, fit(texts.kept(found)), [back])


SOURCES = {
    HOTLINE: short.source(fields, ShortForm(keep, read=line_in, refuse=texts.wanted)),
}


async def begin(
    query: CallbackQuery,
    callback_data: SetHotline,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    """An old button of somebody whose post is over leads to the list, which refuses."""
    found = await services.hotlines.all(actor)
    item = next((one for one in found if one.organisation_id == callback_data.organisation), None)
    if item is None:
        await hotlines(query, services, actor)
        return
    await short.begin(
        query, dialog_manager, HOTLINE, LINE, of=item.organisation_id, said=texts.ask(item)
    )


def build() -> Router:
    router = Router(name="hotlines")
    router.callback_query.register(hotlines, Go.filter(F.place == Destination.HOTLINES))
    router.callback_query.register(begin, SetHotline.filter())
    return router
