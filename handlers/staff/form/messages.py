"""What a message means while a step is being filled. What doesn't fit is said above the question,
which stays; nothing is stored then."""

from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO

from aiogram.types import Message
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from domain.case.answers import check_answer
from domain.case.facts import Problem, Value
from domain.case.problem_codes import ProblemCode
from domain.rulebook.schema import Field, FieldType
from handlers.staff.form import texts
from handlers.staff.form.presses import give
from handlers.staff.form.session import Filling, Session, ShortForm
from handlers.staff.form.values import File, ballot_line, by_name, file_of, from_text, taken
from handlers.staff.shared import texts as words
from services.cases.forms import LARGEST_FILE

SHORTEST_REASON, LONGEST_REASON = 4, 300


async def heard(message: Message, source: MessageInput, manager: DialogManager) -> None:
    session = Session(manager)
    _, field = await session.asked()
    if (short := session.source.short) is not None:
        await _short(message, session, field, short)
    elif field is None or manager.current_context().state == Filling.summary:
        session.reject(texts.press_only())
    elif message.forward_origin is not None:
        session.reject(texts.forwarded(field))
    elif field.type in READERS:
        await READERS[field.type](message, session, field)
    else:
        session.reject(texts.not_this(field))


async def _short(message: Message, session: Session, field: Field | None, short: ShortForm) -> None:
    """Only a question for a text takes one; one for an organisation may look for it."""
    said = "" if message.forward_origin else (message.text or "").strip()
    if field is not None and field.type is FieldType.ORGANISATION and short.find is not None:
        await short.find(session, said)
    elif field is None or field.type is not FieldType.TEXT:
        session.reject(texts.press_wanted())
    elif (value := short.read(said)) is None:
        session.reject(short.refuse())
    else:
        await session.store({field.id: value})
        await session.forward()


async def _text(message: Message, session: Session, field: Field) -> None:
    if message.text is None:
        session.reject(texts.not_this(field))
        return
    value = from_text(field, message.text, session.today)
    if isinstance(value, Problem):
        session.reject(texts.rejected(value, {}))
    else:
        await give(session, field, value)


async def _label(message: Message, session: Session, field: Field) -> None:
    """The words on a button do as well as the button."""
    said = (message.text or "").strip().casefold()
    choices: list[tuple[str, Value]] = [(texts.yes(), True), (texts.no(), False)]
    if field.type is FieldType.CHOICE:
        choices = [(words.plain(option.text), option.id) for option in field.options]
    meant = [value for label, value in choices if label.casefold() == said]
    if len(meant) == 1:
        await give(session, field, meant[0])
    else:
        session.reject(texts.not_this(field))


async def _number(message: Message, session: Session, field: Field) -> None:
    """One number, or all numbers of a ballot in one line: those are read back first."""
    preview = await session.preview()
    reading, unknown = ballot_line(preview, message.text or "") if field.count else ({}, ())
    if not reading:
        await _text(message, session, field)
        return
    session.draft.data["reading"] = reading
    if unknown:
        session.reject(texts.not_read(unknown))


async def _person(message: Message, session: Session, field: Field) -> None:
    """A name out of the list: of a person, or of a branch."""
    if message.text is None:
        session.reject(texts.not_this(field))
        return
    found = by_name(session.draft.people(field.id), message.text)
    if len(found) != 1:
        say = texts.several_names if found else texts.unknown_name
        session.reject(say(message.text))
    elif field.type in (FieldType.PERSON, FieldType.ORGANISATION):
        await give(session, field, found[0].person_id)
    else:
        chosen = [*session.draft.picked(field.id), found[0].person_id]
        await session.store({field.id: tuple(dict.fromkeys(chosen))})


async def _proof(message: Message, session: Session, field: Field) -> None:
    file = file_of(message)
    if file is None:
        session.reject(texts.not_this(field))
    elif file.size > LARGEST_FILE:
        session.reject(texts.too_large())
    elif not taken(file):
        session.reject(texts.file_refused())
    else:
        await _attach(message, session, field, file)


async def _attach(message: Message, session: Session, field: Field, file: File) -> None:
    # Asked before the download, with "" for the file to come: nothing is stored in vain.
    proofs = session.draft.picked(field.id)
    problem = check_answer(field, (*proofs, ""), session.today)
    if problem is not None and problem.code == ProblemCode.TOO_MANY:
        session.reject(texts.rejected(problem, {}))
        return
    content = BytesIO()
    assert message.bot is not None  # every message of the dispatcher is bound
    await message.bot.download(file.file_id, destination=content)
    proof = await session.services.steps.attach(
        session.act("attach"),
        session.actor,
        session.draft.case,
        content.getvalue(),
        file.media_type,
        file.name,
    )
    await session.store({field.id: (*proofs, proof)})


async def reason(message: Message, source: MessageInput, manager: DialogManager) -> None:
    """Why an entry is corrected; then its answers, ready to be changed."""
    session = Session(manager)
    text = (message.text or "").strip()
    if message.forward_origin or not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        session.reject(texts.reason_wanted())
        return
    session.draft.data["reason"] = text
    await session.ask(None)


READERS: Mapping[FieldType, Callable[[Message, Session, Field], Awaitable[None]]] = {
    FieldType.TEXT: _text,
    FieldType.DATE: _text,
    FieldType.FLAG: _label,
    FieldType.CHOICE: _label,
    FieldType.NUMBER: _number,
    FieldType.PERSON: _person,
    FieldType.PERSONS: _person,
    FieldType.ORGANISATION: _person,
    FieldType.PROOF: _proof,
}
