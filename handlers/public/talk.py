"""What every handler of the public bot needs: the desk, the chat, the language, a way to answer."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import wraps
from typing import Any

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest
from telegram.ext import ContextTypes

from handlers.public.cleaning import Cleaner
from handlers.public.desk import Desk
from services.i18n import language_of, use

Context = ContextTypes.DEFAULT_TYPE
Row = Sequence[tuple[str, str]]


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
        sent = await self.bot.send_message(
            self.chat, text, reply_markup=keyboard(rows), parse_mode="HTML"
        )
        self.desk.note(self.chat, sent.message_id)
        return sent.message_id

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
    what was written, and answers a press."""

    @wraps(step)
    async def handle(update: Update, context: Context) -> Any:
        user = update.effective_user
        with use(language_of(user.language_code if user else None)):
            talk = Talk(update, context)
            if update.message is not None:
                talk.desk.note(talk.chat, update.message.message_id)
            if update.callback_query is not None:
                await _answer(update.callback_query)
            return await step(talk)

    return handle


async def _answer(query: CallbackQuery) -> None:
    try:
        await query.answer()
    except BadRequest:
        return  # a press that waited too long; what it asks for is done all the same
