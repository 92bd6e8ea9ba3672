"""Short forms: a few questions of a feature's own, asked by the conversation that fills steps."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, StartMode

from domain.rulebook.kinds import LISTS
from domain.rulebook.schema import Field, FieldType, Option, Text
from handlers.staff.common import navigation
from handlers.staff.common.replies import Row, settle
from handlers.staff.form import texts
from handlers.staff.form.answers import FormData
from handlers.staff.form.session import FieldSource, Filling, FormSession, ShortForm
from services.cases.views import Preview

KEPT, MOST = "kept", 20
"""Unfinished forms are kept with the chat under this name: the newest `MOST`."""
REMEMBERED = ("answers", "at")
"""Of such a form: what was answered and where it stands."""
UNNAMED = Text("", "")
"""A short form words its questions itself."""


def text(field: str, optional: bool = False) -> Field:
    return Field(field, FieldType.TEXT, UNNAMED, optional=optional)


def choice(field: str, options: Iterable[tuple[str, str]]) -> Field:
    """One of `options`: id and label each, all on one screen."""
    # Labels come in the reader's language already, so both languages are the same.
    offered = tuple(Option(item, Text(label, label)) for item, label in options)
    return Field(field, FieldType.CHOICE, UNNAMED, options=offered)


def choices(field: str, options: Iterable[tuple[str, str]]) -> Field:
    """Several of `options`, or none."""
    return replace(choice(field, options), type=FieldType.CHOICES, optional=True)


def people(field: str) -> Field:
    """Several of those whom `begin` offers, a page at a time."""
    return Field(field, FieldType.PERSONS, UNNAMED)


def single_ticked(session: FormSession, field: str) -> str:
    """The name of the single one who is offered, as long as they are ticked; else ""."""
    offered = session.draft.people(field)
    return offered[0].name if len(offered) == 1 and session.draft.picked(field) else ""


def organisation(session: FormSession, field: str, offered: Iterable[tuple[str, str]]) -> Field:
    """One of many, a page at a time: id and name each."""
    session.draft.offer(field, offered)
    return Field(field, FieldType.ORGANISATION, UNNAMED)


def found(field: str) -> Field:
    """One of what was found by a text, or none."""
    return Field(field, FieldType.ORGANISATION, UNNAMED, optional=True)


def between(least: int, most: int) -> Callable[[str], str | None]:
    """Takes a text of so many characters."""
    return lambda said: said if least <= len(said) <= most else None


def source(
    fields: Callable[[FormSession], Awaitable[tuple[Field, ...]]],
    short: ShortForm,
    *,
    kept: bool = False,
) -> FieldSource:
    """Make a short form a source of questions. `kept`: left unfinished, it is taken up again;
    others are quicker begun anew."""

    async def preview(session: FormSession) -> Preview:
        return Preview(await fields(session), ())

    async def confirm(event: CallbackQuery | Message, session: FormSession) -> None:
        # Before the act, which ends the dialog and the draft with it.
        name = _name(session.draft)
        await short.act(event, session)
        # After the act: where that is refused, the form is still there to be taken up again.
        await _put(session.manager, name, None)

    if kept:
        return FieldSource(preview, _keep_in_chat, confirm, _left_in_chat, _given_up, short)
    return FieldSource(preview, _keep, confirm, _left, _given_up, short)


async def begin(
    event: Message | CallbackQuery,
    manager: DialogManager,
    kind: str,
    at: str,
    *,
    of: str = "",
    said: Sequence[str] = (),
    offered: Iterable[tuple[str, str]] = (),
    picked: Sequence[str] = (),
) -> None:
    """Ask the question `at` of the source `kind` about the row `of`, or go on where it was left.
    `said`: with the questions that the feature doesn't word anew each time. `offered`: ids and
    names that answer the first; `picked`: those ticked already."""
    if isinstance(event, CallbackQuery):
        await settle(event)
    draft = FormData.short(kind, of, at, said)
    draft.offer(at, offered)
    if picked:
        draft.answer(at, tuple(picked))
    # After what is asked now: an unfinished form brings its answers, and where it stood.
    draft.data.update(await _kept(manager, draft))
    state = Filling.asking if draft.at else Filling.summary
    await manager.start(state, draft.data, mode=StartMode.RESET_STACK)


async def _keep(session: FormSession) -> None:
    """Keep nothing: its few answers are quicker given again."""


async def _left(session: FormSession) -> tuple[str, list[Row]]:
    """Say on leaving that what was written or ticked isn't kept; what was pressed is no loss."""
    preview = await session.preview()
    worth = {field.id for field in preview.fields if field.type in (*LISTS, FieldType.TEXT)}
    given = worth & session.draft.answers.keys()
    return (texts.not_kept() if given else ""), [[navigation.todo()]]


async def _given_up(session: FormSession) -> tuple[str, list[Row]]:
    await _put(session.manager, _name(session.draft), None)
    return texts.cancelled(), [[navigation.todo()]]


def _name(draft: FormData) -> str:
    return f"{draft.kind}:{draft.of}"


async def _keep_in_chat(session: FormSession) -> None:
    """Keep the unfinished form with the chat, so that it outlives the dialog and a restart."""
    draft = session.draft
    now = {name: draft.data[name] for name in REMEMBERED} if draft.answers else None
    await _put(session.manager, _name(draft), now)


async def _left_in_chat(session: FormSession) -> tuple[str, list[Row]]:
    await _keep_in_chat(session)
    return (texts.put_aside() if session.draft.answers else ""), [[navigation.todo()]]


async def _kept(manager: DialogManager, draft: FormData) -> dict[str, Any]:
    """What was kept of this form."""
    return dict((await _all(manager)).get(_name(draft), {}))


async def _put(manager: DialogManager, name: str, value: dict[str, Any] | None) -> None:
    """Keep `value` under a form's name; None once it was finished or given up."""
    kept = await _all(manager)
    # Taken out and put in again, so that it is the newest: beyond MOST the oldest goes.
    if kept.pop(name, None) is None and value is None:
        return
    if value is not None:
        kept[name] = value
    context: FSMContext = manager.middleware_data["state"]
    await context.update_data({KEPT: dict(list(kept.items())[-MOST:])})


async def _all(manager: DialogManager) -> dict[str, Any]:
    context: FSMContext = manager.middleware_data["state"]
    return dict((await context.get_data()).get(KEPT, {}))
