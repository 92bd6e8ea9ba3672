"""Going elsewhere in the middle of a conversation closes it; what was answered stays a draft."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import BaseMiddleware, Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message, TelegramObject
from aiogram_dialog import DialogManager

from handlers.staff.common.replies import Row, tell
from handlers.staff.form.session import FormSession


class CloseConversation(BaseMiddleware):
    """Close an open conversation before a handler whose screen takes its place."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        manager: DialogManager | None = data.get("dialog_manager")
        if manager is not None and manager.has_context():
            await close(manager, event, data["bot"], data["event_chat"].id)
        return await handler(event, data)


async def close(manager: DialogManager, event: TelegramObject, bot: Bot, chat_id: int) -> None:
    """Take the conversation's buttons away and say what became of its answers."""
    # First: what it says is read from the draft, which goes with the stack.
    text, rows = await _what_becomes(manager)
    last = manager.current_stack().last_message_id
    await manager.reset_stack(remove_keyboard=False)
    # Forgotten, or the next conversation would take this message for its own and edit it.
    manager.current_stack().last_message_id = None
    if last is not None and not _pressed(event, last):
        with suppress(TelegramBadRequest):
            await bot.edit_message_reply_markup(chat_id=chat_id, message_id=last)
    if text and isinstance(event, Message | CallbackQuery):
        # The way on alone: the screen that follows has the other ways.
        await tell(event, text, rows[:1])


async def _what_becomes(manager: DialogManager) -> tuple[str, list[Row]]:
    """Say what becomes of the answers, with the button that goes on with them; "" where there are
    none."""
    session = FormSession(manager)
    return await session.source.left(session)


def _pressed(event: TelegramObject, message_id: int) -> bool:
    """The pressed message is about to become something else anyway."""
    return (
        isinstance(event, CallbackQuery)
        and event.message is not None
        and event.message.message_id == message_id
    )


def closing(router: Router) -> Router:
    router.message.middleware(CloseConversation())
    router.callback_query.middleware(CloseConversation())
    return router
