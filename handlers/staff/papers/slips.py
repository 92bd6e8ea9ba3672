"""How many are due, and the slips of a ballot come with their counting sheet."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.rulebook.schema import Field
from handlers.staff.common.replies import deliver, tell
from handlers.staff.form import short_forms
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.papers import texts
from handlers.staff.papers.callbacks import SlipsCallback
from handlers.staff.papers.router import ways
from services.container import services_of
from services.papers.views import CannotPrint

SLIPS, DUE = "slips", "due"
COUNT = re.compile(r"[^0-9]*([0-9]{1,5})[^0-9]*")
"""A number, whatever is said around it."""
MOST = 2000
"""Of a branch meeting; more is a slip of the finger, and a file that takes minutes."""


async def fields(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(DUE),)


def due_in(text: str) -> str | None:
    found = COUNT.fullmatch(text)
    return found[1] if found and 1 <= int(found[1]) <= MOST else None


async def make(event: Message | CallbackQuery, session: FormSession) -> None:
    case, step, number = session.draft.of.split(":")
    papers, due, bot = (
        services_of(session.data).papers,
        int(session.draft.text(DUE)),
        event.bot,
    )
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    if bot is None or event.from_user is None:
        return
    # The code on the counting sheet opens this bot; aiogram asks for its name only once.
    name = (await bot.me()).username or ""
    paper = step, int(number)
    try:
        made = await papers.slips(session.actor, case, paper, due, name, session.today)
    except CannotPrint as refused:
        await tell(event, texts.no_slips(refused))
        return
    for file in made:
        await deliver(bot, event.from_user.id, file, texts.sent(file), ways(file))


SOURCES = {SLIPS: short_forms.source(fields, ShortForm(make, read=due_in, refuse=texts.due_wanted))}


async def begin(
    query: CallbackQuery, callback_data: SlipsCallback, dialog_manager: DialogManager
) -> None:
    """The right is asked when the slips are made."""
    of = f"{callback_data.case}:{callback_data.step}:{callback_data.number}"
    await short_forms.begin(query, dialog_manager, SLIPS, DUE, of=of, said=texts.ask_due())


def build() -> Router:
    router = Router(name="slips")
    router.callback_query.register(begin, SlipsCallback.filter())
    return router
