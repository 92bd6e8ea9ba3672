"""Who writes, in which language, when: found out once per update, before any handler."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import Chat, Message, TelegramObject, Update, User
from aiogram_dialog.utils import REPLY_CALLBACK_SYMBOLS

from domain.calendar.office_hours import day_of
from services.casefile.update_context import UpdateContext
from services.container import Services
from services.core.acts import Acts
from services.core.errors import NotInvited, RecordAltered
from services.core.heads import SeenHeads
from services.core.i18n import language_of, speak
from services.messages.chats import chat_at, is_chat
from services.people.views import Actor

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
Now = Callable[[], datetime]
MOST = 512
"""Chats of which the last case is remembered."""


class AccessMiddleware(BaseMiddleware):
    """Lets private chats in and says who is there.

    Whoever feeds the dispatcher gives `update_context`. Handlers get it, `services`, `moment`
    (aware), `today` (a day in Shanghai), `act` (Acts), `chat_number` (among all sources), `actor`
    (Actor, or None for somebody not invited), `kept_out` (why, for them), `language`, and what is
    in `shared`. In a group nothing is ever said.
    """

    def __init__(self, services: Services, **shared: Any) -> None:
        self.services = services
        self.shared = shared
        self._cases: OrderedDict[int, str] = OrderedDict()
        """The case that a chat has read last, which its next update will probably read."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        chat: Chat | None = data.get("event_chat")
        if not isinstance(event, Update) or chat is None or chat.type != ChatType.PRIVATE:
            return None
        if not is_chat(chat.id):
            return None
        update: UpdateContext = data["update_context"]
        # Whoever blocks the bot sends an update as well, and can't be reached by it.
        number = chat_at(update.act.source, chat.id)
        update.heads.wanted = self._cases.get(number, "")
        actor, kept_out = await self._actor(
            number, update.heads, writes=event.my_chat_member is None
        )
        language = spoken(actor, data.get("event_from_user"))
        data.update(
            **self.shared,
            services=self.services,
            moment=update.act.at,
            today=day_of(update.act.at),
            act=update.act,
            chat_number=number,
            actor=actor,
            kept_out=kept_out,
            language=language,
        )
        with speak(language, self.services.procedure.current.city):
            answer = await handler(plain(event), data)
        self._remember(number, update)
        return answer

    def _remember(self, chat_id: int, update: UpdateContext) -> None:
        for case_id in update.cases:
            self._cases[chat_id] = case_id
            self._cases.move_to_end(chat_id)
        if len(self._cases) > MOST:
            self._cases.popitem(last=False)

    async def _actor(
        self, chat_id: int, heads: SeenHeads, writes: bool
    ) -> tuple[Actor | None, NotInvited | RecordAltered | None]:
        """Find who is there, or why nobody is let in. Asked anew for every update, so
        that somebody who lost a post is out in every process at once; what is kept of them counts
        only while the head of the house is as it was. Whoever writes can be reached
        again (`whoami`); a person who blocks the bot is only looked up (`known`)."""
        people = self.services.people
        try:
            return await (people.whoami(chat_id, heads) if writes else people.known(chat_id)), None
        except (NotInvited, RecordAltered) as refusal:
            return None, refusal


class Interpreter(BaseMiddleware):
    """Errors are handled outside the block in which the language was set: set it again."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        # Missing where the error came before they were handed over.
        services: Services | None = data.get("services")
        city = services.procedure.current.city if services else None
        with speak(data.get("language", "zh"), city):
            return await handler(event, data)


def spoken(actor: Actor | None, user: User | None) -> str:
    """A person's own setting, else what their messenger says."""
    if actor is not None and actor.language:
        return actor.language
    return language_of(user.language_code if user is not None else None)


def plain(update: Update) -> Update:
    """The update without what aiogram-dialog would take for a press: a text may end in invisible
    characters, and may answer an old message. Both are just a text here."""
    message = update.message
    if message is None or not (message.reply_to_message or _invisible(message)):
        return update
    text = message.text.rstrip(REPLY_CALLBACK_SYMBOLS) if message.text else message.text
    said = message.model_copy(update={"text": text, "reply_to_message": None})
    return update.model_copy(update={"message": said})


def _invisible(message: Message) -> bool:
    return (message.text or "")[-1:] in tuple(REPLY_CALLBACK_SYMBOLS)


__all__ = ["AccessMiddleware", "Acts", "Handler", "Interpreter", "Now", "plain", "spoken"]
