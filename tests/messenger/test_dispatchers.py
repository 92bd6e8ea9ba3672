"""Whole bots of both libraries, unmodified: polling and behind a webhook."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Dispatcher
from aiogram import types as aiogram_types
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from messenger.client import MessengerClient, Person
from tests.messenger.conftest import TOKEN
from tests.messenger.libraries import aiogram_bot
from tests.messenger.test_updates import listening

SECRET = "quiet-secret_1"
App = Application[Any, Any, Any, Any, Any, Any]
Talking = Callable[[str], "contextlib.AbstractAsyncContextManager[None]"]


def dispatcher() -> Dispatcher:
    made = Dispatcher()

    @made.message()
    async def answer(message: aiogram_types.Message) -> None:
        button = aiogram_types.InlineKeyboardButton(text="再说一遍", callback_data="again")
        rows = aiogram_types.InlineKeyboardMarkup(inline_keyboard=[[button]])
        await message.answer(f"听到：{message.text}", reply_markup=rows)

    @made.callback_query()
    async def again(query: aiogram_types.CallbackQuery) -> None:
        await query.answer("好")
        assert isinstance(query.message, aiogram_types.Message)
        await query.message.edit_text(f"再说一遍：{query.message.text}")

    return made


async def _answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    rows = InlineKeyboardMarkup([[InlineKeyboardButton("再说一遍", callback_data="again")]])
    await update.message.reply_text(f"听到：{update.message.text}", reply_markup=rows)


async def _again(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query
    assert query.message
    await query.answer("好")
    await query.edit_message_text(f"再说一遍：{query.message.text}")  # type: ignore[attr-defined]


def application(url: str) -> App:
    made = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot").job_queue(None).build()
    made.add_handler(MessageHandler(filters.ALL, _answer))
    made.add_handler(CallbackQueryHandler(_again))
    return made


@asynccontextmanager
async def aiogram_polls(url: str) -> AsyncIterator[None]:
    bot, made = aiogram_bot(url, TOKEN), dispatcher()
    polling = asyncio.create_task(made.start_polling(bot, handle_signals=False))
    yield
    await made.stop_polling()
    await polling


@asynccontextmanager
async def telegram_polls(url: str) -> AsyncIterator[None]:
    async with application(url) as app:
        assert app.updater
        await app.start()
        await app.updater.start_polling()
        yield
        await app.updater.stop()
        await app.stop()


@asynccontextmanager
async def aiogram_hooked(url: str) -> AsyncIterator[None]:
    bot = aiogram_bot(url, TOKEN)
    hook = SimpleRequestHandler(dispatcher(), bot, secret_token=SECRET)
    async with listening(hook.handle) as address:
        await bot.set_webhook(address, secret_token=SECRET)
        yield
        await bot.delete_webhook()
    await bot.session.close()


@asynccontextmanager
async def telegram_hooked(url: str) -> AsyncIterator[None]:
    async with application(url) as app:

        async def hear(request: web.Request) -> web.Response:
            assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
            await app.process_update(Update.de_json(await request.json(), app.bot))
            return web.Response()

        async with listening(hear) as address:
            await app.bot.set_webhook(address, secret_token=SECRET)
            yield
            await app.bot.delete_webhook()


@pytest.mark.parametrize(
    "talking", [aiogram_polls, telegram_polls, aiogram_hooked, telegram_hooked]
)
async def test_a_conversation(
    talking: Talking, messenger: MessengerClient, secretary: Person
) -> None:
    async with talking(messenger.url):
        await secretary.says("您好")
        await secretary.sees("听到：您好")
        await secretary.presses("再说一遍")
        await secretary.sees("再说一遍：听到：您好")
        shown = (await secretary.screen())[-1]
        assert (shown["edited"], shown["buttons"]) == (True, [])
        assert (await secretary.chat())["toasts"][-1]["text"] == "好"
