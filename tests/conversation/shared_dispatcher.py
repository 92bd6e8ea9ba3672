"""One dispatcher for all stories of a process: making its thirty routers anew took longer than most
stories. What a bot remembers between updates is not in them."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from aiogram import BaseMiddleware, Dispatcher
from aiogram.types import TelegramObject
from aiogram_dialog.test_tools.memory_storage import JsonMemoryStorage

from handlers.staff import access, include
from handlers.staff.common.middleware import AccessMiddleware
from services.container import Services


class Current(BaseMiddleware):
    """Lets updates into the house that is told of now."""

    access: AccessMiddleware

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        return await self.access(handler, event, data)


@cache
def _made() -> tuple[Dispatcher, JsonMemoryStorage, Current]:
    storage, current = JsonMemoryStorage(), Current()
    dispatcher = Dispatcher(storage=storage)
    dispatcher.update.outer_middleware(current)
    include(dispatcher)
    return dispatcher, storage, current


def begin(services: Services, conversations: JsonMemoryStorage) -> Dispatcher:
    """As in a process that has just begun: nothing is left but what was stored."""
    dispatcher, storage, current = _made()
    storage.storage = conversations.storage
    current.access = access(services)
    return dispatcher
