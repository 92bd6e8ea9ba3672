"""Short forms: a few questions of a feature's own, asked by the conversation that fills steps."""

from collections.abc import Awaitable, Callable, Iterable

from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, StartMode

from domain.rulebook.schema import Field, FieldType, Option, Text
from handlers.staff.common import navigation as ways
from handlers.staff.common.replies import Row, settle
from handlers.staff.form import leaving_texts
from handlers.staff.form.answers import Draft
from handlers.staff.form.session import Session, ShortForm, Source
from handlers.staff.form.states import Filling
from services.cases.views import Preview

UNNAMED = Text("", "")
"""A short form words its questions itself."""


def text(field: str) -> Field:
    return Field(field, FieldType.TEXT, UNNAMED)


def choice(field: str, options: Iterable[tuple[str, str]]) -> Field:
    """One of `options`: id and label each, all on one screen."""
    offered = tuple(Option(item, Text(label, label)) for item, label in options)
    return Field(field, FieldType.CHOICE, UNNAMED, options=offered)


def organisation(session: Session, field: str, offered: Iterable[tuple[str, str]]) -> Field:
    """One of many, a page at a time: id and name each."""
    session.draft.offer(field, offered)
    return Field(field, FieldType.ORGANISATION, UNNAMED)


def source(
    fields: Callable[[Session], Awaitable[tuple[Field, ...]]],
    short: ShortForm,
) -> Source:
    async def preview(session: Session) -> Preview:
        return Preview(await fields(session), ())

    async def confirm(query: CallbackQuery, session: Session) -> None:
        await short.act(query, session)

    return Source(preview, _keep, confirm, _left, _given_up, short)


async def begin(event: Message | CallbackQuery, manager: DialogManager, kind: str, at: str) -> None:
    """Ask the question `at` of the source `kind`."""
    if isinstance(event, CallbackQuery):
        await settle(event)
    draft = Draft.short({}, kind, at)
    await manager.start(Filling.asking, draft.data, mode=StartMode.RESET_STACK)


async def _keep(session: Session) -> None:
    """A short form is quicker begun again than found again."""


async def _left(session: Session) -> tuple[str, list[Row]]:
    """What was pressed is no loss; what was written is told."""
    preview = await session.preview()
    texts = {field.id for field in preview.fields if field.type is FieldType.TEXT}
    written = texts & session.draft.answers.keys()
    return (leaving_texts.not_kept() if written else ""), [[ways.todo()]]


async def _given_up(session: Session) -> tuple[str, list[Row]]:
    return leaving_texts.cancelled(), [[ways.todo()]]
