"""What was done and isn't known to have been said: kept until a message with it is out.

A handler that fails is answered by "this step wasn't done, try again". After something was done
that would be untrue: a letter is stored, the answer to it is lost, and whoever tries again stores
it twice. So what is done is said by `conclude`, which no send can call off:

    write_on          the letter is stored
    sendMessage       "sealed and handed in"    502, and again
    …                 kept in memory; the next message, or the minute's sweep, brings it

It may come twice, where only the messenger's answer was lost; it is true both times.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
)
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from handlers.public.chat.retry_after import seconds
from handlers.public.chat.sessions import KEPT, Sessions, UnconfirmedSentence
from services.attachments.formats import ENDINGS, JPEG, CleanFile
from services.intake.receipts import FILE_NAME, qr

PAUSES = (0.5, 1.0, 2.0)
"""Seconds between two tries while the person looks on; later the sweep tries once a minute."""
LONGEST_RETRY_AFTER = 60.0
UNCHANGED = "not modified"


class Speaker:
    """`sleep`: another way to wait, for tests."""

    def __init__(
        self,
        bot: Bot,
        sessions: Sessions,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.bot, self.sessions, self.sleep = bot, sessions, sleep

    async def conclude(self, chat: int, text: str, keys: InlineKeyboardMarkup | None) -> None:
        """Say what was done, now or as soon as it can be said."""
        kept = self.sessions.unsaid.setdefault(chat, [])
        kept.append(UnconfirmedSentence(text, keys, self.sessions.now()))
        await self.say_kept(chat)

    async def say_kept(self, chat: int, pauses: Sequence[float] = PAUSES) -> None:
        """Say what is kept for a chat, the oldest first; leave it where it can't be said yet."""
        # Taken out meanwhile: the next message and the sweep don't say it both.
        kept = self.sessions.unsaid.pop(chat, [])
        while kept:
            if not await self._said(chat, kept[0], pauses):
                # Before what was added meanwhile: the oldest is said first.
                self.sessions.unsaid[chat] = kept + self.sessions.unsaid.get(chat, [])
                return
            del kept[0]

    async def sweep(self) -> None:
        """Tries each chat once more, and forgets what is half an hour old."""
        limit = self.sessions.now() - KEPT
        for chat, kept in list(self.sessions.unsaid.items()):
            self.sessions.unsaid[chat] = [item for item in kept if item.since > limit]
            await self.say_kept(chat, pauses=())

    async def _said(self, chat: int, item: UnconfirmedSentence, pauses: Sequence[float]) -> bool:
        async def send() -> None:
            sent = await self.bot.send_message(
                chat, item.text, reply_markup=item.keys, parse_mode="HTML"
            )
            self.sessions.note(chat, sent.message_id)

        try:
            await self._with_retries(send, pauses)
        except (BadRequest, Forbidden):
            return True  # blocked, or a chat that is gone: nobody is there to hear it
        except TelegramError:
            return False
        return True

    async def write_into(
        self, chat: int, message: int, text: str, keys: InlineKeyboardMarkup | None
    ) -> None:
        """Edit what holds something of a report into a message whose id is known, so that it can be
        deleted whatever is lost. Raises TelegramError."""

        async def edit() -> None:
            try:
                await self.bot.edit_message_text(
                    text, chat_id=chat, message_id=message, reply_markup=keys, parse_mode="HTML"
                )
            except BadRequest as refusal:
                # It stands there: only the answer to an earlier try was lost.
                if UNCHANGED not in refusal.message.lower():
                    raise

        await self._with_retries(edit, PAUSES)

    async def show_file(
        self, chat: int, message: int, text: str, keys: InlineKeyboardMarkup | None, file: CleanFile
    ) -> bool:
        """Put a file with a text below it in the place of a message, as `write_into` does a text.
        False where the messenger takes it in no way."""
        shown = InputFile(file.content, filename=f"1.{ENDINGS[file.media_type]}", attach=True)
        ways: list[InputMediaPhoto | InputMediaDocument]
        ways = [InputMediaDocument(shown, caption=text, parse_mode="HTML")]
        if file.media_type == JPEG:
            # A very narrow picture is no photo there, and goes as a file.
            ways.insert(0, InputMediaPhoto(shown, caption=text, parse_mode="HTML"))
        for media in ways:
            if await self._put(chat, message, media, keys):
                return True
        return False

    async def show_receipt(self, chat: int, message: int, text: str, line: str) -> bool:
        """Put a receipt as a file in the place of a message; False where it isn't taken."""
        shown = InputFile(qr(line), filename=FILE_NAME, attach=True)
        return await self._put(chat, message, InputMediaDocument(shown, caption=text))

    async def _put(
        self,
        chat: int,
        message: int,
        media: InputMediaPhoto | InputMediaDocument,
        keys: InlineKeyboardMarkup | None = None,
    ) -> bool:
        edit = partial(self.bot.edit_message_media, media, chat, message, reply_markup=keys)
        try:
            await self._with_retries(edit, PAUSES)
        except TelegramError as refusal:
            return UNCHANGED in refusal.message.lower()
        return True

    async def _with_retries(
        self, send: Callable[[], Awaitable[object]], pauses: Sequence[float]
    ) -> None:
        for pause in pauses:
            try:
                await send()
                return
            except BadRequest:
                # Before NetworkError, of which the library makes it a kind.
                raise
            except RetryAfter as refusal:
                if seconds(refusal) > LONGEST_RETRY_AFTER:
                    raise
                await self.sleep(max(pause, seconds(refusal)))
            except NetworkError:
                await self.sleep(pause)
        # The last try: its error is for the caller.
        await send()
