"""Ask after a report by its eight characters, write on, take it back."""

from html import escape

from telegram import Message

from domain.reports import IntakeState
from handlers.public import status_texts, texts
from handlers.public.chat.chat_update import (
    MOST_UNITS,
    Action,
    ChatUpdate,
    still_writing,
    stop,
    to_status,
)
from handlers.public.chat.incoming import brings_file, forwarded, text_of
from handlers.public.chat.sessions import CODE, END, MORE, SHOWN, WITHDRAW, OpenedReport
from services.intake.codes import BadCode, read_code
from services.intake.intake import LONGEST_TEXT, NeverFiled, ReportClosed, ReportState
from services.intake.invisible_characters import pieces
from services.intake.rate_limits import Busy
from services.intake.store import UnknownCode


async def ask(update: ChatUpdate) -> int | None:
    if await still_writing(update):
        return None
    await update.say(status_texts.ask_code(), stop(status_texts.stop()))
    return CODE


async def typed(update: ChatUpdate) -> int:
    """Read the code as it was typed, and delete its message at once. In a flood it is deleted with
    the others later, and nothing is sent: thirty requests a second are all that Telegram allows a
    bot, for everybody."""
    message, sessions = update.message, update.sessions
    if wait := sessions.backoff.wait(update.chat, sessions.now()):
        if sessions.backoff.should_tell(update.chat):
            await update.say(status_texts.wait(wait))
        return CODE
    if message is not None:
        # Also a code that is wrong: it may be right but for one character.
        await update.deleter.delete(update.chat, message.message_id)
    if brings_file(message):
        await update.say(status_texts.no_picture_of_code(), stop(status_texts.stop()))
        return CODE
    try:
        code = read_code(text_of(message))
    except BadCode as bad:
        await update.say(status_texts.bad_code(bad.count), stop(status_texts.stop()))
        return CODE
    sessions.opened[update.chat] = OpenedReport(sessions.now(), code)
    return await show(update)


def or_code(action: Action) -> Action:
    """Take words as `action` does, unless they are the code of a report: eight characters of the
    list may be a sentence as well, so the report is looked up."""

    async def handle(update: ChatUpdate) -> int | None:
        if is_code(update.message) and await _is_shown(update):
            return None
        state: int | None = await action(update)
        return state

    return handle


def is_code(message: Message | None) -> bool:
    try:
        return bool(read_code(text_of(message)))
    except BadCode:
        return False


async def _is_shown(update: ChatUpdate) -> bool:
    """Show the status of the report whose code was typed, without leaving what is being written;
    False where it is no report's code."""
    sessions, message = update.sessions, update.message
    assert message is not None
    # A try here costs as much as one at the question for the code: else guessing would be free.
    if sessions.backoff.wait(update.chat, sessions.now()):
        return await _not_now(update)
    caller = sessions.backoff.caller(update.chat)
    try:
        found = await sessions.intake.status(read_code(text_of(message)), sessions.now(), caller)
    except UnknownCode:
        sessions.backoff.failed(update.chat, sessions.now())
        return False
    except Busy:
        # It counts too: in a flood those come first who have tried least (`Caller.rank`).
        sessions.backoff.failed(update.chat, sessions.now())
        return await _not_now(update)
    await update.deleter.delete(update.chat, message.message_id)
    sessions.backoff.forgive(update.chat)
    for piece in pieces(status_texts.state(found), MOST_UNITS):
        await update.say_content(escape(piece))
    writing = sessions.draft(update.chat) is not None
    label = texts.cancel() if writing else status_texts.stop_writing()
    await update.say(status_texts.go_on_writing(), stop(label))
    return True


async def _not_now(update: ChatUpdate) -> bool:
    """Take eight characters that can't be looked up now for a code all the same: as a part of the
    report they would be read by whoever handles it, and open it to them as to its reporter."""
    assert update.message is not None
    await update.deleter.delete(update.chat, update.message.message_id)
    await update.say(status_texts.not_looked_up())
    return True


async def show(update: ChatUpdate) -> int:
    """Show where the report stands now. A wrong code makes the next try wait (`Backoff`)."""
    sessions, code = update.sessions, update.sessions.code(update.chat)
    if code is None:
        return await closed(update)
    try:
        found = await sessions.intake.status(
            code, sessions.now(), sessions.backoff.caller(update.chat)
        )
    except UnknownCode:
        sessions.opened.pop(update.chat, None)
        sessions.backoff.failed(update.chat, sessions.now())
        await update.say(status_texts.unknown_code(), stop(status_texts.stop()))
        return CODE
    except Busy:
        sessions.backoff.failed(update.chat, sessions.now())
        await update.say(status_texts.busy(), stop(status_texts.stop()))
        return CODE
    # After the code was found right, never before: else guessing would be free.
    sessions.backoff.forgive(update.chat)
    # Buttons under the last piece alone, where the reader ends.
    *before, last = pieces(status_texts.state(found), MOST_UNITS)
    for piece in before:
        await update.say_content(escape(piece))
    await update.say_content(escape(last), rows(found))
    return SHOWN


def rows(found: ReportState) -> list[list[tuple[str, str]]]:
    done = [(status_texts.done(), "read")]
    if found.state in (IntakeState.WITHDRAWN, IntakeState.NOT_FILED):
        return [done]
    # Apart: whoever means to write on must not take the report back by a slip.
    return [[(status_texts.write_on(), "more")], done, [(status_texts.withdraw(), "withdraw")]]


async def closed(update: ChatUpdate) -> int:
    """The code is forgotten: half an hour is over since it was typed."""
    await update.delete_noted()
    await update.say(status_texts.code_forgotten(), to_status())
    return END


async def read(update: ChatUpdate) -> int:
    """Clean the screen and forget the code."""
    update.sessions.opened.pop(update.chat, None)
    await update.delete_noted()
    return END


async def ask_more(update: ChatUpdate) -> int:
    if not update.sessions.renewed(update.chat):
        return await closed(update)
    await update.say(status_texts.ask_more(), stop(status_texts.stop_writing()))
    return MORE


async def more(update: ChatUpdate) -> int:
    sessions, code, said = (
        update.sessions,
        update.sessions.code(update.chat),
        text_of(update.message),
    )
    if code is None:
        return await closed(update)
    if not said or len(said) > LONGEST_TEXT:
        wanted = texts.forwarded() if forwarded(update.message) else status_texts.ask_more()
        if brings_file(update.message):
            wanted = status_texts.no_files()
        await update.say(wanted, stop(status_texts.stop_writing()))
        return MORE
    try:
        await sessions.intake.write_on(
            code, said, sessions.today, sessions.now(), sessions.backoff.caller(update.chat)
        )
    except NeverFiled:
        await update.say(status_texts.not_filed())
        return SHOWN
    except ReportClosed:
        await update.say(status_texts.no_more_letters())
        return SHOWN
    except Busy:
        await update.say(status_texts.busy(), stop(status_texts.stop_writing()))
        return MORE
    # Before the last sentence, which is noted too and would go with the others.
    await update.delete_noted()
    await update.conclude(status_texts.more_taken(), to_status())
    return END


async def ask_withdraw(update: ChatUpdate) -> int:
    if not update.sessions.renewed(update.chat):
        return await closed(update)
    yes = [(status_texts.yes_withdraw(), "yes")]
    await update.say(status_texts.sure_to_withdraw(), [yes, *stop(status_texts.keep())])
    return WITHDRAW


async def withdraw(update: ChatUpdate) -> int:
    sessions, code = update.sessions, update.sessions.code(update.chat)
    if code is None:
        return await closed(update)
    try:
        await sessions.intake.withdraw(
            code, sessions.today, sessions.now(), sessions.backoff.caller(update.chat)
        )
    except NeverFiled:
        await update.say(status_texts.not_filed())
        return SHOWN
    except Busy:
        await update.say(status_texts.busy(), stop(status_texts.keep()))
        return WITHDRAW
    sessions.opened.pop(update.chat, None)
    await update.delete_noted()
    await update.conclude(status_texts.withdrawn())
    return END
