"""aiogram's FSM storage over the conversation state of one update. Nothing here asks the database.

The inbox reads the state together with the update, and the commit that ends the update writes what
changed. Worked example: a handler sets state "asking" and data {"field": 3}, then the process is
killed before that commit. Nothing was written: the next process handles the same update with the
old state, and arrives at the same place. Written at once, the state would be a step ahead of the
update, and the answer would be taken for the next question's.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import Dispatcher
from aiogram.fsm.middleware import FSMContextMiddleware
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.fsm.storage.memory import DisabledEventIsolation
from aiogram.types import TelegramObject

from services.casefile.update_context import UpdateContext
from services.messages.conversation_changes import ConversationChange


class UpdateStorage(BaseStorage):
    def __init__(self, conversation: ConversationChange) -> None:
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
        """Nothing to close: it ends with its update."""


def _name(key: StorageKey) -> str:
    return f"{key.bot_id}:{key.chat_id}:{key.user_id}:{key.destiny}"


async def bind_storage(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """Give the handler a storage of its own update."""
    # A storage that belongs to the dispatcher, as aiogram means it, can't tell for which of the
    # updates in hand it is asked. DisabledEventIsolation: the worker holds the lock of the chat.
    update: UpdateContext = data["update_context"]
    storage = UpdateStorage(update.conversation)
    return await FSMContextMiddleware(storage, DisabledEventIsolation())(handler, event, data)


def make_dispatcher() -> Dispatcher:
    """A dispatcher that reads and writes conversations through the context of each update."""
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.update.outer_middleware(bind_storage)
    return dispatcher
