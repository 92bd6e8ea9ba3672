"""A messenger for tests: it records what is sent, keeps every chat as people see it, and refuses
what the real one refuses."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    GetFile,
    GetMe,
    SendDocument,
    SendMessage,
    SendPhoto,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    Chat,
    Document,
    File,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    PhotoSize,
    ReplyKeyboardMarkup,
    User,
)
from PIL import Image

ME = User(id=42, is_bot=True, first_name="引路", username="yinlu_staff_bot")
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
WHEN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@dataclass
class Seen:
    """A message of the bot as it stands in a chat."""

    message_id: int
    text: str
    rows: list[list[InlineKeyboardButton]] = field(default_factory=list)
    menu: list[str] = field(default_factory=list)
    protected: bool = False
    photo: bool = False

    @property
    def buttons(self) -> list[InlineKeyboardButton]:
        return [button for row in self.rows for button in row]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "s", "a", "code", "blockquote"}, f"unknown tag {tag}"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(text: str, parse_mode: str | None) -> str:
    """The text, which the real messenger would have taken."""
    assert 0 < len(text) <= 4096
    assert text.strip()
    if parse_mode == "HTML":
        tags = _Tags()
        tags.feed(text)
        assert not tags.open, text
    return text


def rows_of(markup: Any) -> list[list[InlineKeyboardButton]]:
    if not isinstance(markup, InlineKeyboardMarkup):
        return []
    for button in (button for row in markup.inline_keyboard for button in row):
        assert button.text
        assert len((button.callback_data or "").encode()) <= 64, button.callback_data
        assert button.callback_data
    read_aloud(markup.inline_keyboard)
    return markup.inline_keyboard


def read_aloud(rows: list[list[InlineKeyboardButton]]) -> None:
    """Whoever hears the screen, or answers it by letter, has to know each button by its words."""
    labels = [button.text for row in rows if not is_grid(row) for button in row]
    assert len(set(labels)) == len(labels), f"the same words twice on one screen: {labels}"
    mute = [label for label in labels if not any(letter.isalnum() for letter in label)]
    assert not mute, f"nothing to read aloud: {mute}"


def is_grid(row: list[InlineKeyboardButton]) -> bool:
    """A row of a calendar, left out where a screen is read as text: a day can be written."""
    return len(row) >= 5 and sum(len(button.text.strip()) <= 4 for button in row) >= 4


class Telegram(BaseSession):
    """`chats`: what each person sees. `calls`: every method, in order. `files`: by file id.
    `answered`: presses; `twice`: those that were answered once more, which is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[TelegramMethod[Any]] = []
        self.chats: dict[int, dict[int, Seen]] = {}
        self.answers: list[str] = []
        self.answered: set[str] = set()
        self.twice: list[str] = []
        self.files: dict[str, bytes] = {}
        self.failures: list[Exception] = []
        self.number = 1000

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> Any:
        self.calls.append(method)
        if self.failures:
            raise self.failures.pop(0)
        return getattr(self, f"_{type(method).__name__}")(method)

    def _GetMe(self, method: GetMe) -> User:  # noqa: N802
        return ME

    def _SetMyCommands(self, method: SetMyCommands) -> bool:  # noqa: N802
        return True

    def _SendMessage(self, method: SendMessage) -> Message:  # noqa: N802
        seen = self._new(int(method.chat_id), checked(method.text, self._mode(method)))
        seen.rows = rows_of(method.reply_markup)
        seen.protected = bool(method.protect_content)
        if isinstance(method.reply_markup, ReplyKeyboardMarkup):
            seen.menu = [button.text for row in method.reply_markup.keyboard for button in row]
        return self._message(int(method.chat_id), seen, method.reply_markup)

    def _mode(self, method: SendMessage | EditMessageText) -> str | None:
        return method.parse_mode if isinstance(method.parse_mode, str) else None

    def _SendPhoto(self, method: SendPhoto) -> Message:  # noqa: N802
        if isinstance(method.photo, BufferedInputFile):
            with Image.open(BytesIO(method.photo.data)) as picture:
                short, long = sorted(picture.size)
            if long > 20 * short or long + short > 10_000:
                raise TelegramBadRequest(method, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        seen = self._new(int(method.chat_id), method.caption or "")
        seen.photo = True
        seen.rows = rows_of(method.reply_markup)
        seen.protected = bool(method.protect_content)
        return self._message(int(method.chat_id), seen)

    def _SendDocument(self, method: SendDocument) -> Message:  # noqa: N802
        seen = self._new(int(method.chat_id), method.caption or "")
        seen.rows = rows_of(method.reply_markup)
        seen.protected = bool(method.protect_content)
        return self._message(int(method.chat_id), seen)

    def _EditMessageText(self, method: EditMessageText) -> Message:  # noqa: N802
        chat = int(method.chat_id or 0)
        seen = self._find(method, chat, method.message_id)
        text = checked(str(method.text), self._mode(method))
        rows = rows_of(method.reply_markup)
        if (seen.text, seen.rows) == (text, rows):
            raise TelegramBadRequest(method, "Bad Request: message is not modified")
        seen.text, seen.rows = text, rows
        return self._message(chat, seen, method.reply_markup)

    def _EditMessageMedia(self, method: EditMessageMedia) -> Message:  # noqa: N802
        chat = int(method.chat_id or 0)
        seen = self._find(method, chat, method.message_id)
        seen.text, seen.rows = method.media.caption or "", rows_of(method.reply_markup)
        return self._message(chat, seen)

    def _EditMessageReplyMarkup(self, method: EditMessageReplyMarkup) -> Message:  # noqa: N802
        chat = int(method.chat_id or 0)
        seen = self._find(method, chat, method.message_id)
        rows = rows_of(method.reply_markup)
        if seen.rows == rows:
            raise TelegramBadRequest(method, "Bad Request: message is not modified")
        seen.rows = rows
        return self._message(chat, seen)

    def _DeleteMessage(self, method: DeleteMessage) -> bool:  # noqa: N802
        self.chats[int(method.chat_id)].pop(method.message_id, None)
        return True

    def _AnswerCallbackQuery(self, method: AnswerCallbackQuery) -> bool:  # noqa: N802
        if method.callback_query_id in self.answered:
            self.twice.append(method.text or "")
            raise TelegramBadRequest(method, TOO_OLD)
        self.answered.add(method.callback_query_id)
        self.answers.append(method.text or "")
        return True

    def _GetFile(self, method: GetFile) -> File:  # noqa: N802
        return File(file_id=method.file_id, file_unique_id="u", file_path=method.file_id)

    def _find(self, method: TelegramMethod[Any], chat: int, message_id: int | None) -> Seen:
        found = self.chats.get(chat, {}).get(message_id or 0)
        if found is None:
            raise TelegramBadRequest(method, "Bad Request: message to edit not found")
        return found

    def _new(self, chat: int, text: str) -> Seen:
        self.number += 1
        seen = Seen(self.number, text)
        self.chats.setdefault(chat, {})[self.number] = seen
        return seen

    def _message(self, chat: int, seen: Seen, markup: Any = None) -> Message:
        return Message(
            message_id=seen.message_id,
            date=WHEN,
            chat=Chat(id=chat, type="private"),
            from_user=ME,
            text=seen.text or None,
            reply_markup=markup if isinstance(markup, InlineKeyboardMarkup) else None,
        )

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        yield self.files[url.rsplit("/", 1)[1]]

    async def close(self) -> None:
        return None


def photo(file_id: str, size: int = 5000) -> list[PhotoSize]:
    return [
        PhotoSize(file_id=f"{file_id}s", file_unique_id="s", width=90, height=90, file_size=500),
        PhotoSize(file_id=file_id, file_unique_id="l", width=900, height=900, file_size=size),
    ]


def document(file_id: str, media_type: str, size: int = 5000, name: str = "材料.pdf") -> Document:
    return Document(
        file_id=file_id,
        file_unique_id="d",
        file_name=name,
        mime_type=media_type,
        file_size=size,
    )
