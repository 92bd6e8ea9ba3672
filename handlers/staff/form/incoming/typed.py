"""What is written in the words of a button: the button is pressed, and the words are no answer."""

from collections.abc import Iterable, Sequence

from aiogram.types import Message

from domain.rulebook.schema import FieldType
from domain.writing.parts import numbered
from handlers.staff.common.replies import LABEL, label_of
from handlers.staff.form import texts
from handlers.staff.form.button_texts import SAID
from handlers.staff.form.buttons import NOTHING, Press, Verb
from handlers.staff.form.incoming.presses import carry_out
from handlers.staff.form.incoming.reading import words_of
from handlers.staff.form.screens import view
from handlers.staff.form.session import Session
from handlers.staff.shared import texts as words

CHOSEN_BY_NAME = (FieldType.PERSON, FieldType.PERSONS, FieldType.ORGANISATION)
"""A name is looked for, and adds to those chosen before."""
ANSWERS = (Verb.PICK, Verb.TOGGLE)


async def pressed_in_words(message: Message, session: Session) -> bool:
    """Press the button that a message names, or say that there is none; False for an answer."""
    text = (message.text or "").strip()
    if message.forward_origin is not None or not text or len(text) > LABEL or "\n" in text:
        return False
    if len(numbered(text)[1]) > 1:
        # A note in parts: its screen would be drawn for nothing, to compare it with buttons.
        return False
    if await _counts(session, text):
        return False
    rows = await view.buttons(session)
    offered = [(label, press) for row in rows for label, press in row if press.verb != NOTHING]
    offered = [one for one in offered if one[1].verb != Verb.PAGE]
    press = named(await _without_names(session, offered), text) or await _item(session, text)
    verbs = SAID.get(words_of(text)[1]) if press is None else None
    if press is None and verbs is None:
        return False
    press = press or _first(offered, verbs or ())
    if press is None:
        session.reject(texts.no_such_button(text))
    elif verbs is not None and press.verb == Verb.SAVE:
        # What is saved with an answer is saved by whoever says the answer.
        session.reject(texts.say_which_saves())
    else:
        await carry_out(message, press, session)
    return True


async def _counts(session: Session, text: str) -> bool:
    """Whether a text is a number on a screen of several questions: any of them may be meant."""
    if not text.isdecimal() or not session.on_question:
        return False
    return len((await session.screen())[1]) > 1


async def _without_names(
    session: Session, offered: list[tuple[str, Press]]
) -> list[tuple[str, Press]]:
    field = (await session.asked())[1] if session.on_question else None
    if field is None or field.type not in CHOSEN_BY_NAME:
        return offered
    return [one for one in offered if one[1].verb not in ANSWERS]


async def _item(session: Session, text: str) -> Press | None:
    """The item of a list that is ticked whole or one by one: it stands there without a button."""
    if not session.on_question or len(group := (await session.screen())[1]) < 2:
        return None
    mark, said = await session.mark(), words_of(text)[1]
    found = [
        Press(mark, Verb.TICK, f"{field.id},{item.id}")
        for field in group
        if field.type is FieldType.CHECKLIST
        for item in field.options
        if words_of(words.plain(item.text))[1] == said
    ]
    return found[0] if len(found) == 1 else None


def named(offered: Iterable[tuple[str, Press]], text: str) -> Press | None:
    """The one button with these words; None where several answer with them, as 是 of two questions:
    that is read like any answer. Of several for a whole list the first that isn't ticked."""
    sign, said = words_of(text)
    found = {
        press: "✓" in label
        for label, press in offered
        for its_sign, its_words in (words_of(label), words_of(label_of(label)))
        if its_words == said and sign in ("", its_sign)
    }
    if not said or (len(found) > 1 and not all(_whole(press) for press in found)):
        return None
    return min(found, key=lambda press: found[press], default=None)


def _whole(press: Press) -> bool:
    return press.verb == Verb.ALONE or press.argument.endswith(",*")


def _first(offered: Iterable[tuple[str, Press]], verbs: Sequence[Verb]) -> Press | None:
    by_verb = {press.verb: press for _, press in offered}
    return next((by_verb[verb] for verb in verbs if verb in by_verb), None)
