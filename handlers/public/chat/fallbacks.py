"""What is said outside a report, and to whatever isn't asked for."""

from html import escape

from handlers.public import texts
from handlers.public.chat.chat_update import MOST_UNITS, ChatUpdate, to_status
from handlers.public.chat.states import END
from services.core.i18n import LANGUAGES, use
from services.intake.invisible_characters import pieces


async def privacy(update: ChatUpdate) -> None:
    await update.say(texts.privacy(update.sessions.intake.kept_days))


async def help_(update: ChatUpdate) -> None:
    await update.say(
        texts.help_(update.sessions.intake.answer_time),
        [[(texts.to_report(), "report")], *to_status()],
    )


async def guidance(update: ChatUpdate) -> None:
    """Show what the department made public for the year: anybody may read it, and nothing of a
    report that is being written changes."""
    found = await update.sessions.intake.guidance(update.sessions.today)
    for item in found:
        for piece in pieces(texts.guidance(item), MOST_UNITS):
            await update.say(escape(piece))
    if not found:
        await update.say(texts.no_guidance())


async def language(update: ChatUpdate) -> None:
    rows = [[(texts.language_name(code), f"speak:{code}") for code in LANGUAGES]]
    await update.say(texts.ask_language(), rows)


async def speak(update: ChatUpdate) -> None:
    """From now on in that language, in memory only: what is being written stays."""
    chosen = update.pressed.partition(":")[2]
    update.sessions.languages[update.chat] = chosen
    with use(chosen):
        await update.say(texts.spoken(), [[(texts.to_report(), "report")], *to_status()])


async def edited(update: ChatUpdate) -> None:
    await update.say(texts.edited())


async def press_wanted(update: ChatUpdate) -> None:
    await update.say(texts.press_wanted())


async def unknown(update: ChatUpdate) -> None:
    """Whatever was written outside a report, a greeting among it: say what one can do here."""
    await update.say(texts.unknown(), [[(texts.to_report(), "report")], *to_status()])


async def no_command(update: ChatUpdate) -> None:
    await update.say(texts.no_command())


async def passed_button(update: ChatUpdate) -> None:
    """A button of a question that was answered already; the conversation stays where it is."""
    await update.say(texts.passed_button())


async def old_button(update: ChatUpdate) -> int:
    await update.say(texts.old_button())
    return END


async def trouble(update: ChatUpdate) -> None:
    await update.say(texts.trouble())
