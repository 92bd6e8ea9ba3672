"""What is said outside a report, and to whatever isn't asked for."""

from html import escape

from handlers.public import texts
from handlers.public.chat.chat_update import MOST_UNITS, ChatUpdate, Row, stop, to_status
from handlers.public.chat.sessions import END
from services.core.i18n import LANGUAGES, use
from services.intake.invisible_characters import pieces


async def _read(update: ChatUpdate, text: str) -> None:
    """Say what is only read, with the way on from it: back to what is being written, which stands
    above, or to what one can do here."""
    if update.sessions.draft(update.chat) is not None:
        await update.say(f"{text}\n\n{texts.go_on()}", stop())
        return
    await update.say(text, doors())


def doors() -> list[Row]:
    return [[(texts.to_report(), "report")], *to_status()]


async def privacy(update: ChatUpdate) -> None:
    await _read(update, texts.privacy(update.sessions.intake.kept_days))


async def help_(update: ChatUpdate) -> None:
    await update.say(
        texts.help_(update.sessions.intake.answer_time),
        doors(),
    )


async def guidance(update: ChatUpdate) -> None:
    """Show what the department made public for the year: anybody may read it, and nothing of a
    report that is being written changes."""
    found = await update.sessions.intake.guidance(update.sessions.today)
    said = [escape(part) for item in found for part in pieces(texts.guidance(item), MOST_UNITS)]
    *before, last = said or [texts.no_guidance()]
    for part in before:
        await update.say(part)
    # Below the last piece, where the reader ends.
    await _read(update, last)


async def language(update: ChatUpdate) -> None:
    rows = [[(texts.language_name(code), f"speak:{code}") for code in LANGUAGES]]
    await update.say(texts.ask_language(), rows)


async def speak(update: ChatUpdate) -> None:
    """From now on in that language, in memory only: what is being written stays."""
    chosen = update.pressed.partition(":")[2]
    update.sessions.languages[update.chat] = chosen
    with use(chosen):
        await update.say(texts.spoken(), doors())


async def edited(update: ChatUpdate) -> None:
    await update.say(texts.edited())


async def press_wanted(update: ChatUpdate) -> None:
    await update.say(texts.press_wanted())


async def unknown(update: ChatUpdate) -> None:
    """Whatever was written outside a report, a greeting among it: say what one can do here."""
    await update.say(texts.unknown(), doors())


async def no_command(update: ChatUpdate) -> None:
    await update.say(texts.no_command())


async def passed_button(update: ChatUpdate) -> None:
    """A button of a question that was answered already; the conversation stays where it is."""
    await update.say(texts.passed_button())


async def old_button(update: ChatUpdate) -> int:
    await update.say(texts.old_button(), doors())
    return END


async def trouble(update: ChatUpdate) -> None:
    await update.say(texts.trouble())
