"""Both libraries as anybody installs them, pointed at the local messenger and at nothing else."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiogram
import pytest
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from telegram.error import TelegramError

Rows = list[list[tuple[str, str]]]
"""Buttons as (label, data)."""


@dataclass(frozen=True)
class Library:
    """`bot` has the same method names in both; what they take beside plain values is made here."""

    name: str
    bot: Any
    types: Any
    file: Callable[[bytes, str], Any]
    attached: Callable[[bytes, str], Any]
    """A file inside of something else."""
    download: Callable[[str], Any]

    def buttons(self, rows: Rows) -> Any:
        button = self.types.InlineKeyboardButton
        return self.types.InlineKeyboardMarkup(
            inline_keyboard=[
                [button(text=label, callback_data=data) for label, data in row] for row in rows
            ]
        )

    def button(self, **what: Any) -> Any:
        made = self.types.InlineKeyboardButton(**what)
        return self.types.InlineKeyboardMarkup(inline_keyboard=[[made]])

    @contextmanager
    def refused(self, text: str, code: int = 400) -> Iterator[None]:
        """The library raises its own error, with Telegram's text in it."""
        with pytest.raises((TelegramAPIError, TelegramError)) as caught:
            yield
        assert text.lower() in str(caught.value).lower()
        assert type(caught.value).__name__.removeprefix("Telegram") in ERRORS[code]


ERRORS = {
    400: {"BadRequest"},
    401: {"InvalidToken", "UnauthorizedError"},
    403: {"Forbidden", "ForbiddenError"},
    404: {"InvalidToken", "NotFound"},
    409: {"Conflict", "ConflictError"},
    413: {"EntityTooLarge", "NetworkError"},
    429: {"RetryAfter"},
    502: {"ServerError", "NetworkError"},
}


def aiogram_bot(url: str, token: str) -> aiogram.Bot:
    return aiogram.Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


def telegram_bot(url: str, token: str) -> telegram.Bot:
    return telegram.Bot(token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot")


@asynccontextmanager
async def with_aiogram(url: str, token: str) -> AsyncIterator[Library]:
    bot = aiogram_bot(url, token)

    async def download(file_id: str) -> bytes:
        file = await bot.get_file(file_id)
        found = await bot.download_file(file.file_path or "")
        return found.read() if found else b""

    try:
        file = aiogram.types.BufferedInputFile
        yield Library("aiogram", bot, aiogram.types, file, file, download)
    finally:
        await bot.session.close()


@asynccontextmanager
async def with_telegram(url: str, token: str) -> AsyncIterator[Library]:
    async with telegram_bot(url, token) as bot:

        async def download(file_id: str) -> bytes:
            return bytes(await (await bot.get_file(file_id)).download_as_bytearray())

        attached = partial(telegram.InputFile, attach=True)
        library = "python-telegram-bot"
        yield Library(library, bot, telegram, telegram.InputFile, attached, download)


LIBRARIES = {"aiogram": with_aiogram, "python-telegram-bot": with_telegram}
