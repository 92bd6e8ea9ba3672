"""python-telegram-bot as its manual shows it: a ConversationHandler kept by PicklePersistence."""

import os
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from benchmarks.killing import bare

DAY, HEARD, NOTE, CHECK = range(4)
Context = ContextTypes.DEFAULT_TYPE


async def begin(update: Update, context: Context) -> int:
    assert update.message is not None
    await update.message.reply_text(bare.DAY)
    return DAY


async def day(update: Update, context: Context) -> int:
    assert update.message is not None
    await update.message.reply_text(bare.HEARD)
    return HEARD


async def heard(update: Update, context: Context) -> int:
    assert update.message is not None
    await update.message.reply_text(bare.NOTE)
    return NOTE


async def note(update: Update, context: Context) -> int:
    assert update.message is not None
    assert context.user_data is not None
    context.user_data["note"] = update.message.text
    await update.message.reply_text(bare.CHECK)
    return CHECK


async def save(update: Update, context: Context) -> int:
    assert update.message is not None
    assert context.user_data is not None
    bare.keep(update.message.chat_id, context.user_data["note"])
    await update.message.reply_text(bare.SAVED)
    return ConversationHandler.END


def application() -> "Application[Any, Any, Any, Any, Any, Any]":
    text = filters.TEXT & ~filters.Text([bare.BEGIN])
    start: Any = MessageHandler(filters.Text([bare.BEGIN]), begin)
    states: dict[object, list[Any]] = {
        DAY: [MessageHandler(text, day)],
        HEARD: [MessageHandler(text, heard)],
        NOTE: [MessageHandler(text, note)],
        CHECK: [MessageHandler(text, save)],
    }
    made = (
        Application.builder()
        .token(bare.TOKEN)
        .base_url(f"{os.environ[bare.API]}/bot")
        .persistence(PicklePersistence(os.environ[bare.MEMORY], update_interval=1))
        .build()
    )
    made.add_handler(ConversationHandler([start], states, [start], name="visit", persistent=True))
    return made


def main(environment: dict[str, str]) -> None:
    application().run_polling(stop_signals=None)
