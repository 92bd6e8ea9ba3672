"""One update, as a handler of the public bot sees it: chat, session, language, a way to answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import wraps
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    Update,
)
from telegram.error import RetryAfter, TelegramError
from telegram.ext import ContextTypes

from handlers.public import texts
from handlers.public.chat.code_delivery import CodeDelivery
from handlers.public.chat.message_deletion import MessageDeleter
from handlers.public.chat.retry_after import seconds
from handlers.public.chat.sessions import END, Sessions
from handlers.public.chat.unconfirmed import Speaker
from services.attachments.formats import CleanFile
from services.core.i18n import language_of, use

Context = ContextTypes.DEFAULT_TYPE
Row = Sequence[tuple[str, str]]
MOST_UNITS = 4000
"""What fits one message, with room for its frame."""
MOST_WAITS = 3
"""How often a message waits because the messenger says that it comes too soon."""


class ChatUpdate:
    """One update in a private chat."""

    def __init__(self, update: Update, context: Context) -> None:
        assert update.effective_chat is not None
        self.raw = update
        self.chat = update.effective_chat.id
        self.sessions: Sessions = context.bot_data["sessions"]
        self.deleter: MessageDeleter = context.bot_data["deleter"]
        self.delivery: CodeDelivery = context.bot_data["delivery"]
        self.speaker: Speaker = context.bot_data["speaker"]
        self.bot = context.bot
        self.arguments = context.args or []

    @property
    def message(self) -> Message | None:
        return self.raw.message

    @property
    def pressed(self) -> str:
        """What the pressed button stands for; "" where none was."""
        query = self.raw.callback_query
        return (query.data or "") if query else ""

    async def say(self, text: str, rows: Sequence[Row] = ()) -> int:
        """Send a message, to be deleted when the report is filed; give its id."""
        return await self.show(text, keyboard(rows))

    async def conclude(self, text: str, rows: Sequence[Row] = ()) -> None:
        """Say what was done or taken already. A send that fails doesn't undo it, so the sentence is
        kept until it is out, and nothing is raised."""
        await self.speaker.conclude(self.chat, text, keyboard(rows))

    async def say_content(self, text: str, rows: Sequence[Row] = ()) -> None:
        """Say what holds something of a report. A placeholder goes first: sent at once, its id
        would be lost with the messenger's answer, and it would stay in the chat for good."""
        message = await self.say(texts.one_moment())
        await self.speaker.write_into(self.chat, message, text, keyboard(rows))

    async def fill(
        self, message: int, text: str, rows: Sequence[Row], preview: tuple[CleanFile, str] | None
    ) -> None:
        """Put what was done in the place of a message: a file with its own text below it, else
        `text`; where that can't be, say it below."""
        keys = keyboard(rows)
        with suppress(TelegramError):
            if preview is not None:
                file, below = preview
                if await self.speaker.show_file(self.chat, message, below, keys, file):
                    return
            await self.speaker.write_into(self.chat, message, text, keys)
            return
        await self.speaker.conclude(self.chat, text, keys)

    async def show(
        self, text: str, keys: InlineKeyboardMarkup | None, protect: bool = False
    ) -> int:
        sent = await self._with_retries(
            lambda: self.bot.send_message(
                self.chat, text, reply_markup=keys, parse_mode="HTML", protect_content=protect
            )
        )
        self.sessions.note(self.chat, sent.message_id)
        return sent.message_id

    async def _with_retries(self, send: Callable[[], Coroutine[Any, Any, Message]]) -> Message:
        """An album of ten pictures is ten answers at once: more than a chat may get in a second."""
        for _ in range(MOST_WAITS):
            try:
                return await send()
            except RetryAfter as wait:
                await asyncio.sleep(seconds(wait))
        return await send()

    async def delete_noted(self, keep: int | None = None) -> None:
        await self.deleter.delete_noted(self.sessions, self.chat, keep)


def to_status() -> list[Row]:
    return [[(texts.to_status(), "status")]]


def stop(label: str | None = None) -> list[Row]:
    """The way out below every question, which changes nothing: whoever is afraid doesn't look for a
    command. `label`: what the button says, 不举报了 where nothing is given."""
    return [[(label or texts.cancel(), "cancel")]]


async def still_writing(update: ChatUpdate) -> bool:
    """Say that a report is being written, and give True, where one is: a press on an old button
    doesn't throw it away."""
    draft = update.sessions.draft(update.chat)
    # As long as nobody is named, there is nothing to lose by beginning anew.
    if draft is None or not draft.about:
        return False
    await update.say(texts.still_writing(), stop())
    return True


async def expired(update: ChatUpdate) -> int:
    await update.delete_noted()
    await update.say(texts.expired())
    return END


Action = Callable[[ChatUpdate], Awaitable[Any]]
Handler = Callable[[Update, Context], Coroutine[Any, Any, Any]]


def keyboard(rows: Sequence[Row]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


def handler_of(action: Action) -> Handler:
    """Make an action a handler, in the language of who writes, which is read from the update and
    kept nowhere. Notes what was written, and answers a press. Outside a private chat nothing is
    heard."""

    @wraps(action)
    async def handle(update: Update, context: Context) -> Any:
        chat, user = update.effective_chat, update.effective_user
        if chat is None or chat.type != Chat.PRIVATE:
            return None
        seen = ChatUpdate(update, context)
        theirs = language_of(user.language_code if user else None)
        with use(seen.sessions.languages.get(chat.id, theirs)):
            if update.message is not None:
                # Noted before it is handled: also what fails has to leave the screen.
                seen.sessions.note(seen.chat, update.message.message_id)
            if update.callback_query is not None:
                # First: filing takes seconds, and the button shows a clock until it is answered.
                await _answer(update.callback_query)
            # Before anything else: without the code a report can't be asked after, and this may be
            # the last message.
            if seen.chat in seen.sessions.pending:
                return await _offer_code(seen)
            await seen.speaker.say_kept(seen.chat)
            return await action(seen)

    return handle


async def _offer_code(seen: ChatUpdate) -> int:
    """Deliver the code to whoever waits for one, whatever they wrote or pressed: nothing else can
    be meant before it is there."""
    if not await seen.delivery.deliver(seen.chat):
        await seen.say(texts.code_delayed())
    return END


async def _answer(query: CallbackQuery) -> None:
    try:
        await query.answer()
    except TelegramError:
        return  # it only stops the button's clock; what it asks for is done all the same
