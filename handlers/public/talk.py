"""What every handler of the public bot needs: the desk, the chat, the language, a way to answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
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
from telegram.error import BadRequest, RetryAfter
from telegram.ext import ContextTypes

from handlers.public.cleaning import Cleaner
from handlers.public.desk import Desk
from services.core.i18n import language_of, use

Context = ContextTypes.DEFAULT_TYPE
Row = Sequence[tuple[str, str]]
MOST_UNITS = 4000
"""What fits one message, with room for its frame."""
PATIENCE = 3
"""How often a message is sent again when the messenger asks to wait."""


class Talk:
    """One update in a private chat."""

    def __init__(self, update: Update, context: Context) -> None:
        assert update.effective_chat is not None
        self.update = update
        self.chat = update.effective_chat.id
        self.desk: Desk = context.bot_data["desk"]
        self.cleaner: Cleaner = context.bot_data["cleaner"]
        self.bot = context.bot
        self.arguments = context.args or []

    @property
    def message(self) -> Message | None:
        return self.update.message

    @property
    def pressed(self) -> str:
        """What the pressed button stands for; "" where none was."""
        query = self.update.callback_query
        return (query.data or "") if query else ""

    async def say(self, text: str, rows: Sequence[Row] = ()) -> int:
        """A message below the others, which goes when the report is filed; gives its id."""
        return await self.show(text, keyboard(rows))

    async def show(
        self, text: str, keys: InlineKeyboardMarkup | None, protect: bool = False
    ) -> int:
        sent = await self._patiently(
            lambda: self.bot.send_message(
                self.chat, text, reply_markup=keys, parse_mode="HTML", protect_content=protect
            )
        )
        self.desk.note(self.chat, sent.message_id)
        return sent.message_id

    async def _patiently(self, send: Callable[[], Coroutine[Any, Any, Message]]) -> Message:
        """An album of ten pictures is ten answers at once: more than a chat may get in a second."""
        for _ in range(PATIENCE):
            try:
                return await send()
            except RetryAfter as wait:
                await asyncio.sleep(seconds(wait))
        return await send()

    async def clean(self, keep: int | None = None) -> None:
        await self.cleaner.clean(self.desk, self.chat, keep)


Step = Callable[[Talk], Awaitable[Any]]
Handler = Callable[[Update, Context], Coroutine[Any, Any, Any]]


def keyboard(rows: Sequence[Row]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


def spoken(step: Step) -> Handler:
    """A handler in the language of who writes, which is asked of the update and kept nowhere. Notes
    what was written, and answers a press. Outside a private chat nothing is heard."""

    @wraps(step)
    async def handle(update: Update, context: Context) -> Any:
        chat, user = update.effective_chat, update.effective_user
        if chat is None or chat.type != Chat.PRIVATE:
            return None
        with use(language_of(user.language_code if user else None)):
            talk = Talk(update, context)
            if update.message is not None:
                talk.desk.note(talk.chat, update.message.message_id)
            if update.callback_query is not None:
                await _answer(update.callback_query)
            return await step(talk)

    return handle


def seconds(wait: RetryAfter) -> float:
    given = wait.retry_after
    return given if isinstance(given, int) else given.total_seconds()


async def _answer(query: CallbackQuery) -> None:
    try:
        await query.answer()
    except BadRequest:
        return  # a press that waited too long; what it asks for is done all the same
