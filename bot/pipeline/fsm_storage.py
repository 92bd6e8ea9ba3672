"""aiogram's storage over the conversation state of one update. Nothing here asks the database."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import Dispatcher
from aiogram.fsm.middleware import FSMContextMiddleware
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.fsm.storage.memory import DisabledEventIsolation
from aiogram.types import TelegramObject

from services.casefile.update_context import UpdateContext
from services.messages.conversation import ConversationState


class UpdateStorage(BaseStorage):
    def __init__(self, conversation: ConversationState) -> None:
        self.conversation = conversation

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        self.conversation.put(_name(key), "state", name)

    async def get_state(self, key: StorageKey) -> str | None:
        found: str | None = self.conversation.get(_name(key), "state")
        return found

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self.conversation.put(_name(key), "data", dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(self.conversation.get(_name(key), "data") or {})

    async def close(self) -> None:
        """Ends with its update."""


def _name(key: StorageKey) -> str:
    return f"{key.bot_id}:{key.chat_id}:{key.user_id}:{key.destiny}"


async def bind_storage(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """aiogram's own middleware, made anew for every update: a storage that belongs to the
    dispatcher would have no way to tell for whose update it is asked. The worker holds the lock of
    the chat already, so aiogram needn't lock anything."""
    update: UpdateContext = data["update_context"]
    storage = UpdateStorage(update.conversation)
    return await FSMContextMiddleware(storage, DisabledEventIsolation())(handler, event, data)


def make_dispatcher() -> Dispatcher:
    """A dispatcher that reads and writes conversations through the context of each update."""
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.update.outer_middleware(bind_storage)
    return dispatcher
