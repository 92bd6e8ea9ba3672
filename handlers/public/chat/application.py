"""The public bot put together: its handlers, its commands, and what runs beside them."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from telegram import BotCommand, Message, Update
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from handlers.public import status_texts, texts
from handlers.public.chat import fallbacks, report, status
from handlers.public.chat.chat_queue import PerChatProcessor
from handlers.public.chat.chat_update import Action, Context, handler_of
from handlers.public.chat.code_delivery import CodeDelivery
from handlers.public.chat.conversation import Conversation
from handlers.public.chat.incoming import Label, TypedWords
from handlers.public.chat.message_deletion import MessageDeleter
from handlers.public.chat.sessions import (
    ABOUT,
    CODE,
    END,
    EVIDENCE,
    MORE,
    SHOWN,
    SUMMARY,
    WHAT,
    WHOM,
    WITHDRAW,
    Sessions,
)
from handlers.public.chat.unconfirmed import Speaker
from handlers.public.error_location import location_of
from services.core.i18n import LANGUAGES, SOURCE, use
from services.intake.intake import Intake

PRIVATE = filters.ChatType.PRIVATE
NEW = PRIVATE & filters.UpdateType.MESSAGE & ~filters.COMMAND
COMMANDS = PRIVATE & filters.UpdateType.MESSAGE & filters.COMMAND
EDITED = PRIVATE & filters.UpdateType.EDITED_MESSAGE
SWEEP_SECONDS = 60.0
"""Between two looks for what is older than half an hour."""
MOST_UPDATES = 1024
"""Updates in hand at once, of so many chats. What is dear has limits of its own."""
log = structlog.get_logger()
Bot = Application[Any, Any, Any, Any, Any, Any]


def said(action: Action) -> MessageHandler[Any, Any]:
    return MessageHandler(NEW, handler_of(action))


class CodeTyped(filters.MessageFilter):
    """Eight characters that may be the code of a report."""

    def filter(self, message: Message) -> bool:
        return status.is_code(message)


def press(pattern: str, action: Action) -> CallbackQueryHandler[Any, Any]:
    return CallbackQueryHandler(handler_of(action), pattern=f"^{pattern}$")


def button(data: str, action: Action, *labels: Label) -> list[Any]:
    """A button, pressed or typed. `labels`: what it says where it stands, so that words of another
    screen aren't taken for it."""
    return [press(data, action), MessageHandler(NEW & TypedWords(*labels), handler_of(action))]


def command(name: str, action: Action) -> CommandHandler[Any, Any]:
    return CommandHandler(name, handler_of(action), filters=PRIVATE & filters.UpdateType.MESSAGE)


def conversation(sessions: Sessions) -> Conversation:
    return Conversation(
        sessions,
        anywhere=_everywhere(),
        states=_states(),
        fallbacks=[
            *_outside(),
            # Behind all other buttons, since it takes any press.
            press(".*", fallbacks.passed_button),
            MessageHandler(COMMANDS, handler_of(fallbacks.no_command)),
        ],
    )


def _everywhere() -> list[Any]:
    return [
        command("start", report.start),
        command("status", status.ask),
        command("cancel", report.cancel),
        *button("report", report.begin, texts.to_report),
        *button("status", status.ask, texts.to_status),
        press("cancel", report.cancel),
        press("copied", report.copied),
    ]


def _states() -> dict[int, list[Any]]:
    wanted = MessageHandler(NEW, handler_of(fallbacks.press_wanted))
    code = MessageHandler(NEW & CodeTyped(), handler_of(status.typed))
    # The words before the code: a label may be eight characters of its list.
    return {END: [*_outside_words(), code], **_writing(), **_asking(code, wanted)}


def _writing() -> dict[int, list[Any]]:
    away = button("cancel", report.cancel, texts.cancel)
    return {
        ABOUT: [
            press(r"about:[\w-]+", report.about),
            press(r"page:\d+", report.turn),
            *button("other", report.other, texts.other),
            *away,
            said(status.or_code(report.named)),
        ],
        WHOM: [*away, said(status.or_code(report.whom))],
        WHAT: [
            *button("written", report.written, texts.written),
            *away,
            said(status.or_code(report.what)),
        ],
        EVIDENCE: [
            *button("checked", report.check, texts.no_more, texts.words_for_no_more),
            *away,
            said(status.or_code(report.evidence)),
        ],
        SUMMARY: [
            *button("confirm", report.confirm, texts.confirm),
            *button("rewrite", report.rewrite, texts.rewrite),
            *away,
            said(status.or_code(report.late)),
        ],
    }


def _asking(code: Any, wanted: Any) -> dict[int, list[Any]]:
    read = button("read", status.read, status_texts.done)
    return {
        CODE: [*button("cancel", report.cancel, status_texts.stop), said(status.typed)],
        SHOWN: [
            *button("more", status.ask_more, status_texts.write_on),
            *button("withdraw", status.ask_withdraw, status_texts.withdraw),
            *read,
            code,
            wanted,
        ],
        MORE: [
            *button("cancel", report.cancel, status_texts.stop_writing),
            said(status.or_code(status.more)),
        ],
        WITHDRAW: [
            *button("yes", status.withdraw, status_texts.yes_withdraw),
            *button("cancel", report.cancel, status_texts.keep),
            *read,
            code,
            wanted,
        ],
    }


def _outside_words() -> list[Any]:
    """The menu's other words, and what is under a code, where nothing is being written."""
    return [
        *button("report", report.begin, texts.words_for_report),
        *button("status", status.ask, texts.words_for_status),
        *button("privacy", fallbacks.privacy, texts.to_privacy),
        *button("guidance", fallbacks.guidance, texts.to_guidance),
        *button("receipt", report.receipt, texts.to_receipt),
        *button("copied", report.copied, texts.copied),
    ]


def _outside() -> list[Any]:
    return [
        command("privacy", fallbacks.privacy),
        command("help", fallbacks.help_),
        command("guidance", fallbacks.guidance),
        command("language", fallbacks.language),
        press(f"speak:({'|'.join(LANGUAGES)})", fallbacks.speak),
        press("privacy", fallbacks.privacy),
        press("guidance", fallbacks.guidance),
        press("receipt", report.receipt),
        MessageHandler(EDITED, handler_of(fallbacks.edited)),
    ]


async def failed(update: object, context: Context) -> None:
    """Say that it failed. Logged is where, and neither the update nor the error's words: both may
    hold what was reported (docs/promises.md P1)."""
    error = context.error
    log.error("public_failed", error=type(error).__name__, at=location_of(error))
    if isinstance(update, Update) and update.effective_chat is not None:
        with suppress(TelegramError):
            await handler_of(fallbacks.trouble)(update, context)


def build(
    token: str,
    intake: Intake,
    now: Callable[[], datetime],
    base: str = "",
    request: Any = None,
    page_address: str = "",
) -> Bot:
    """The application, not running. `base`: the messenger's address where it isn't Telegram's own.
    `request`: another way to send, for tests. `page_address`: where the web page
    is, if there is one."""
    # The library's coming way to say how long to wait; of the old one it warns every time.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    # Without the library's own way to fetch updates: `bot` has one that ends with its process.
    builder: Any = ApplicationBuilder().token(token).job_queue(None).updater(None)
    # Side by side, but one at a time within a chat: answers belong to the question before them.
    builder = builder.concurrent_updates(PerChatProcessor(MOST_UPDATES))
    if base:
        builder = builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")
    if request is not None:
        builder = builder.request(request).get_updates_request(request)
    made: Bot = builder.build()
    made.bot_data["sessions"] = Sessions(intake, now, page_address)
    made.bot_data["deleter"] = MessageDeleter(made.bot, now)
    made.bot_data["delivery"] = CodeDelivery(
        made.bot, made.bot_data["sessions"], made.bot_data["deleter"]
    )
    made.bot_data["speaker"] = Speaker(made.bot, made.bot_data["sessions"])
    made.add_handler(conversation(made.bot_data["sessions"]))
    # Once more: fallbacks of a conversation are heard only inside of one.
    made.add_handlers([*_outside(), press(".*", fallbacks.old_button)])
    made.add_handler(
        MessageHandler(PRIVATE & filters.UpdateType.MESSAGE, handler_of(fallbacks.unknown))
    )
    made.add_error_handler(failed)
    return made


async def announce(bot: Bot) -> None:
    """Tells the messenger the commands, in every language; the source language is the default."""
    for language in LANGUAGES:
        with use(language):
            commands = [BotCommand(name, text) for name, text in texts.commands()]
        code = None if language == SOURCE else language
        await bot.bot.set_my_commands(commands, language_code=code)


async def forget_expired(bot: Bot) -> None:
    """Forgets what is half an hour old, takes its messages off the chats, and forgets the chats."""
    sessions: Sessions = bot.bot_data["sessions"]
    deleter: MessageDeleter = bot.bot_data["deleter"]
    delivery: CodeDelivery = bot.bot_data["delivery"]
    speaker: Speaker = bot.bot_data["speaker"]
    # First: a chat whose code was delivered or given up just now is cleaned in the same sweep.
    await delivery.sweep()
    await speaker.sweep()
    sessions.sweep()
    for chat in sessions.idle_chats():
        await deleter.delete_noted(sessions, chat)
        sessions.states.pop(chat, None)
        sessions.languages.pop(chat, None)


async def run_housekeeping(bot: Bot) -> None:
    """Until cancelled: forgets what is too old, and tries again what couldn't be deleted."""
    deleter: MessageDeleter = bot.bot_data["deleter"]

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await forget_expired(bot)
            except Exception as error:
                # What isn't forgotten now is forgotten in a minute; nothing else does it.
                log.error("sweep_failed", error=type(error).__name__, at=location_of(error))

    async with asyncio.TaskGroup() as group:
        group.create_task(deleter.run())
        group.create_task(sweep())


async def delete_before_exit(bot: Bot) -> None:
    """Before the process ends: takes off the chats whatever it would forget there."""
    delivery: CodeDelivery = bot.bot_data["delivery"]
    # First: that a report wasn't filed is written into its placeholder, which would be gone.
    await delivery.withdraw_all()
    deleter: MessageDeleter = bot.bot_data["deleter"]
    await deleter.delete_all_noted(bot.bot_data["sessions"])
