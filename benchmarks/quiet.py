"""Accept every request at once, so that only the bots are measured."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod
from aiogram.types import CallbackQuery, Chat, InlineKeyboardMarkup, Message, Update, User

from bot.pipeline.press_answers import AnswerOnce
from services.messages.inbox import Incoming

WHEN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
ME = User(id=42, is_bot=True, first_name="引路", username="yinlu_staff_bot")


class Quiet(BaseSession):
    """`buttons`: label → data of the newest message of every chat."""

    def __init__(self) -> None:
        super().__init__()
        self.middleware(AnswerOnce())
        self.buttons: dict[int, dict[str, str]] = {}
        self.said: dict[int, str] = {}
        self.newest: dict[int, int] = {}
        self.number = 1000

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109, the signature of aiogram's session
    ) -> Any:
        return self.answer(method)

    def answer(self, method: TelegramMethod[Any]) -> Any:
        """What the messenger answers to a request; the place where somebody may listen."""
        if not isinstance(method, SendMessage | EditMessageText):
            return True
        chat = int(method.chat_id or 0)
        markup = method.reply_markup
        if isinstance(markup, InlineKeyboardMarkup):
            rows = markup.inline_keyboard
            self.buttons[chat] = {b.text: b.callback_data or "" for row in rows for b in row}
        self.number += 1
        self.said[chat], self.newest[chat] = str(method.text), self.number
        return Message(
            message_id=self.number,
            date=WHEN,
            chat=Chat(id=chat, type="private"),
            from_user=ME,
            text=str(method.text),
            reply_markup=markup if isinstance(markup, InlineKeyboardMarkup) else None,
        )

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """No file is ever asked for."""
        raise FileNotFoundError
        yield b""


def said(update_id: int, chat: int, text: str) -> Update:
    return Update(update_id=update_id, message=_message(update_id, chat, _person(chat), text))


def _person(chat: int) -> User:
    return User(id=chat, is_bot=False, first_name="某人", language_code="zh-hans")


def _message(number: int, chat: int, by: User, text: str) -> Message:
    return Message(
        message_id=number, date=WHEN, chat=Chat(id=chat, type="private"), from_user=by, text=text
    )


def pressed(update_id: int, chat: int, message_id: int, data: str) -> Update:
    under = _message(message_id, chat, ME, ".")
    query = CallbackQuery(
        id=str(update_id), from_user=_person(chat), chat_instance="1", message=under, data=data
    )
    return Update(update_id=update_id, callback_query=query)


def kept(update: Update) -> Incoming:
    """As the messenger gives it and the intake stores it."""
    event = update.message or update.callback_query
    assert event is not None
    assert event.from_user is not None
    payload = update.model_dump_json(exclude_none=True, by_alias=True)
    return Incoming(update.update_id, event.from_user.id, payload)
