"""A list as a file, a file previewed, confirmed, undone."""

from datetime import date, datetime
from io import BytesIO

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Document, Message

from domain.permissions import TABLE, Permission
from handlers.staff.cases import texts as case_texts
from handlers.staff.cases.callbacks import ChooseCallback, SheetCallback
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.progress import counted
from handlers.staff.common.replies import Row, fit, send_file, show, tell
from handlers.staff.sheets import selection, texts
from handlers.staff.sheets.callbacks import ConfirmCallback, MembersCallback, UndoCallback
from papers.sheets.reading import LARGEST
from services.container import Services
from services.core.acts import Acts
from services.core.errors import NotAllowed, NotFound
from services.people.views import Actor
from services.sheets.selection import CaseSelection
from services.sheets.views import NoSheet, SheetClosed

ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt")


async def about(query: CallbackQuery, actor: Actor) -> None:
    rows: list[Row] = [[(texts.cases(), SheetCallback())]]
    # By role alone, to offer it; at which branches it holds, the service asks.
    if TABLE[Permission.TAKE_OVER] & actor.roles:
        rows[0] = [*rows[0], (texts.members(), MembersCallback())]
    rows.append([(case_texts.by_part(), ChooseCallback())])
    await show(query, fit(texts.about()), rows)


async def cases(
    query: CallbackQuery,
    callback_data: SheetCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    async with counted(query, texts.read_so_far) as told:
        made = await services.sheets.cases(
            actor, today, CaseSelection(text=callback_data.text), callback_data.text, told
        )
    await send_file(query, made, texts.sent(made))


async def members(
    query: CallbackQuery,
    callback_data: MembersCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    made = await services.sheets.members(actor, today, callback_data.organisation)
    await send_file(query, made, texts.sent_members(made))


async def preview(message: Message, services: Services, actor: Actor, moment: datetime) -> None:
    """A file that was sent while no question was open."""
    assert message.document is not None
    assert message.bot is not None
    try:
        async with counted(message, texts.read_so_far) as told:
            content = await _content(message.bot, message.document)
            found = await services.sheets.preview(actor, content, moment, told)
    except NoSheet as refused:
        await message.answer(texts.refused(refused))
        return
    except NotAllowed:
        await message.answer(texts.not_for_you())
        return
    offered = [(texts.confirm(), ConfirmCallback(sheet=found.sheet_id))] if found.sheet_id else []
    await show(message, fit(texts.previewed(found)), [offered])


async def _content(bot: Bot, document: Document) -> bytes:
    # Before it is fetched: a bot gets no larger file from the messenger, and would wait for
    # nothing.
    if (document.file_size or 0) > LARGEST:
        raise NoSheet("too_big")
    content = BytesIO()
    try:
        await bot.download(document.file_id, destination=content)
    except TelegramBadRequest as refused:
        # Its size isn't always told with the message.
        raise NoSheet("too_big" if "too big" in refused.message else "away") from None
    return content.getvalue()


async def confirm(
    query: CallbackQuery,
    callback_data: ConfirmCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    sheet = callback_data.sheet
    try:
        async with counted(query, texts.entered_so_far) as told:
            done = await services.sheets.confirm(act("confirm_sheet"), actor, sheet, told)
    # Replaced by a later file of theirs, whose own preview has a button.
    except NotFound:
        await tell(query, texts.gone())
        return
    except SheetClosed as closed:
        await tell(query, texts.closed(closed))
        return
    rows: list[Row] = [[navigation.todo()]]
    # Where nothing came of it, there is nothing to take back.
    if done.entered:
        rows.append([(texts.undo(), UndoCallback(sheet=sheet))])
    await show(query, fit(texts.taken_over(done)), rows)


async def undo(
    query: CallbackQuery, callback_data: UndoCallback, services: Services, actor: Actor, act: Acts
) -> None:
    sheet = callback_data.sheet
    try:
        async with counted(query, texts.taken_back_so_far) as told:
            done = await services.sheets.undo(act("undo_sheet"), actor, sheet, told)
    except SheetClosed as closed:
        await tell(query, texts.closed(closed))
        return
    await show(query, fit(texts.undone(done)), [[navigation.todo()]])


def build() -> Router:
    router = Router(name="sheets")
    router.callback_query.register(about, GoCallback.filter(F.place == Destination.SHEETS))
    router.callback_query.register(cases, SheetCallback.filter())
    router.callback_query.register(members, MembersCallback.filter())
    router.callback_query.register(confirm, ConfirmCallback.filter())
    router.callback_query.register(undo, UndoCallback.filter())
    router.include_router(selection.build())
    return router


def build_files() -> Router:
    """After the form, which takes a file for an answer where it asks for one."""
    router = Router(name="sheet files")
    router.message.register(preview, F.document.file_name.lower().endswith(ENDINGS))
    return router
