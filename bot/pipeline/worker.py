"""Handles updates from the inbox: many chats at once, each chat one update at a time.

An update ends with one commit that stores the conversation's new state and the writes held back,
and deletes the update. If the process dies before it, the update is handled again: the acts it did
are recognised by their keys and not repeated, and the same answer is sent once more.

Example: "confirm" arrives as update 17. The worker takes the lock of its chat, makes an
UpdateContext with the stored conversation, and feeds the dispatcher. The handler records the step
(a commit of its own, with the key "42:17:record") and shows the result. Killed here, the next
process finds update 17 still in the inbox and the conversation still at the question; it records
again, gets the first result by the key, and shows it again. Then the last commit ends update 17.
"""

import asyncio
import json
from collections.abc import Callable, Container, Iterable
from datetime import datetime
from enum import Enum, auto
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import Update

from bot.app.shutdown import FINISH_UPDATES
from bot.pipeline.turns import Turn
from services.casefile.update_context import UpdateContext
from services.core.acts import Acts
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import away
from services.core.i18n import language_of, use
from services.messages import texts
from services.messages.conversation_changes import ConversationChange
from services.messages.inbox import Inbox, InboxUpdate


class WaitingChats:
    """In which order chats are served: invited people before all others, and within both, whoever
    was served goes behind those who wait."""

    def __init__(self) -> None:
        # Dictionaries for their order.
        self._people: dict[str, None] = {}
        self._others: dict[str, None] = {}

    def add(self, chat: str, people: bool) -> None:
        """Behind those who wait; a chat that waits already keeps its place, or goes from the others
        to the people."""
        if people:
            self._others.pop(chat, None)
            self._people.setdefault(chat)
        elif chat not in self._people:
            self._others.setdefault(chat)

    def take(self, running: Container[str], others: bool) -> tuple[str, bool] | None:
        """The next chat that isn't `running`, and whether it is one of the people; `others`:
        whether there is room for one of those."""
        found = self.next(running, others)
        if found is not None:
            chat, people = found
            del (self._people if people else self._others)[chat]
        return found

    def next(self, running: Container[str], others: bool) -> tuple[str, bool] | None:
        """As `take`; it stays where it is."""
        for chats, people in ((self._people, True), (self._others if others else {}, False)):
            chat = next((chat for chat in chats if chat not in running), None)
            if chat is not None:
                return chat, people
        return None


MOST_CHATS = 32
"""Chats handled at the same time: more would only queue for the database."""
MOST_OTHERS = 8
"""Chats of people who aren't invited, among them: the rest is left for those who are."""
PAUSE = 1.0
"""Seconds before an update is tried again when the messenger or the database is away."""
LOCK_RETRY = 0.1
"""Seconds after which the lock of a chat is tried again while another process holds it."""
LOOK = 5.0
"""Seconds after which to look for chats left by a process that died."""

log = structlog.get_logger()


class ChatAfterwards(Enum):
    """What is left of a chat that was worked on. LOCKED: another process holds its lock. TURN:
    updates, and it is another chat's turn."""

    NOTHING = auto()
    LOCKED = auto()
    TURN = auto()


class Worker:
    """Handles the updates of one source, by its number (`services.messages.chats`). `now` gives an
    aware time. `done` is called after every update, for whoever sends what it caused. `locks`: the
    lock of each chat, across processes. `turn`: of this cell, where the process serves several."""

    def __init__(
        self,
        name: str,
        bot: Bot,
        dispatcher: Dispatcher,
        inbox: Inbox,
        locks: AdvisoryLocks,
        now: Callable[[], datetime],
        done: Callable[[], None] = lambda: None,
        source: int = 0,
        turn: Turn | None = None,
    ) -> None:
        self.source, self.turn = source, turn
        self.name, self.bot, self.dispatcher, self.inbox = name, bot, dispatcher, inbox
        self.locks, self.now = locks, now
        self.done = done
        self.stopping = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._others: set[str] = set()
        """Those of the running chats that aren't of invited people."""
        self._waiting = WaitingChats()

    async def run(self) -> None:
        """Until cancelled: take up what a process left when it ended."""
        wake = self.wake
        while True:
            try:
                wake(await self.inbox.chats(self.name))
                # What is found later came in through another process, which knows whose it is.
                wake = self.wake_others
            except Exception as error:
                if not away(error):
                    raise
                log.warning("database_away", error=type(error).__name__)
            await asyncio.sleep(LOOK)

    def wake(self, chats: Iterable[str]) -> None:
        """Start handling chats that have updates waiting."""
        self._wake(chats, people=True)

    def wake_others(self, chats: Iterable[str]) -> None:
        """As `wake`, after everybody who is invited."""
        self._wake(chats, people=False)

    def _wake(self, chats: Iterable[str], people: bool) -> None:
        for chat in chats:
            self._waiting.add(chat, people)
        self._start()

    def _start(self) -> None:
        while not self.stopping and len(self._running) < MOST_CHATS:
            found = self._waiting.take(self._running, self._room_for_others)
            if found is None:
                return
            chat, people = found
            if not people:
                self._others.add(chat)
            # At once: between its coming in and its first step nobody else's work is to begin.
            self.inbox.database.in_hand.begin(chat)
            work = self._chat(chat, people)
            self._running[chat] = asyncio.create_task(
                work if self.turn is None else self.turn.taken(work)
            )

    @property
    def _room_for_others(self) -> bool:
        return len(self._others) < MOST_OTHERS

    async def idle(self) -> None:
        """Returns when nothing is in hand."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Finish the updates in hand; leave those that take longer to the next process."""
        self.stopping = True
        if self._running:
            _, waiting = await asyncio.wait(list(self._running.values()), timeout=FINISH_UPDATES)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _chat(self, chat: str, people: bool) -> None:
        try:
            if await self._drain(chat) is ChatAfterwards.TURN:
                self._waiting.add(chat, people)
        finally:
            del self._running[chat]
            self.inbox.database.in_hand.end(chat)
            self._others.discard(chat)
            # Also the same chat: `wake` may have been called for it while its last update was being
            # finished, and without another look that update would wait for LOOK.
            self._start()

    async def _drain(self, chat: str) -> ChatAfterwards:
        """Until nothing of the chat is left, whichever process works on it, or others wait."""
        while not self.stopping:
            try:
                if (left := await self._handle_all(chat)) is not ChatAfterwards.LOCKED:
                    return left
                await asyncio.sleep(LOCK_RETRY)
            except Exception as error:
                log.warning("database_away" if away(error) else "chat_retries", error=_place(error))
                await asyncio.sleep(PAUSE)
        return ChatAfterwards.NOTHING

    async def _handle_all(self, chat: str) -> ChatAfterwards:
        # Two updates of a chat at the same time would both read the state before either writes it.
        if not await self.locks.acquire(chat):
            # LOCKED has the lock tried again: its holder may just have looked for the last time.
            gone = await self.inbox.oldest(self.name, chat) is None
            return ChatAfterwards.NOTHING if gone else ChatAfterwards.LOCKED
        try:
            async with self.locks.held():
                following = await self.inbox.oldest(self.name, chat)
                while following is not None and not self.stopping:
                    following = await self._handle(following)
                    if following is not None and self._others_wait(chat):
                        return ChatAfterwards.TURN
        finally:
            await self.locks.release(chat)
        return ChatAfterwards.NOTHING

    def _others_wait(self, chat: str) -> bool:
        room = chat in self._others or self._room_for_others
        return self._waiting.next(self._running, room) is not None

    async def _handle(self, row: InboxUpdate) -> InboxUpdate | None:
        """Gives the chat's next update, or the same one to be tried again."""
        self.inbox.database.in_hand.begin(row.chat)
        update = UpdateContext(
            Acts(self.bot.id, row.update_id, self.now(), self.source),
            ConversationChange(row.conversations),
            held=[],
        )
        if not await self._feed(row, update):
            # Asked again, since it may have been parked: then the next one is due.
            return await self.inbox.oldest(self.name, row.chat)
        following = await self.inbox.finish(row, update.conversation.changes, update.held or ())
        self.done()
        return following

    async def _feed(self, row: InboxUpdate, context: UpdateContext) -> bool:
        """False where it has to be tried again, or was parked."""
        try:
            # With its bot at once: the dispatcher would read it a second time to give it one.
            update = Update.model_validate_json(row.payload, context={"bot": self.bot})
            await self.dispatcher.feed_update(self.bot, update, update_context=context)
        except TelegramRetryAfter as wait:
            # No failure: counted as one, three busy seconds would park what somebody said.
            await asyncio.sleep(wait.retry_after)
            return False
        except TelegramForbiddenError:
            # Who blocked the bot meanwhile can't be answered; their acts are done. Tried again, the
            # update would be refused for ever and hold up the chat.
            return True
        except TelegramEntityTooLarge as error:
            # aiogram counts it among what the network did, but the file stays as large as it is.
            await self._failed(row, error)
            return False
        except Exception as error:
            if isinstance(error, TelegramNetworkError | TelegramServerError) or away(error):
                log.warning("update_retries", row=row.row_id, error=type(error).__name__)
                await asyncio.sleep(PAUSE)
                return False
            await self._failed(row, error)
            return False
        return True

    async def _failed(self, row: InboxUpdate, error: Exception) -> None:
        # The name of the error and where it arose, never its text: that may quote a person.
        said = _place(error)
        log.error("update_failed", row=row.row_id, tries=row.tries + 1, error=said)
        if await self.inbox.failed(row.row_id, said):
            await _say_parked(self.bot, json.loads(row.payload))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


async def _say_parked(bot: Bot, update: dict[str, Any]) -> None:
    """Tell the sender, from the raw update: one that aiogram can't read is parked as well."""
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
        log.warning("parked_notice_failed", error=type(error).__name__)
