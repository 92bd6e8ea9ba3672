"""A messenger that fails once at every update: what was done has to be said all the same.

Stories marked `with_faults` are told again so. The worker feeds an update whose answer failed once
more, with the conversation as it was stored; so does `FaultyLine`. `refused`: the first thing that
is sent doesn't arrive. `lost`: it arrives, and its answer doesn't.
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramServerError,
)
from aiogram.methods import EditMessageText, SendDocument, SendMessage, SendPhoto, TelegramMethod
from aiogram.types import BufferedInputFile, Update
from aiogram_dialog.test_tools.memory_storage import JsonMemoryStorage

from services.casefile.update_context import UpdateContext
from tests.conversation.people import Line
from tests.conversation.telegram import Telegram

SCREENS = (EditMessageText, SendDocument, SendMessage, SendPhoto)
"""What carries words; whether a press was answered is nothing that can get lost."""

with_faults = pytest.mark.parametrize(
    "line_fault",
    [pytest.param("refused", marks=pytest.mark.slow), "lost"],
    indirect=True,
)


class FaultyTelegram(Telegram):
    """`fault`: of the next thing that is sent, "" for none."""

    fault = ""
    largest = 50 * 1024 * 1024
    """Bytes of a file that it takes."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> Any:
        file = method.document if isinstance(method, SendDocument) else None
        if isinstance(file, BufferedInputFile) and len(file.data) > self.largest:
            raise TelegramEntityTooLarge(method, "Request Entity Too Large")
        if not self.fault or not isinstance(method, SCREENS):
            return await super().make_request(bot, method, timeout)
        fault, self.fault = self.fault, ""
        if fault == "refused":
            raise TelegramServerError(method, "Bad Gateway")
        await super().make_request(bot, method, timeout)
        raise TelegramNetworkError(method, "the answer is lost")


@dataclass
class FaultyLine(Line):
    """`failed`: how many updates had to be handled again."""

    storage: JsonMemoryStorage | None = None
    fault: str = ""
    failed: int = 0

    async def feed(self, update: Update, context: UpdateContext) -> None:
        assert isinstance(self.telegram, FaultyTelegram)
        assert self.storage is not None
        stored = deepcopy(self.storage.storage)
        self.telegram.fault = self.fault
        try:
            await super().feed(update, context)
        except (TelegramServerError, TelegramNetworkError):
            self.storage.storage.clear()
            self.storage.storage.update(stored)
            self.failed += 1
            await super().feed(update, UpdateContext(context.act))
        finally:
            self.telegram.fault = ""
