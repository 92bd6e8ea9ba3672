"""People who talk to the bot, so that a test reads as a story."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.types import (
    CallbackQuery,
    Chat,
    ChatMemberBanned,
    ChatMemberMember,
    ChatMemberUpdated,
    Message,
    MessageOriginHiddenUser,
    Sticker,
    Update,
    User,
)
from PIL import Image

from handlers.staff.form.screens.question_list import SIGNS
from services.casefile.update_context import UpdateContext
from services.core.acts import Acts
from tests.conversation.telegram import ME, Seen, Telegram, document, photo

UPDATES = count(1)
QUERIES = count(1)
WHEN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def sign_of(label: str) -> str:
    """The sign of the question that a button answers, among several on one screen."""
    return label[0] if label[:1] in SIGNS and len(label) > 2 else ""


def unsigned(label: str) -> str:
    sign = sign_of(label)
    return label.removeprefix(sign).strip() if sign else label


def open_signs(seen: Seen) -> set[str]:
    answered = {sign_of(one.text) for one in seen.buttons if one.text[1:3] == " ✓"}
    return {sign_of(one.text) for one in seen.buttons} - answered - {""}


def picture(mark: bytes) -> bytes:
    written = BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 30)).save(written, "JPEG", comment=mark)
    return written.getvalue()


MEMBER, BANNED = ChatMemberMember(user=ME), ChatMemberBanned(user=ME, until_date=0)


@dataclass
class Line:
    """The bot at the other end; `dispatcher` may be replaced, as by a restart. `now`: the time of
    the house."""

    bot: Bot
    telegram: Telegram
    dispatcher: Dispatcher
    now: Callable[[], datetime] = lambda: WHEN

    async def feed(self, update: Update, context: UpdateContext) -> None:
        await self.dispatcher.feed_update(self.bot, update, update_context=context)


@dataclass
class Somebody:
    """One person in their private chat with the bot."""

    line: Line
    chat_id: int
    language: str = "zh-hans"
    chat_type: str = "private"
    last: Update | None = None

    async def opens(self, token: str) -> str:
        """An invitation that is for them."""
        await self.says(f"/start {token}")
        return await self.presses("是，我是")

    async def says(self, text: str, **more: Any) -> str:
        return await self._send(text=text, **more)

    async def shows_photo(
        self, mark: bytes, file_id: str = "photo1", size: int = 5000, **more: Any
    ) -> str:
        """A photo that bears `mark`."""
        self.line.telegram.files[file_id] = picture(mark)
        return await self._send(photo=photo(file_id, size), **more)

    async def shows_document(
        self,
        content: bytes,
        media_type: str = "application/pdf",
        size: int = 5000,
        name: str = "材料.pdf",
    ) -> str:
        """A file, whatever it is sent as."""
        self.line.telegram.files["document1"] = content
        return await self._send(document=document("document1", media_type, size, name))

    async def shows_sticker(self) -> str:
        sticker = Sticker(
            file_id="s", file_unique_id="s", type="regular", width=512, height=512,
            is_animated=False, is_video=False,
        )  # fmt: skip
        return await self._send(sticker=sticker)

    async def sends(self, **content: Any) -> str:
        return await self._send(**content)

    async def forwards(self, text: str) -> str:
        origin = MessageOriginHiddenUser(date=WHEN, sender_user_name="某人")
        return await self._send(text=text, forward_origin=origin)

    async def edits(self, text: str) -> str:
        message = self._message(text=text, edit_date=1795310000)
        return await self._feed(Update(update_id=next(UPDATES), edited_message=message))

    async def presses(self, label: str) -> str:
        """The newest button with this label (or one that holds it)."""
        return await self.presses_again(*self.button(label))

    async def ticks(self, *names: str) -> str:
        """Each of these on a list, but who is ticked already: a single one is."""
        said = self.screen.text
        for name in names:
            if not [one for one in self.choices if one.startswith("✓") and name in one]:
                said = await self.presses(name)
        return said

    async def changes(self, name: str) -> str:
        """One answer of the summary, by the name of its question."""
        if "改其中一项" in self.choices:
            await self.presses("改其中一项")
        return await self.presses(f"改“{name}”")

    async def presses_again(self, message_id: int, data: str) -> str:
        """A button as it was, even if it's no longer shown."""
        seen = self.chat.get(message_id)
        message = Message(
            message_id=message_id,
            date=WHEN,
            chat=self._chat(),
            from_user=ME,
            text=seen.text if seen else "…",
        )
        query = CallbackQuery(
            id=str(next(QUERIES)),
            from_user=self._user(),
            chat_instance="1",
            message=message,
            data=data,
        )
        return await self._feed(Update(update_id=next(UPDATES), callback_query=query))

    async def blocks(self) -> str:
        return await self._becomes(MEMBER, BANNED)

    async def unblocks(self) -> str:
        return await self._becomes(BANNED, MEMBER)

    async def _becomes(self, old: Any, new: Any) -> str:
        change = ChatMemberUpdated(
            chat=self._chat(),
            from_user=self._user(),
            date=WHEN,
            old_chat_member=old,
            new_chat_member=new,
        )
        return await self._feed(Update(update_id=next(UPDATES), my_chat_member=change))

    async def is_handled_again(self) -> str:
        """The last update once more, as after a crash before its end."""
        assert self.last is not None
        return await self._feed(self.last)

    def button(self, label: str) -> tuple[int, str]:
        """The newest button with this label: exact, then without the sign of its question, of those
        that are open first, then one that holds it."""
        for seen in reversed(self.chat.values()):
            named = [button for button in seen.buttons if button.text == label]
            bare = [one for one in seen.buttons if unsigned(one.text) == label]
            left = [one for one in bare if sign_of(one.text) in open_signs(seen)]
            if found := [*named, *left, *bare]:
                return seen.message_id, found[0].callback_data or ""
        for seen in reversed(self.chat.values()):
            for button in seen.buttons:
                if label in button.text:
                    return seen.message_id, button.callback_data or ""
        raise AssertionError(f"no button {label!r} among {self.labels}")

    @property
    def chat(self) -> dict[int, Seen]:
        return self.line.telegram.chats.setdefault(self.chat_id, {})

    @property
    def labels(self) -> list[str]:
        return [button.text for seen in self.chat.values() for button in seen.buttons]

    @property
    def screen(self) -> Seen:
        """The newest message."""
        return list(self.chat.values())[-1]

    @property
    def choices(self) -> list[str]:
        """The labels below the newest message, without the signs of their questions."""
        return [unsigned(button.text) for button in self.screen.buttons]

    @property
    def open_choices(self) -> list[str]:
        """Of a screen of several questions, the labels of those that nothing answers yet."""
        seen = self.screen
        left = open_signs(seen)
        return [unsigned(one.text) for one in seen.buttons if sign_of(one.text) in left]

    async def _send(self, **content: Any) -> str:
        message = self._message(**content)
        return await self._feed(Update(update_id=next(UPDATES), message=message))

    async def _feed(self, update: Update) -> str:
        """What was said in return: every text that is new or changed, in order."""
        self.last = update
        before = {key: seen.text for key, seen in self.chat.items()}
        acts = Acts(self.line.bot.id, update.update_id, self.line.now())
        await self.line.feed(update, UpdateContext(acts))
        news = [seen.text for key, seen in self.chat.items() if before.get(key) != seen.text]
        return "\n".join(news)

    def _message(self, **content: Any) -> Message:
        self.line.telegram.number += 1
        return Message(
            message_id=self.line.telegram.number,
            date=WHEN,
            chat=self._chat(),
            from_user=self._user(),
            **content,
        )

    def _chat(self) -> Chat:
        return Chat(id=self.chat_id, type=self.chat_type)

    def _user(self) -> User:
        return User(id=abs(self.chat_id), is_bot=False, first_name="x", language_code=self.language)
