"""The public bot put together: one conversation, in memory, in private chats only."""

import asyncio
import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from telegram import BotCommand, Update
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    filters,
)
from telegram.warnings import PTBUserWarning

from handlers.public import plain, report, status, texts
from handlers.public.cleaning import Cleaner
from handlers.public.desk import Desk
from handlers.public.failures import place_of
from handlers.public.states import (
    ABOUT,
    CODE,
    EVIDENCE,
    MORE,
    SHOWN,
    SUMMARY,
    WHAT,
    WHOM,
    WITHDRAW,
)
from handlers.public.talk import Context, Step, spoken
from handlers.public.turns import OneChatAtATime
from services.core.i18n import LANGUAGES, SOURCE, use
from services.intake.intake import Intake

PRIVATE = filters.ChatType.PRIVATE
NEW = PRIVATE & filters.UpdateType.MESSAGE & ~filters.COMMAND
COMMANDS = PRIVATE & filters.UpdateType.MESSAGE & filters.COMMAND
EDITED = PRIVATE & filters.UpdateType.EDITED_MESSAGE
SWEEP = 60.0
"""Seconds between two looks for what is older than half an hour."""
AT_ONCE = 1024
"""Updates in hand at once, of so many chats. What is dear has limits of its own."""
CONVERSATION = "report"
log = structlog.get_logger()
Bot = Application[Any, Any, Any, Any, Any, Any]


def said(step: Step) -> MessageHandler[Any, Any]:
    return MessageHandler(NEW, spoken(step))


def press(pattern: str, step: Step) -> CallbackQueryHandler[Any, Any]:
    return CallbackQueryHandler(spoken(step), pattern=f"^{pattern}$")


def command(name: str, step: Step) -> CommandHandler[Any, Any]:
    return CommandHandler(name, spoken(step), filters=PRIVATE & filters.UpdateType.MESSAGE)


def conversation() -> ConversationHandler[Any]:
    with warnings.catch_warnings():
        # A conversation belongs to a chat here, not to a single message: that is meant.
        warnings.filterwarnings("ignore", message=r".*per_message=False", category=PTBUserWarning)
        return ConversationHandler(
            entry_points=_everywhere(),
            states=_states(),
            fallbacks=[
                *_plain(),
                press(".*", plain.passed_button),
                MessageHandler(COMMANDS, spoken(plain.no_command)),
            ],
            allow_reentry=True,
            per_user=False,
        )


def _everywhere() -> list[Any]:
    return [
        command("start", report.start),
        command("status", status.ask),
        command("cancel", report.cancel),
        press("report", report.begin),
        press("status", status.ask),
        press("cancel", report.cancel),
        press("copied", report.copied),
    ]


def _states() -> dict[object, list[Any]]:
    wanted = MessageHandler(NEW, spoken(plain.press_wanted))
    return {
        ABOUT: [
            press(r"about:[\w-]+", report.about),
            press(r"page:\d+", report.turn),
            press("other", report.other),
            wanted,
        ],
        WHOM: [said(report.whom)],
        WHAT: [press("written", report.written), said(report.what)],
        EVIDENCE: [press("checked", report.check), said(report.evidence)],
        SUMMARY: [press("confirm", report.confirm), press("rewrite", report.rewrite), wanted],
        CODE: [said(status.typed)],
        SHOWN: [
            press("more", status.ask_more),
            press("withdraw", status.ask_withdraw),
            press("read", status.read),
            wanted,
        ],
        MORE: [said(status.more)],
        WITHDRAW: [press("yes", status.withdraw), press("read", status.read), wanted],
    }


def _plain() -> list[Any]:
    return [
        command("privacy", plain.privacy),
        command("help", plain.help_),
        press("privacy", plain.privacy),
        MessageHandler(EDITED, spoken(plain.edited)),
    ]


async def failed(update: object, context: Context) -> None:
    """Says that it failed. Written down is where, and neither the update nor the error's words."""
    error = context.error
    log.error("public_failed", error=type(error).__name__, at=place_of(error))
    if isinstance(update, Update) and update.effective_chat is not None:
        with suppress(TelegramError):
            await spoken(plain.trouble)(update, context)


def build(
    token: str,
    intake: Intake,
    now: Callable[[], datetime],
    base: str = "",
    request: Any = None,
    door: str = "",
) -> Bot:
    """The application, not running. `base`: the messenger's address where it isn't Telegram's own.
    `request`: another way to send, for tests. `door`: the address of the web page, if there is."""
    # The library's coming way to say how long to wait; of the old one it warns every time.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    builder: Any = ApplicationBuilder().token(token).job_queue(None)
    builder = builder.concurrent_updates(OneChatAtATime(AT_ONCE))
    if base:
        builder = builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")
    if request is not None:
        builder = builder.request(request).get_updates_request(request).updater(None)
    made: Bot = builder.build()
    made.bot_data["desk"] = Desk(intake, now, door)
    made.bot_data["cleaner"] = Cleaner(made.bot, now)
    talks = conversation()
    made.bot_data[CONVERSATION] = talks
    made.add_handler(talks)
    made.add_handlers([*_plain(), press(".*", plain.old_button)])
    made.add_handler(MessageHandler(PRIVATE & filters.UpdateType.MESSAGE, spoken(plain.unknown)))
    made.add_error_handler(failed)
    return made


async def announce(bot: Bot) -> None:
    """Tells the messenger the commands, in every language; the source language is the default."""
    for language in LANGUAGES:
        with use(language):
            commands = [BotCommand(name, text) for name, text in texts.commands()]
        code = None if language == SOURCE else language
        await bot.bot.set_my_commands(commands, language_code=code)


async def forget_old(bot: Bot) -> None:
    """Forgets what is half an hour old, takes its messages off the chats, and forgets the chats."""
    desk: Desk = bot.bot_data["desk"]
    cleaner: Cleaner = bot.bot_data["cleaner"]
    desk.sweep()
    for chat in desk.stale():
        await cleaner.clean(desk, chat)
        # The library would remember for ever who stopped in the middle.
        bot.bot_data[CONVERSATION]._conversations.pop((chat,), None)


async def keep_clean(bot: Bot) -> None:
    """Until cancelled: forgets what is too old, and tries again what couldn't be deleted."""
    cleaner: Cleaner = bot.bot_data["cleaner"]

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP)
            try:
                await forget_old(bot)
            except Exception as error:
                # What isn't forgotten now is forgotten in a minute; nothing else does it.
                log.error("sweep_failed", error=type(error).__name__, at=place_of(error))

    async with asyncio.TaskGroup() as group:
        group.create_task(cleaner.run())
        group.create_task(sweep())


async def leave_clean(bot: Bot) -> None:
    """Before the process ends: takes off the chats whatever it would forget there."""
    cleaner: Cleaner = bot.bot_data["cleaner"]
    await cleaner.clean_all(bot.bot_data["desk"])
