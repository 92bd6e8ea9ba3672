"""A word where something takes longer than one waits in silence, and nobody knows how far it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message

from handlers.staff.common.progress import PATIENCE


@asynccontextmanager
async def patience(
    event: Message | CallbackQuery, text: str, done: str, after: float = PATIENCE
) -> AsyncIterator[None]:
    """Say `text` once the block has taken so long, and `done` in the same message at its end."""
    over = asyncio.Event()
    telling = asyncio.create_task(_later(event, text, over, after))
    try:
        yield
    finally:
        # Not cancelled: what is being sent right now would stand there for good.
        over.set()
        said = await telling
    if said is not None and event.bot is not None:
        with suppress(TelegramBadRequest):
            await event.bot.edit_message_text(
                done, chat_id=said.chat.id, message_id=said.message_id
            )


async def _later(
    event: Message | CallbackQuery, text: str, over: asyncio.Event, after: float
) -> Message | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(after):
            await over.wait()
        return None
    if event.bot is None or event.from_user is None:
        return None
    return await event.bot.send_message(event.from_user.id, text)
