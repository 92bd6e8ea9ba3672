"""Answers a screen of several questions as somebody does who knows it: taps first, then one
message for all that is written."""

from collections.abc import Callable

from domain.rulebook.schema import Field, FieldType, Step
from handlers.staff.form.screens.question_list import attests
from tests.conversation.people import Somebody

LAST = ("conclusion", "opinion", "occupation")
TYPED = ("sex", "education")
"""Choices that stand among what is written, and are written along with it."""
WRITTEN = (FieldType.TEXT, FieldType.NUMBER, FieldType.DATE)


def open_on(person: Somebody, step: Step) -> list[Field]:
    """The questions of a screen that have to be answered still; none where one is asked alone."""
    text = person.screen.text
    if "还差：" in text:
        return [field for field in step.fields if field.count]
    if "①" not in text:
        return []
    # An answered question stands there by its name, without its question mark.
    return [f for f in step.fields if f.label.zh in text and f.together and not f.optional]


def button_of(person: Somebody, field: Field, option: str = "") -> str | None:
    """The data of the first button that answers a question, or of the one for an option."""
    ends = f"{field.id},{option}"
    data = [button.callback_data or "" for button in person.screen.buttons]
    return next((one for one in data if f".q.{ends}" in one or f".v.{ends}" in one), None)


def saving(person: Somebody, step: Step, said: Callable[[Field], str]) -> str | None:
    """The data of the button that gives the last answer and saves, where it is the answer meant."""
    for button in person.screen.buttons:
        _, pressed, argument = (button.callback_data or "").partition(".f.")
        name, _, option = argument.partition(",")
        # Chosen with it is what is usual.
        option = option.removesuffix("+")
        meant = next((one for one in step.fields if one.id == name), None)
        if pressed and (argument == "*" or (meant and option == _meant(meant, said))):
            return button.callback_data
    return None


def _meant(field: Field, said: Callable[[Field], str]) -> str:
    return said(field) if field.type is FieldType.FLAG else field.options[0].id


async def answer_screen(
    person: Somebody, fields: list[Field], line: str, said: Callable[[Field], str]
) -> None:
    """Do the next thing on a screen: the ballot's line, a tap, a photo, or what is written."""
    if any(field.count for field in fields):
        await person.says(line)
        return
    # What is concluded comes last, and what is only attested before it, so that one button gives
    # both and saves.
    left = [field for field in fields if field.id not in LAST and not attests(field)]
    together = [one.callback_data for one in person.screen.buttons if one.text.endswith(" 都是")]
    if together and not left:
        await person.presses_again(person.screen.message_id, together[0] or "")
        return
    ordered = sorted(fields, key=lambda field: (field.id in LAST, attests(field)))
    written = [field for field in _to_write(fields, said) if not offered(person, field)]
    shown = any(field.type is FieldType.PROOF for field in fields)
    for field in ordered:
        # What is written comes first, so that the last tap saves; beside a photo with that.
        if written and (not shown or field.id in LAST or attests(field)):
            break
        if field.type is FieldType.PROOF:
            await _show_photo(person, written, said)
            return
        option = said(field) if field.type is FieldType.FLAG else ""
        if field.type is FieldType.DATE:
            option = "t"
        if field in written:
            continue
        if (data := button_of(person, field, option)) is not None:
            await person.presses_again(person.screen.message_id, data)
            return
    # Of texts that one message holds only some are written: each says which it is.
    lines = [f"{field.part}. {said(field)}" if field.part else said(field) for field in written]
    await person.says("\n".join(lines))


def offered(person: Somebody, field: Field) -> str | None:
    """The data of the button with what is known, where a question for a text has one."""
    return button_of(person, field) if field.offers else None


def _to_write(fields: list[Field], said: Callable[[Field], str]) -> list[Field]:
    """What is best written; nothing where a tap for each will do."""
    written = [field for field in fields if field.type in WRITTEN or field.id in TYPED]
    # 今天 is a tap, or two characters of a message that is written anyway.
    if all(field.type is not FieldType.TEXT for field in written):
        written = [f for f in written if not by_button(f, said) and f.id not in TYPED]
    return [] if all(field.type is FieldType.NUMBER for field in written) else written


async def _show_photo(person: Somebody, written: list[Field], said: Callable[[Field], str]) -> None:
    """What is written beside a photo is sent along with it."""
    texts = [field for field in written if field.type is FieldType.TEXT]
    under = {"caption": said(texts[0])} if len(texts) == 1 else {}
    await person.shows_photo(b"photo", **under)


def by_button(field: Field, said: Callable[[Field], str]) -> bool:
    """今天 has a button, another day is written; a number needs no tap where a text is written."""
    return field.type is FieldType.DATE and said(field) == "今天"
