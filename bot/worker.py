"""Takes updates out of the inbox: chats side by side, each chat one update at a time.

The conversation's new state and the removal of the update are one commit, the last thing that
happens. Whenever the process dies before it, the update is handled again, and what it did is done
once: services know their acts.
"""

import asyncio
from collections.abc import Callable, Iterable

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramRetryAfter
from aiogram.types import Update
from sqlalchemy.exc import OperationalError

from bot import texts
from bot.storage import holding
from services.i18n import language_of, use
from services.inbox import Inbox, Waiting

SIDE_BY_SIDE = 32
PAUSE = 1.0
"""Seconds before an update is tried again when the messenger or the database is away."""

log = structlog.get_logger()


class Worker:
    """`done` is called after every update, for whoever sends what it caused."""

    def __init__(
        self,
        name: str,
        bot: Bot,
        dispatcher: Dispatcher,
        inbox: Inbox,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.bot, self.dispatcher, self.inbox = name, bot, dispatcher, inbox
        self.done = done
        self.stopping = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._more: set[str] = set()
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)

    async def start(self) -> None:
        """Takes up what was left when the process ended."""
        self.awake(await self.inbox.chats(self.name))

    def awake(self, chats: Iterable[str]) -> None:
        """These chats have updates waiting."""
        for chat in chats:
            self._more.add(chat)
            if chat not in self._running and not self.stopping:
                self._running[chat] = asyncio.create_task(self._chat(chat))

    async def stop(self) -> None:
        """Ends after the updates in hand."""
        self.stopping = True
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _chat(self, chat: str) -> None:
        try:
            while chat in self._more and not self.stopping:
                self._more.discard(chat)
                async with self._room:
                    await self._drain(chat)
        finally:
            del self._running[chat]

    async def _drain(self, chat: str) -> None:
        while not self.stopping:
            try:
                waiting = await self.inbox.oldest(self.name, chat)
                if waiting is None:
                    return
                await self._take(waiting)
            except (OperationalError, OSError) as error:
                log.warning("database_away", error=type(error).__name__)
                await asyncio.sleep(PAUSE)

    async def _take(self, waiting: Waiting) -> None:
        with holding(self.inbox) as held:
            if await self._handled(waiting):
                await self.inbox.finish(waiting.row_id, held.writes)
                self.done()

    async def _handled(self, waiting: Waiting) -> bool:
        """False where it has to be tried again, or was parked."""
        update = Update.model_validate_json(waiting.payload)
        try:
            await self.dispatcher.feed_update(self.bot, update)
        except TelegramRetryAfter as wait:
            await asyncio.sleep(wait.retry_after)
            return False
        except (TelegramNetworkError, OperationalError, OSError) as error:
            log.warning("update_waits", row=waiting.row_id, error=type(error).__name__)
            await asyncio.sleep(PAUSE)
            return False
        except Exception as error:
            await self._failed(waiting, update, error)
            return False
        return True

    async def _failed(self, waiting: Waiting, update: Update, error: Exception) -> None:
        # The name of the error and where it arose, never its text: that may quote a person.
        said = _place(error)
        log.error("update_failed", row=waiting.row_id, tries=waiting.tries + 1, error=said)
        if await self.inbox.failed(waiting.row_id, said):
            await _say_parked(self.bot, update)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


async def _say_parked(bot: Bot, update: Update) -> None:
    event = update.message or update.callback_query or update.edited_message
    user = event.from_user if event else None
    if user is None:
        return
    with use(language_of(user.language_code)):
        text = texts.parked()
    try:
        await bot.send_message(user.id, text)
    except TelegramAPIError as error:
        log.warning("parked_untold", error=type(error).__name__)
