"""A python-telegram-bot conversation of the same length, kept by PicklePersistence after every
update: what such a bot has to do to lose no step when it is restarted in good order."""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)
from telegram.request import BaseRequest

from benchmarks.quiet import kept, said
from benchmarks.talk import UPDATES

ASKING = 1


class Taking(BaseRequest):
    """Accept every request."""

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing is open."""

    async def do_request(self, url: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        if url.endswith("getMe"):
            who = b'{"id":42,"is_bot":true,"first_name":"x","username":"x_bot"}'
            return 200, b'{"ok":true,"result":' + who + b"}"
        chat = b'{"id":1,"type":"private"}'
        return 200, b'{"ok":true,"result":{"message_id":1,"date":1,"chat":' + chat + b"}}"


async def heard(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    data = context.user_data
    assert data is not None
    assert update.message is not None
    answers = data.setdefault("answers", [])
    answers.append(update.message.text)
    await update.message.reply_text("…")
    if len(answers) % UPDATES:
        return ASKING
    answers.clear()
    return ConversationHandler.END


async def pickled(chats: int, visits: int) -> float:
    """Updates per second."""
    with TemporaryDirectory() as folder:
        # Its own interval never comes: it is told to write after each update instead.
        keeping = PicklePersistence(Path(folder) / "kept", update_interval=3600)
        text: Any = MessageHandler(filters.TEXT, heard)
        talk = ConversationHandler([text], {ASKING: [text]}, [], name="visit", persistent=True)
        request = Taking()
        bot = (
            ApplicationBuilder()
            .token("42:TEST")
            .request(request)
            .get_updates_request(request)
            .updater(None)
            .job_queue(None)
            .persistence(keeping)
            .build()
        )
        bot.add_handler(talk)
        async with bot:
            return await _run(bot, chats, visits)


async def _run(bot: Application[Any, Any, Any, Any, Any, Any], chats: int, visits: int) -> float:
    begin = time.perf_counter()
    for step in range(visits * UPDATES):
        for chat in range(1, chats + 1):
            await bot.process_update(_said(bot, step * chats + chat, chat))
            await bot.update_persistence()
    return chats * visits * UPDATES / (time.perf_counter() - begin)


def _said(bot: Any, number: int, chat: int) -> Update:
    update = Update.de_json(json.loads(kept(said(number, chat, "昨天")).payload), bot.bot)
    assert update is not None
    return update
