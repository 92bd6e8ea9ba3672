"""Long polling for the public bot, as a part of its process.

python-telegram-bot's own Updater polls in a task of its own: a token that is refused ends that task
and nothing else, and a process that looks healthy hears nobody any more.
"""

import asyncio
from collections.abc import Awaitable, Callable

from telegram import Update
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.app.settings import SettingsError
from handlers.public.chat.application import Bot
from handlers.public.chat.retry_after import seconds

KINDS = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY]
LONG_POLL = 10
"""Seconds for which the messenger holds a request that has nothing to tell."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two attempts while it can't be reached."""
Errors = Callable[[TelegramError], None]


class Updates:
    """Hands updates to the application in their order. `errors`: hears of every failed request."""

    def __init__(self, bot: Bot, errors: Errors) -> None:
        self.bot, self.errors = bot, errors
        self._next: int | None = None

    async def run(self) -> None:
        """Until cancelled. Raises SettingsError where the token is refused."""
        # While a webhook is set, Telegram refuses getUpdates.
        await until_answered(self.bot.bot.delete_webhook, self.errors)
        while True:
            await until_answered(self._fetch, self.errors)

    async def _fetch(self) -> None:
        for update in await self.bot.bot.get_updates(
            offset=self._next, timeout=LONG_POLL, allowed_updates=KINDS
        ):
            await self.bot.update_queue.put(update)
            self._next = update.update_id + 1

    async def confirm(self) -> None:
        """Tell the messenger which updates are done: the next process knows nothing of them, and
        would answer as if they had come out of nowhere."""
        if self._next is not None:
            await self.bot.bot.get_updates(offset=self._next, timeout=0, limit=1)


async def until_answered(ask: Callable[[], Awaitable[object]], errors: Errors) -> None:
    """Ask until the messenger answers, obeying how long it wants to be left alone. Raises
    SettingsError where it refuses the token."""
    pause = FIRST_PAUSE
    while True:
        try:
            await ask()
            return
        except InvalidToken:
            raise SettingsError(
                "YINLU_PUBLIC_TOKEN: the messenger doesn't know this token; BotFather shows it"
            ) from None
        # Before TelegramError, of which it is one: it says itself how long to wait.
        except RetryAfter as error:
            errors(error)
            await asyncio.sleep(seconds(error))
        except TelegramError as error:
            errors(error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
