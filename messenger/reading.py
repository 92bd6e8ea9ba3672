"""What several methods ask first: which chat, message, text, buttons, file."""

from typing import Any

from aiogram import types

from messenger import markup
from messenger.errors import ApiError, bad
from messenger.markup import Said
from messenger.pictures import look
from messenger.requests import Call, given
from messenger.state import Chat, Media, Message, Person
from messenger.wire import dump

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_DATA, LONGEST_COPY = 4096, 1024, 64, 256
MOST_BUTTONS = 100
LARGEST_PHOTO, LARGEST_UPLOAD = 10 * 1024 * 1024, 50 * 1024 * 1024
LINKS = ("http://", "https://", "tg://")


def chat_for(call: Call[Any]) -> tuple[Person, Chat]:
    """Raises ApiError where the chat isn't known, or the person doesn't want to hear the bot."""
    number = str(call.asked.chat_id)
    person = call.state.person_by_chat(int(number)) if number.isdecimal() else None
    if person is None:
        raise bad("chat not found")
    chat = person.chat(call.bot.name)
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if not chat.started:
        raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
    return person, chat


def message_for(chat: Chat, number: int | None, what: str) -> Message:
    if not number:
        raise bad("message identifier is not specified")
    found = chat.messages.get(number)
    if found is None or found.deleted:
        raise bad(f"message to {what} not found")
    return found


def text_of(call: Call[Any]) -> Said:
    said = _said(call.asked.text, call.asked)
    if not said.plain:
        raise bad("message text is empty")
    if len(said.plain) > LONGEST_TEXT:
        raise bad("message is too long")
    return said


def caption_of(asked: Any) -> Said:
    said = _said(asked.caption or "", asked)
    if len(said.plain) > LONGEST_CAPTION:
        raise bad("message caption is too long")
    return said


def _said(text: str, asked: Any) -> Said:
    try:
        return markup.read(text, given(asked.parse_mode))
    except markup.MarkupError as error:
        raise bad(f"can't parse entities: {error}") from None


def buttons_of(asked: Any, chat: Chat) -> list[list[dict[str, Any]]]:
    """Inline buttons; a reply keyboard is taken into the chat."""
    markup = asked.reply_markup
    if isinstance(markup, types.ReplyKeyboardMarkup):
        chat.keyboard = [[key.text for key in row] for row in markup.keyboard]
    elif isinstance(markup, types.ReplyKeyboardRemove):
        chat.keyboard = []
    if not isinstance(markup, types.InlineKeyboardMarkup):
        return []
    if sum(map(len, markup.inline_keyboard)) > MOST_BUTTONS:
        raise bad("REPLY_MARKUP_TOO_LONG")
    for row in markup.inline_keyboard:
        for button in row:
            _check(button)
    return [dump(row) for row in markup.inline_keyboard if row]


def _check(button: types.InlineKeyboardButton) -> None:
    if not button.text.strip():
        raise bad('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if len((button.callback_data or "").encode()) > LONGEST_DATA:
        raise bad("BUTTON_DATA_INVALID")
    if button.copy_text and not 1 <= len(button.copy_text.text) <= LONGEST_COPY:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    if button.url and not button.url.startswith(LINKS):
        raise bad(f"inline keyboard button URL '{button.url}' is invalid: Unsupported URL protocol")
    if not (button.callback_data or button.url or button.copy_text or button.web_app):
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )


def media_of(call: Call[Any], kind: str, value: object) -> Media:
    """An uploaded file, kept; or one that the bot knows by its id."""
    uploaded = call.upload(value)
    if isinstance(uploaded, str):
        known = call.state.file_of(call.bot, uploaded)
        if known is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if known.kind != kind:
            raise bad(f"can't use file of type {known.kind.title()} as {kind.title()}")
        return known
    content_type, size = uploaded.content_type, len(uploaded.content)
    if not size:
        raise bad("file must be non-empty")
    if size > (LARGEST_PHOTO if kind == "photo" else LARGEST_UPLOAD):
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo":
        picture = look(uploaded.content)
        if picture is None:
            raise bad("IMAGE_PROCESS_FAILED")
        if not picture.fits:
            raise bad("PHOTO_INVALID_DIMENSIONS")
        content_type = picture.content_type
    return call.state.keep(call.bot, kind, uploaded.name, content_type, uploaded.content)
