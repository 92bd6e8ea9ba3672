"""Where each chat stands in its conversation, in memory only."""

from collections.abc import Mapping, Sequence
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, ContextTypes

from handlers.public.chat.sessions import END, Sessions

Found = tuple[BaseHandler[Any, Any, Any], Any]


class Conversation(BaseHandler[Any, Any, Any]):
    """`anywhere` begins or breaks off a conversation in every state, `states` holds what else is
    heard in one and, under END, outside of all; `fallbacks` what is heard in any.

    python-telegram-bot's own ConversationHandler keeps who stopped in the middle for ever. Here the
    state is part of the session, and is forgotten with it.
    """

    def __init__(
        self,
        sessions: Sessions,
        anywhere: Sequence[BaseHandler[Any, Any, Any]],
        states: Mapping[int, Sequence[BaseHandler[Any, Any, Any]]],
        fallbacks: Sequence[BaseHandler[Any, Any, Any]],
    ) -> None:
        super().__init__(self._unused)
        self.sessions = sessions
        self.anywhere, self.states, self.fallbacks = anywhere, states, fallbacks

    async def _unused(self, update: object, context: Any) -> None:
        """Each update is answered by the handler that was found for it."""

    def check_update(self, update: object) -> Found | None:
        if not isinstance(update, Update) or update.effective_chat is None:
            return None
        state = self.sessions.states.get(update.effective_chat.id, END)
        heard = [*self.anywhere, *self.states[state]]
        if state != END:
            heard += self.fallbacks
        for handler in heard:
            check = handler.check_update(update)
            if check is not None and check is not False:
                return handler, check
        return None

    async def handle_update(
        self, update: Any, application: Any, check_result: Any, context: ContextTypes.DEFAULT_TYPE
    ) -> None:
        found: Found = check_result
        handler, check = found
        state = await handler.handle_update(update, application, check, context)
        chat = update.effective_chat.id
        if state == END:
            self.sessions.states.pop(chat, None)
        # None leaves the conversation where it is.
        elif state is not None:
            self.sessions.states[chat] = state
