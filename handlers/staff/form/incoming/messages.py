"""The conversation itself, three screens whatever the step, and what a message means in it. What
doesn't fit is said above the question, which stays; nothing is stored then."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from aiogram.fsm.state import State
from aiogram.types import Message
from aiogram_dialog import Dialog, DialogManager, Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.input.base import MessageHandlerFunc
from aiogram_dialog.widgets.text import Format

from domain.case.answers import bare_numbers, check_answer
from domain.case.facts import Problem, ProblemCode
from domain.rulebook.schema import Field, FieldType
from handlers.attachment_texts import recording_in
from handlers.staff.form import texts
from handlers.staff.form.answers import screen_of, still_open
from handlers.staff.form.buttons import DialogKeyboard, WholeButtons
from handlers.staff.form.incoming.presses import pressed, pressed_in_words
from handlers.staff.form.incoming.reading import (
    File,
    ballot_line,
    by_name,
    content_of,
    file_of,
    from_text,
    labelled,
    sound_of,
)
from handlers.staff.form.incoming.screen_messages import (
    Found,
    ballot_again,
    in_parts,
    take_found,
    unnamed,
    written,
)
from handlers.staff.form.screens import question_list, view
from handlers.staff.form.session import Filling, FormSession, ShortForm
from services.attachments.errors import Unusable
from services.attachments.formats import LARGEST
from services.cases.views import Preview
from services.container import services_of

SHORTEST_REASON, LONGEST_REASON = 4, 300


async def heard(message: Message, source: MessageInput, manager: DialogManager) -> None:
    session = FormSession(manager)
    if await pressed_in_words(message, session) or await _ballot_again(message, session):
        return
    _, field = await session.asked()
    if (short := session.source.short) is not None:
        await _short(message, session, field, short)
    elif field is None or manager.current_context().state == Filling.summary:
        await _added(message, session)
    # Somebody else's words aren't the answer of whoever forwards them.
    elif message.forward_origin is not None:
        session.reject(texts.forwarded(field))
    elif len(group := (await session.screen())[1]) > 1:
        await _on_screen(message, session, group)
    elif field.type in READERS:
        await READERS[field.type](message, session, field)
    else:
        session.reject(texts.not_this(field))


async def _ballot_again(message: Message, session: FormSession) -> bool:
    """A ballot line below other questions, or below the summary, replaces the one before."""
    if message.forward_origin is not None or not message.text or session.source.short is not None:
        return False
    return await ballot_again(message.text, session)


async def _on_screen(message: Message, session: FormSession, group: Sequence[Field]) -> None:
    """A text for one or several of its questions; a file for the one that takes files."""
    proof = _takes(message, group)
    if message.text is not None:
        await written(message, session, group)
    elif proof is not None:
        if await _proof(message, session, proof):
            await _under_it(message, session, group)
        await session.advance()
    else:
        session.reject(texts.not_here(question_list.current(group, session.draft) or group[0]))


async def _added(message: Message, session: FormSession) -> None:
    """What may still be added while the whole is looked over: a file, and texts left open."""
    preview = await session.preview()
    proof = _takes(message, preview.fields)
    more, text = view.to_add(preview, session.draft), message.text or ""
    if message.forward_origin is not None:
        session.reject(texts.press_only())
    elif found := _numbered(text, session, preview):
        await take_found(found, session, preview.fields)
    elif text and more is not None:
        await _kept(text, session, more)
    elif proof is not None and (file_of(message) or (proof.recorded and sound_of(message))):
        await _file(message, session, proof)
    else:
        session.reject(texts.press_only())


def _numbered(text: str, session: FormSession, preview: Preview) -> Found | None:
    """Texts that are told by their numbers, once all else was answered."""
    left = view.parts_to_add(preview, session.draft)
    return in_parts(text, session, screen_of(preview.fields, left[0])) if left else None


async def _kept(text: str, session: FormSession, field: Field) -> None:
    value = from_text(field, text, session.today)
    problem = value if isinstance(value, Problem) else check_answer(field, value, session.today)
    if problem is not None:
        session.reject(texts.rejected(problem, {}))
    elif not isinstance(value, Problem):
        await session.store({field.id: value})


async def _short(
    message: Message, session: FormSession, field: Field | None, short: ShortForm
) -> None:
    """Only a question for a text takes one; one for an organisation may look for it, one for a file
    takes that."""
    said = "" if message.forward_origin else (message.text or "").strip()
    # Before everything else: a file sent with words is an answer, whatever the question is for.
    if short.file is not None and message.document is not None:
        await short.file(message, session)
    elif field is not None and field.type is FieldType.ORGANISATION and short.find is not None:
        await short.find(session, said)
    elif field is None or field.type is not FieldType.TEXT:
        session.reject(texts.press_wanted())
    elif (value := short.read(said)) is None:
        session.reject(short.refuse())
    else:
        await session.store({field.id: value})
        await session.forward()


async def _text(message: Message, session: FormSession, field: Field) -> None:
    if message.text is None:
        session.reject(texts.not_this(field))
        return
    value = from_text(field, message.text, session.today)
    if isinstance(value, Problem):
        session.reject(texts.rejected(value, {}))
    else:
        await session.give(field, value)


async def _label(message: Message, session: FormSession, field: Field) -> None:
    value = labelled(field, message.text or "")
    if value is None:
        session.reject(texts.not_this(field))
    else:
        await session.give(field, value)


async def _number(message: Message, session: FormSession, field: Field) -> None:
    """One number, or all numbers of a ballot in one line: those are read back first."""
    preview = await session.preview()
    reading, unknown = ballot_line(preview, message.text or "") if field.count else ({}, ())
    if not reading and field.count and bare_numbers(message.text or "") > 1:
        session.reject(await unnamed(session))
        return
    if not reading:
        await _text(message, session, field)
        return
    session.draft.data["reading"] = reading
    if unknown:
        session.reject(texts.not_read(unknown))


async def _person(message: Message, session: FormSession, field: Field) -> None:
    """A name out of the list: of a person, or of a branch."""
    if message.text is None:
        session.reject(texts.not_this(field))
        return
    found = by_name(session.draft.people(field.id), message.text)
    if len(found) != 1:
        say = texts.several_names if found else texts.unknown_name
        session.reject(say(message.text))
    elif field.type in (FieldType.PERSON, FieldType.ORGANISATION):
        await session.give(field, found[0].person_id)
    else:
        # Added to those chosen before: several people are named one after the other.
        chosen = [*session.draft.picked(field.id), found[0].person_id]
        await session.store({field.id: tuple(dict.fromkeys(chosen))})


async def _under_it(message: Message, session: FormSession, group: Sequence[Field]) -> None:
    """The words under a photo answer the only text that its screen asks for, while that is open."""
    asked = [field for field in group if field.type is FieldType.TEXT]
    if not message.caption:
        return
    if len(asked) == 1 and asked[0].id not in session.draft.answers:
        value = from_text(asked[0], message.caption, session.today)
        wrong = not isinstance(value, Problem) and check_answer(asked[0], value, session.today)
        if not wrong and not isinstance(value, Problem):
            await session.store({asked[0].id: value})
            return
    session.reject(texts.words_not_kept())


async def _file(message: Message, session: FormSession, field: Field) -> None:
    if await _proof(message, session, field) and message.caption:
        # The file is kept all the same; this is how something is said above the question.
        session.reject(texts.words_not_kept())


async def _proof(message: Message, session: FormSession, field: Field) -> bool:
    """Keep the file of a message, or say why not. True where the words under it may mean more."""
    recording, file = recording_in(message), file_of(message)
    if field.recorded:
        recording, file = "", sound_of(message)
    if recording:
        session.reject(texts.file_refused(recording))
    elif file is None:
        session.reject(texts.not_this(field))
    elif file.size > LARGEST:
        session.reject(texts.file_refused("too_big"))
    else:
        return await _attach(message, session, field, file)
    return False


async def _attach(message: Message, session: FormSession, field: Field, file: File) -> bool:
    # Asked before the download, with "" for the file to come: nothing is stored in vain.
    proofs = session.draft.picked(field.id)
    problem = check_answer(field, (*proofs, ""), session.today)
    if problem is not None and problem.code == ProblemCode.TOO_MANY:
        session.reject(texts.rejected(problem, {}))
        return False
    services = services_of(session.data)
    try:
        # Not downloaded here: it is fetched once there is room in memory for it.
        fetch = partial(content_of, message, file)
        clean = await services.attachments.clean(fetch, recording=field.recorded)
    except Unusable as refused:
        session.reject(texts.file_refused(refused.reason))
        return False
    act = session.act("attach")
    proof = await services.steps.attach(act, session.actor, session.draft.case, clean)
    await session.store({field.id: (*proofs, proof)})
    if field.recorded:
        left = still_open((await session.preview()).fields, session.draft.answers)
        more = [texts.words_not_kept()] if message.caption else []
        session.reject("\n".join([texts.recording_kept(left), *more]))
        return False
    return True


async def reason(message: Message, source: MessageInput, manager: DialogManager) -> None:
    """Why an entry is corrected; then its answers, ready to be changed."""
    session = FormSession(manager)
    if await pressed_in_words(message, session):
        return
    text = (message.text or "").strip()
    if message.forward_origin or not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        session.reject(texts.reason_wanted())
        return
    session.draft.data["reason"] = text
    await session.ask(None)


def _takes(message: Message, fields: Sequence[Field]) -> Field | None:
    """The question that takes the file of a message: a voice message is asked for by itself."""
    proofs = [field for field in fields if field.type is FieldType.PROOF]
    recorded = sound_of(message) is not None
    fitting = [field for field in proofs if field.recorded is recorded]
    return next(iter(fitting or proofs), None)


READERS: Mapping[FieldType, Callable[[Message, FormSession, Field], Awaitable[None]]] = {
    FieldType.TEXT: _text,
    FieldType.DATE: _text,
    FieldType.FLAG: _label,
    FieldType.CHOICE: _label,
    FieldType.NUMBER: _number,
    FieldType.PERSON: _person,
    FieldType.PERSONS: _person,
    FieldType.ORGANISATION: _person,
    FieldType.PROOF: _file,
}


def build() -> Dialog:
    return Dialog(
        _window(Filling.reason, reason),
        _window(Filling.asking, heard),
        _window(Filling.summary, heard),
        on_start=_take_over,
        name="filling",
    )


def _window(state: State, heard: MessageHandlerFunc) -> Window:
    return Window(
        Format("{text}"),
        DialogKeyboard(pressed),
        MessageInput(heard),
        state=state,
        getter=view.shown,
        markup_factory=WholeButtons(),
        parse_mode="HTML",
    )


async def _take_over(start_data: Any, manager: DialogManager) -> None:
    """Make the draft that a conversation was started with its data, and keep it once only."""
    manager.dialog_data.update(start_data or {})
    manager.current_context().start_data = None
