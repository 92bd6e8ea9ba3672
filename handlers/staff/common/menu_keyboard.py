"""The keyboard below the chat, and what the commands are called."""

from aiogram import Bot
from aiogram.filters import Filter
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
)

from domain.permissions import TABLE, Permission
from handlers.staff.common import menu_texts as texts
from services.core.i18n import LANGUAGES, SOURCE, use
from services.people.views import Actor


class MenuButton(Filter):
    """The text of a menu button, in whichever language it was shown, pressed or typed."""

    def __init__(self, meaning: str) -> None:
        self.meaning = meaning

    async def __call__(self, message: Message) -> bool:
        # A keyboard below the chat sends its label and no data, and an old one may stand there in
        # another language.
        return texts.labels().get((message.text or "").strip().casefold()) == self.meaning


def opens_cases(actor: Actor) -> bool:
    """Somewhere at least; where exactly, the service decides."""
    return bool(TABLE[Permission.OPEN_CASE] & actor.roles)


def menu(actor: Actor) -> ReplyKeyboardMarkup:
    new = [texts.new_case()] if opens_cases(actor) else []
    rows = [[texts.todo(), texts.cases()], [*new, texts.more()]]
    return ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text=label) for label in row] for row in rows],
        resize_keyboard=True,
        is_persistent=True,
        input_field_placeholder=texts.placeholder(),
    )


async def announce_commands(bot: Bot) -> None:
    """Tell the messenger the commands, in every language; the source language is the default."""
    for language in LANGUAGES:
        with use(language):
            commands = [
                BotCommand(command=name, description=text) for name, text in texts.commands()
            ]
        await bot.set_my_commands(
            commands,
            scope=BotCommandScopeAllPrivateChats(),
            language_code=None if language == SOURCE else language,
        )
