"""Getting the eight characters to the person who filed, whatever becomes of a single send.

A message that is sent twice stands there twice, and one whose answer is lost has an id that nobody
knows. An edit can be repeated without harm. So a placeholder without content goes first, the report
is stored as pending, and the code is *edited* into the placeholder until the messenger confirms it.
Only then does the report count. For example, with a lost answer:

    sendMessage       "confirmed"        ok, id 1007
    prepare           pending
    editMessageText   1007, the code     stands in the chat, the answer is lost
    editMessageText   1007, the code     400 "message is not modified": so it stands there
    activate          received

What can't be shown within half an hour is withdrawn, and the person told so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from handlers.public.chat.message_deletion import MessageDeleter
from handlers.public.chat.retry_after import seconds
from handlers.public.chat.sessions import KEPT, KeptReceipt, PendingCode, Sessions
from handlers.public.error_location import log_if_away

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries while the person looks on; later the sweep tries once a minute."""
LONGEST_RETRY_AFTER = 60.0
UNCHANGED = "not modified"


class CodeDelivery:
    """`sleep`: another way to wait, for tests."""

    def __init__(
        self,
        bot: Bot,
        sessions: Sessions,
        deleter: MessageDeleter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.bot, self.sessions, self.deleter, self.sleep = bot, sessions, deleter, sleep

    async def deliver(self, chat: int, pauses: Sequence[float] = PAUSES) -> bool:
        """Show the code, then activate its report. False where it isn't out yet: then the report is
        still pending, and the next message or sweep tries again."""
        pending = self.sessions.pending.get(chat)
        if pending is None:
            return True
        async with pending.lock:
            # Delivered or withdrawn while this waited for the lock.
            if self.sessions.pending.get(chat) is not pending:
                return True
            # Shown once, also where activating fails and is tried again: the code is on the screen.
            pending.shown = pending.shown or await self._show(chat, pending, pauses)
            if not pending.shown:
                return False
            if not await self._activate(pending):
                return False
            await self._finish(chat, pending)
            return True

    async def sweep(self) -> None:
        """Tries each once more, and withdraws what has waited for half an hour."""
        limit = self.sessions.now() - KEPT
        for chat, pending in list(self.sessions.pending.items()):
            if pending.since <= limit:
                await self.withdraw(chat)
            else:
                # Without pauses: one chat that can't be reached would keep the others waiting.
                await self.deliver(chat, pauses=())

    async def withdraw_all(self) -> None:
        """Before the process ends, and with it the memory of the codes."""
        chats = list(self.sessions.pending)
        await asyncio.gather(*(self.withdraw(chat, last_words=True) for chat in chats))

    async def withdraw(self, chat: int, last_words: bool = False) -> None:
        """Withdraw a report whose code didn't arrive, and say so. Where the database is away it is
        tried again, at the latest by the next start. `last_words`: what is said stays, since all
        that is noted is about to be deleted."""
        pending = self.sessions.pending[chat]
        async with pending.lock:
            if self.sessions.pending.get(chat) is not pending:
                return
            try:
                abandoned = await self.sessions.intake.abandon(pending.filed, self.sessions.today)
            except Exception as error:
                log_if_away(error)
                return
            if not abandoned:
                # Its code was typed: it had arrived, though nobody confirmed it.
                await self._finish(chat, pending)
                return
            del self.sessions.pending[chat]
            said = await self._say_not_filed(chat, pending)
            if not last_words:
                self.sessions.note(chat, said)

    async def _show(self, chat: int, pending: PendingCode, pauses: Sequence[float]) -> bool:
        # None: the last try, after which nothing is waited for.
        for pause in (*pauses, None):
            wait = pause
            try:
                await self._write(chat, pending)
                return True
            except BadRequest as refusal:
                # Before NetworkError, of which the library makes it a kind.
                if UNCHANGED in refusal.message.lower():
                    return True
                if not await self._replace_placeholder(chat, pending):
                    return False
            except RetryAfter as refusal:
                wait = max(pause or 0.0, seconds(refusal)) if pause is not None else None
            except NetworkError:
                # Perhaps it stands there already: the next try says "not modified" then.
                pass
            except TelegramError:
                return False
            if wait is not None and wait <= LONGEST_RETRY_AFTER:
                await self.sleep(wait)
            # Longer than anybody looks on: the sweep tries again instead.
            elif wait is not None:
                return False
        return False

    async def _write(self, chat: int, pending: PendingCode) -> None:
        await self.bot.edit_message_text(
            pending.code_text,
            chat_id=chat,
            message_id=pending.message,
            reply_markup=pending.keys,
            parse_mode="HTML",
        )

    async def _replace_placeholder(self, chat: int, pending: PendingCode) -> bool:
        """The message is gone, or too old to be edited: another one takes its place."""
        try:
            sent = await self.bot.send_message(
                chat, pending.placeholder_text, parse_mode="HTML", protect_content=True
            )
        except TelegramError:
            return False
        pending.message = sent.message_id
        self.sessions.note(chat, sent.message_id)
        return True

    async def _activate(self, pending: PendingCode) -> bool:
        try:
            return await self.sessions.intake.activate(pending.filed, self.sessions.now())
        except Exception as error:
            log_if_away(error)
            return False

    async def _finish(self, chat: int, pending: PendingCode) -> None:
        """Delete everything but the code from the chat; the code follows half an hour later."""
        del self.sessions.pending[chat]
        self.sessions.receipts[chat] = KeptReceipt(self.sessions.now(), pending.filed.receipt)
        await self.deleter.delete_noted(self.sessions, chat, keep=pending.message)
        self.sessions.note(chat, pending.message)

    async def _say_not_filed(self, chat: int, pending: PendingCode) -> int:
        """Say it in place of the placeholder, or below it; give the message's id."""
        await self.deleter.delete_noted(self.sessions, chat, keep=pending.message)
        try:
            await self.bot.edit_message_text(
                pending.not_filed_text, chat_id=chat, message_id=pending.message, parse_mode="HTML"
            )
        except TelegramError:
            with suppress(TelegramError):
                sent = await self.bot.send_message(chat, pending.not_filed_text, parse_mode="HTML")
                # Only now: deleted first, nothing would stand there if the new message were lost.
                await self.deleter.delete(chat, pending.message)
                return sent.message_id
        return pending.message
