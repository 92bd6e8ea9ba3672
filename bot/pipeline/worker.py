"""Takes updates out of the inbox: chats side by side, each chat one update at a time.

The conversation's new state and the removal of the update are one commit, the last thing that
happens. Whenever the process dies before it, the update is handled again, and what it did is done
once: services know their acts.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import Update

from bot.app.shutdown import PATIENCE
from bot.pipeline import texts
from bot.pipeline.fsm_storage import holding
from services.cases.drafts import with_the_update
from services.core.advisory_locks import Turns
from services.core.database import away
from services.core.i18n import language_of, use
from services.messages.inbox import Inbox, Waiting

SIDE_BY_SIDE = 32
PAUSE = 1.0
"""Seconds before an update is tried again when the messenger or the database is away."""
TURN = 0.1
"""Seconds after which a chat that another process works on is looked at again."""
LOOK = 5.0
"""Seconds after which to look for chats of which nobody told: their process may have died."""

log = structlog.get_logger()


class Worker:
    """`done` is called after every update, for whoever sends what it caused."""

    def __init__(
        self,
        name: str,
        bot: Bot,
        dispatcher: Dispatcher,
        inbox: Inbox,
        turns: Turns,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.bot, self.dispatcher, self.inbox = name, bot, dispatcher, inbox
        self.turns = turns
        self.done = done
        self.stopping = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._more: set[str] = set()
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)

    async def run(self) -> None:
        """Until cancelled: takes up what was left when a process ended."""
        while True:
            try:
                self.awake(await self.inbox.chats(self.name))
            except Exception as error:
                if not away(error):
                    raise
                log.warning("database_away", error=type(error).__name__)
            await asyncio.sleep(LOOK)

    def awake(self, chats: Iterable[str]) -> None:
        """These chats have updates waiting."""
        for chat in chats:
            self._more.add(chat)
            if chat not in self._running and not self.stopping:
                self._running[chat] = asyncio.create_task(self._chat(chat))

    async def idle(self) -> None:
        """Returns when nothing is in hand."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Ends after the updates in hand; one that waits for the messenger is left for the next
        process."""
        self.stopping = True
        if self._running:
            _, waiting = await asyncio.wait(list(self._running.values()), timeout=PATIENCE)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _chat(self, chat: str) -> None:
        try:
            while chat in self._more and not self.stopping:
                self._more.discard(chat)
                async with self._room:
                    await self._drain(chat)
        finally:
            del self._running[chat]

    async def _drain(self, chat: str) -> None:
        """Until nothing of the chat is left, whoever works on it."""
        while not self.stopping:
            try:
                if await self._worked_off(chat):
                    return
                await asyncio.sleep(TURN)
            except Exception as error:
                log.warning("database_away" if away(error) else "chat_waits", error=_place(error))
                await asyncio.sleep(PAUSE)

    async def _worked_off(self, chat: str) -> bool:
        if not await self.turns.take(chat):
            return await self.inbox.oldest(self.name, chat) is None
        try:
            waiting = await self.inbox.oldest(self.name, chat)
            while waiting is not None and not self.stopping:
                waiting = await self._take(waiting)
        finally:
            await self.turns.leave(chat)
        return True

    async def _take(self, waiting: Waiting) -> Waiting | None:
        """Gives the chat's next update, or the same one once more."""
        with holding(waiting.talk) as held, with_the_update() as drafts:
            handled = await self._handled(waiting)
        if not handled:
            return await self.inbox.oldest(self.name, waiting.chat)
        following = await self.inbox.finish(waiting, held.writes, drafts)
        self.done()
        return following

    async def _handled(self, waiting: Waiting) -> bool:
        """False where it has to be tried again, or was parked."""
        try:
            update = Update.model_validate_json(waiting.payload)
            await self.dispatcher.feed_update(self.bot, update)
        except TelegramRetryAfter as wait:
            await asyncio.sleep(wait.retry_after)
            return False
        except TelegramForbiddenError:
            # Who has blocked the bot since can't be told; what they did is done.
            return True
        except Exception as error:
            if isinstance(error, TelegramNetworkError | TelegramServerError) or away(error):
                log.warning("update_waits", row=waiting.row_id, error=type(error).__name__)
                await asyncio.sleep(PAUSE)
                return False
            await self._failed(waiting, error)
            return False
        return True

    async def _failed(self, waiting: Waiting, error: Exception) -> None:
        # The name of the error and where it arose, never its text: that may quote a person.
        said = _place(error)
        log.error("update_failed", row=waiting.row_id, tries=waiting.tries + 1, error=said)
        if await self.inbox.failed(waiting.row_id, said):
            await _say_parked(self.bot, json.loads(waiting.payload))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


async def _say_parked(bot: Bot, update: dict[str, Any]) -> None:
    """As it came: an update that can't be read is parked as well."""
    event = next((value for value in update.values() if isinstance(value, dict)), {})
    user = event.get("from")
    if not isinstance(user, dict) or not isinstance(user.get("id"), int):
        return
    language = user.get("language_code")
    with use(language_of(language if isinstance(language, str) else None)):
        text = texts.parked()
    try:
        await bot.send_message(user["id"], text)
    except TelegramAPIError as error:
        log.warning("parked_untold", error=type(error).__name__)
