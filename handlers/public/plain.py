"""What is said outside a report, and to whatever isn't asked for."""

from handlers.public import texts
from handlers.public.states import END
from handlers.public.talk import Talk


async def privacy(talk: Talk) -> None:
    await talk.say(texts.privacy(talk.desk.intake.kept_days))


async def help_(talk: Talk) -> None:
    await talk.say(texts.help_())


async def edited(talk: Talk) -> None:
    await talk.say(texts.edited())


async def press_wanted(talk: Talk) -> None:
    await talk.say(texts.press_wanted())


async def unknown(talk: Talk) -> None:
    await talk.say(texts.unknown())


async def no_command(talk: Talk) -> None:
    await talk.say(texts.no_command())


async def passed_button(talk: Talk) -> None:
    """A button of a question that was answered already; the conversation stays where it is."""
    await talk.say(texts.passed_button())


async def old_button(talk: Talk) -> int:
    await talk.say(texts.old_button())
    return END


async def trouble(talk: Talk) -> None:
    await talk.say(texts.trouble())
