"""What each button of the conversation does, pressed or written in its words. A button of an
earlier screen does nothing."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date

from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.case.answers import check_given
from domain.case.dates import parse_day
from domain.case.facts import Value
from domain.rulebook.kinds import LISTS
from domain.rulebook.schema import Field, FieldType
from domain.writing.parts import numbered
from handlers.staff.common.replies import LABEL, fit, label_of, settle, show, tell
from handlers.staff.form import texts
from handlers.staff.form.answers import before, missing
from handlers.staff.form.button_texts import SAID
from handlers.staff.form.buttons import NOTHING, ONWARD, FormPress, Verb
from handlers.staff.form.incoming.reading import words_of
from handlers.staff.form.screens import calendar, closing, question_list, view
from handlers.staff.form.session import Filling, FormSession
from handlers.staff.shared import guide_texts
from handlers.staff.shared import texts as words
from services.container import services_of


async def pressed(query: CallbackQuery, press: FormPress, manager: DialogManager) -> None:
    await carry_out(query, press, FormSession(manager))


async def carry_out(event: CallbackQuery | Message, press: FormPress, session: FormSession) -> None:
    """Do what a button does, pressed or written out in a message."""
    if press.verb == NOTHING:
        return
    # Whatever the mark: nobody is kept in a form because the way out of it is an old button.
    if press.verb in LEAVING:
        await LEAVING[press.verb](event, session)
        return
    # Not for a summary: confirming works out what follows inside its act, once.
    field = (await session.asked())[1] if session.on_question else None
    if press.mark != await session.mark():
        await _stale(event, session)
    elif field is not None and press.verb in ASKING:
        await ASKING[press.verb](session, field, press.argument)
    elif press.verb in WITH_EVENT:
        await WITH_EVENT[press.verb](event, session, press)


async def _stale(event: CallbackQuery | Message, session: FormSession) -> None:
    """Say that a button is of an earlier screen; what was written is never late."""
    if isinstance(event, CallbackQuery):
        await settle(event, texts.stale())


async def _pick(session: FormSession, field: Field, argument: str) -> None:
    given: Value = argument
    if field.type is FieldType.FLAG:
        given = argument == "1"
    elif field.type is FieldType.NUMBER and argument.isdecimal():
        given = int(argument)
    elif field.type is FieldType.TEXT:
        given = _offered(session, field, argument) or ""
    await session.give(field, given)


def _offered(session: FormSession, field: Field, option: str) -> str | None:
    """What is known of the organisation; an old button may offer what is there no more."""
    offered = session.draft.people(field.id)
    return next((one.name for one in offered if one.person_id == option), None)


async def _set(session: FormSession, field: Field, argument: str) -> None:
    """Answer one of the questions of a screen with the button pressed."""
    asked, option = await _of_screen(session, argument)
    if asked is not None and asked.type is FieldType.TEXT:
        value: Value | None = _offered(session, asked, option)
    else:
        value = None if asked is None else _value(asked, option, session.today)
    if asked is not None and value is not None:
        await session.take({asked.id: value})


async def _of_screen(session: FormSession, argument: str) -> tuple[Field | None, str]:
    """A question of this screen, and what its button means; None for one that isn't there."""
    name, _, option = argument.partition(",")
    _, group = await session.screen()
    return next((field for field in group if field.id == name), None), option


def _value(field: Field, option: str, today: date) -> Value | None:
    """What a button means; None where it means nothing, since callback data may be forged."""
    if field.type is FieldType.FLAG:
        return option == "1"
    if field.type is FieldType.NUMBER:
        return int(option) if option.isdecimal() else None
    if field.type is FieldType.DATE:
        return calendar.day_of(option, today)
    if field.type is FieldType.CHECKLIST:
        return tuple(item.id for item in field.options)
    return option if option in field.option_ids else None


async def _tick(session: FormSession, field: Field, argument: str) -> None:
    """One of several picks of one question; the screen stays, since there may be more."""
    asked, option = await _of_screen(session, argument)
    if asked is not None and option in asked.option_ids:
        await _toggle(session, asked, option)


async def _alone(session: FormSession, field: Field, argument: str) -> None:
    """Ask one question of the screen by itself, with its calendar or item by item."""
    asked, _ = await _of_screen(session, argument)
    if asked is not None:
        session.draft.ask_alone(asked.id)


async def _day(session: FormSession, field: Field, argument: str) -> None:
    day = calendar.day_of(argument, session.today)
    if day is not None:
        await session.give(field, day)


async def _month(session: FormSession, field: Field, argument: str) -> None:
    # A month is sent as YYYYMM. Read as its first day, a forged one comes to nothing.
    shown = parse_day(f"{argument}01", session.today)
    if shown is not None:
        session.draft.data["month"] = shown.isoformat()


async def _toggle(session: FormSession, field: Field, argument: str) -> None:
    """Options keep the order of the list, people that in which they were chosen."""
    chosen = session.draft.picked(field.id)
    if argument in chosen:
        chosen.remove(argument)
    else:
        chosen.append(argument)
    order = [option.id for option in field.options]
    if order:
        chosen = [item for item in order if item in chosen]
    await session.store({field.id: tuple(chosen) or None})
    _, group = await session.screen()
    # As many as there have to be, and no more may be: nothing is left to do on this screen.
    if len(group) == 1 and len(chosen) == field.minimum == field.maximum:
        await session.forward()


async def _all(session: FormSession, field: Field, argument: str) -> None:
    people = session.draft.people(field.id)
    # People and organisations are offered by the draft, options by the rulebook.
    everything = [item.id for item in field.options] or [one.person_id for one in people]
    await session.store({field.id: tuple(everything)})


async def _last_proof(session: FormSession, field: Field, argument: str) -> None:
    left = tuple(session.draft.picked(field.id)[:-1])
    await session.store({field.id: left or None})


async def _page(session: FormSession, field: Field, argument: str) -> None:
    if argument.isdecimal():
        session.draft.data["page"] = int(argument)


async def _next(session: FormSession, field: Field, argument: str) -> None:
    """On with the answer that is there, once it is enough. A checklist may hold nothing."""
    _, group = await session.screen()
    if len(group) > 1:
        await session.advance()
        return
    value = session.draft.answers.get(field.id)
    if value is None and field.type in LISTS:
        await session.give(field, ())
        return
    answers, today = session.draft.answers, session.today
    problem = check_given(field, value, answers, today) if value is not None else None
    if problem is not None and problem.refuses:
        session.reject(texts.not_enough(problem))
    else:
        await session.forward()


async def _back(session: FormSession, field: Field, argument: str) -> None:
    if session.draft.changing:
        await session.ask(None)
        return
    if session.draft.alone:
        await session.ask(field.id)
        return
    preview = await session.preview()
    earlier = before(preview, field.id)
    if earlier is not None:
        await session.ask(earlier)


async def _skip(session: FormSession, field: Field, argument: str) -> None:
    """On without an answer, even where one was given before."""
    if not field.optional:
        return
    if field.id in session.draft.answers:
        await session.store({field.id: None})
    await session.forward()


async def _to_summary(session: FormSession, field: Field, argument: str) -> None:
    await session.ask(None)


async def _right(session: FormSession, field: Field, argument: str) -> None:
    """The ballot numbers were read rightly: now they count. Pressed once more after they were said
    to be wrong, there are none."""
    preview, reading = await session.preview(), session.draft.reading
    if not reading:
        return
    fields = {item.id: item for item in preview.fields}
    # Gone whatever comes of it: a line that is refused has to be written anew.
    session.draft.data.pop("reading", None)
    for key, value in reading.items():
        # One by one before any is stored: half a ballot line would have to be told apart later.
        problem = check_given(fields[key], value, session.draft.answers, session.today)
        if problem is not None and problem.refuses:
            session.reject(texts.rejected(problem, fields))
            return
    await session.store(dict(reading))
    await _past(session, reading)


async def _past(session: FormSession, reading: Mapping[str, int]) -> None:
    """Go on behind the last question that the line has answered."""
    preview, draft = await session.preview(), session.draft
    last = [field.id for field in preview.fields if field.id in reading][-1]
    if not draft.changing:
        draft.go(last)
    await session.forward()


async def _wrong(session: FormSession, field: Field, argument: str) -> None:
    session.draft.data.pop("reading", None)


async def _change(event: CallbackQuery | Message, session: FormSession, press: FormPress) -> None:
    preview = await session.preview()
    if press.argument.isdecimal() and int(press.argument) < len(preview.fields):
        session.draft.change(preview.fields[int(press.argument)].id)
        await session.manager.switch_to(Filling.asking)


async def _listing(event: CallbackQuery | Message, session: FormSession, press: FormPress) -> None:
    session.draft.data["listing"] = True


async def _missing(event: CallbackQuery | Message, session: FormSession, press: FormPress) -> None:
    left = missing(await session.preview(), session.draft.answers)
    if left:
        session.draft.change(left[0].id)
        await session.manager.switch_to(Filling.asking)


async def _again(event: CallbackQuery | Message, session: FormSession, press: FormPress) -> None:
    """From the summary to the last question."""
    preview = await session.preview()
    await session.ask(preview.fields[-1].id)


async def _confirm(event: CallbackQuery | Message, session: FormSession, press: FormPress) -> None:
    # Either way: the other button may have been pressed before, and been refused.
    session.draft.data[ONWARD] = press.argument == ONWARD
    await session.source.confirm(event, session)


async def _true(session: FormSession, field: Field, argument: str) -> None:
    """All that is attested on this screen, each of which stands there to be read."""
    _, group = await session.screen()
    left = question_list.to_attest(group, session.draft)
    await session.take({one.id: question_list.attested(one) for one in left})


async def _save(event: CallbackQuery | Message, session: FormSession, press: FormPress) -> None:
    """Give the last answer and save, where the screen still offers that."""
    preview, group = await session.screen()
    way = await closing.way(session, preview, group, press.argument)
    if way is not None:
        await session.store(dict(way.answers))
    elif not missing(preview, session.draft.answers):
        # Of an earlier screen: what it answers was answered otherwise since.
        await _stale(event, session)
        return
    # Without its answer nothing can be entered, and the refusal says why. Handled again after a
    # crash, the press has entered it already, and what was said is said once more.
    await session.source.confirm(event, session)


async def _how(event: CallbackQuery | Message, session: FormSession, press: FormPress) -> None:
    """How the step is taken, to be read while it is filled in; the question again below it."""
    card = await services_of(session.data).cases.card(
        session.actor, session.draft.case, session.today
    )
    # By the rules of this case and this day.
    step = card.rulebook.step_on(session.draft.step, session.today)
    await tell(event, fit(guide_texts.guide(step)))
    # Else the question above would be edited, out of sight above the guide.
    session.manager.show_mode = ShowMode.SEND


async def _leave(event: CallbackQuery | Message, session: FormSession) -> None:
    """Close the conversation. What was answered is a draft already; a correction is dropped."""
    # First: what is said is read from the draft, which ends with the dialog.
    text, rows = await session.source.left(session)
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(event, text, rows)


async def give_up(event: CallbackQuery | Message, session: FormSession) -> None:
    """Close the conversation. One question more before what was answered is thrown away."""
    ask = session.source.given_up or session.source.left
    text, rows = await ask(session)
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(event, text, rows)


ASKING: Mapping[str, Callable[[FormSession, Field, str], Awaitable[None]]] = {
    Verb.PICK: _pick,
    Verb.DAY: _day,
    Verb.MONTH: _month,
    Verb.TOGGLE: _toggle,
    Verb.ALL: _all,
    Verb.LAST_PROOF: _last_proof,
    Verb.PAGE: _page,
    Verb.NEXT: _next,
    Verb.BACK: _back,
    Verb.SKIP: _skip,
    Verb.SUMMARY: _to_summary,
    Verb.RIGHT: _right,
    Verb.WRONG: _wrong,
    Verb.SET: _set,
    Verb.TICK: _tick,
    Verb.ALONE: _alone,
    Verb.TRUE: _true,
}
WITH_EVENT: Mapping[
    str, Callable[[CallbackQuery | Message, FormSession, FormPress], Awaitable[None]]
] = {
    Verb.CHANGE: _change,
    Verb.LISTING: _listing,
    Verb.MISSING: _missing,
    Verb.CONFIRM: _confirm,
    Verb.AGAIN: _again,
    Verb.HOW: _how,
    Verb.SAVE: _save,
}
LEAVING: Mapping[str, Callable[[CallbackQuery | Message, FormSession], Awaitable[None]]] = {
    Verb.LATER: _leave,
    Verb.CANCEL: give_up,
}


CHOSEN_BY_NAME = (FieldType.PERSON, FieldType.PERSONS, FieldType.ORGANISATION)
"""A name is looked for, and adds to those chosen before."""
ANSWERS = (Verb.PICK, Verb.TOGGLE)


async def pressed_in_words(message: Message, session: FormSession) -> bool:
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


async def _counts(session: FormSession, text: str) -> bool:
    """Whether a text is a number on a screen of several questions: any of them may be meant."""
    if not text.isdecimal() or not session.on_question:
        return False
    return len((await session.screen())[1]) > 1


async def _without_names(
    session: FormSession, offered: list[tuple[str, FormPress]]
) -> list[tuple[str, FormPress]]:
    field = (await session.asked())[1] if session.on_question else None
    if field is None or field.type not in CHOSEN_BY_NAME:
        return offered
    return [one for one in offered if one[1].verb not in ANSWERS]


async def _item(session: FormSession, text: str) -> FormPress | None:
    """The item of a list that is ticked whole or one by one: it stands there without a button."""
    if not session.on_question or len(group := (await session.screen())[1]) < 2:
        return None
    mark, said = await session.mark(), words_of(text)[1]
    found = [
        FormPress(mark, Verb.TICK, f"{field.id},{item.id}")
        for field in group
        if field.type is FieldType.CHECKLIST
        for item in field.options
        if words_of(words.plain(item.text))[1] == said
    ]
    return found[0] if len(found) == 1 else None


def named(offered: Iterable[tuple[str, FormPress]], text: str) -> FormPress | None:
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


def _whole(press: FormPress) -> bool:
    return press.verb == Verb.ALONE or press.argument.endswith(",*")


def _first(offered: Iterable[tuple[str, FormPress]], verbs: Sequence[Verb]) -> FormPress | None:
    by_verb = {press.verb: press for _, press in offered}
    return next((by_verb[verb] for verb in verbs if verb in by_verb), None)
