"""Asking after a report by its eight characters, writing on, taking it back."""

from html import escape

from domain.reports import IntakeState
from handlers.public import status_texts, texts
from handlers.public.desk import Asking
from handlers.public.report import expired, forwarded, still_writing, text_of
from handlers.public.states import CODE, END, MORE, SHOWN, WITHDRAW
from handlers.public.talk import MOST_UNITS, Talk
from services.intake.codes import BadCode, read_code
from services.intake.intake import LONGEST_TEXT, Closed, ReportState
from services.intake.invisible_characters import pieces
from services.intake.rate_limits import Busy
from services.intake.store import UnknownCode


async def ask(talk: Talk) -> int | None:
    if await still_writing(talk):
        return None
    await talk.say(status_texts.ask_code(), stop(status_texts.stop()))
    return CODE


def stop(label: str) -> list[list[tuple[str, str]]]:
    """Below every question a way out of it that changes nothing."""
    return [[(label, "cancel")]]


async def typed(talk: Talk) -> int:
    """The code as it was typed; the message goes at once. In a flood it goes with the others later,
    and nothing is sent: the messenger lets a bot do thirty things a second, for everybody."""
    message, desk = talk.message, talk.desk
    if wait := desk.patience.wait(talk.chat, desk.now()):
        if desk.patience.tells(talk.chat):
            await talk.say(status_texts.wait(wait))
        return CODE
    if message is not None:
        await talk.cleaner.delete(talk.chat, message.message_id)
    try:
        code = read_code(text_of(message))
    except BadCode as bad:
        await talk.say(status_texts.bad_code(bad.count), stop(status_texts.stop()))
        return CODE
    desk.asking[talk.chat] = Asking(desk.now(), code)
    return await show(talk)


async def show(talk: Talk) -> int:
    """Where the report stands now."""
    desk, code = talk.desk, talk.desk.code(talk.chat)
    if code is None:
        return await expired(talk)
    try:
        found = await desk.intake.status(code, desk.now(), desk.patience.caller(talk.chat))
    except UnknownCode:
        desk.asking.pop(talk.chat, None)
        desk.patience.failed(talk.chat, desk.now())
        await talk.say(status_texts.unknown_code(), stop(status_texts.stop()))
        return CODE
    except Busy:
        desk.patience.failed(talk.chat, desk.now())
        await talk.say(status_texts.busy(), stop(status_texts.stop()))
        return CODE
    desk.patience.forgive(talk.chat)
    *before, last = pieces(status_texts.state(found), MOST_UNITS)
    for piece in before:
        await talk.say(escape(piece))
    await talk.say(escape(last), rows(found))
    return SHOWN


def rows(found: ReportState) -> list[list[tuple[str, str]]]:
    done = [(status_texts.done(), "read")]
    if found.state is IntakeState.WITHDRAWN:
        return [done]
    return [[(status_texts.write_on(), "more"), (status_texts.withdraw(), "withdraw")], done]


async def read(talk: Talk) -> int:
    """The screen is cleaned, and the code is forgotten."""
    talk.desk.asking.pop(talk.chat, None)
    await talk.clean()
    return END


async def ask_more(talk: Talk) -> int:
    await talk.say(status_texts.ask_more(), stop(status_texts.stop_writing()))
    return MORE


async def more(talk: Talk) -> int:
    desk, code, said = talk.desk, talk.desk.code(talk.chat), text_of(talk.message)
    if code is None:
        return await expired(talk)
    if not said or len(said) > LONGEST_TEXT:
        wanted = texts.forwarded() if forwarded(talk.message) else status_texts.ask_more()
        await talk.say(wanted, stop(status_texts.stop_writing()))
        return MORE
    try:
        await desk.intake.write_on(
            code, said, desk.today, desk.now(), desk.patience.caller(talk.chat)
        )
    except Closed:
        await talk.say(status_texts.no_more_letters())
        return SHOWN
    except Busy:
        await talk.say(status_texts.busy(), stop(status_texts.stop_writing()))
        return MORE
    await talk.clean()
    await talk.say(status_texts.more_taken(), [[(texts.to_status(), "status")]])
    return END


async def ask_withdraw(talk: Talk) -> int:
    yes = [(status_texts.yes_withdraw(), "yes")]
    await talk.say(status_texts.sure_to_withdraw(), [yes, *stop(status_texts.keep())])
    return WITHDRAW


async def withdraw(talk: Talk) -> int:
    desk, code = talk.desk, talk.desk.code(talk.chat)
    if code is None:
        return await expired(talk)
    try:
        await desk.intake.withdraw(code, desk.today, desk.now(), desk.patience.caller(talk.chat))
    except Busy:
        await talk.say(status_texts.busy(), stop(status_texts.keep()))
        return WITHDRAW
    desk.asking.pop(talk.chat, None)
    await talk.clean()
    await talk.say(status_texts.withdrawn())
    return END
