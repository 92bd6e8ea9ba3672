"""What a method says: text, buttons and files, held to the Bot API's limits."""

from typing import Any

from botapi import markup
from botapi.errors import ApiError, bad
from botapi.markup import Said
from botapi.methods import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from botapi.pictures import look
from botapi.requests import Upload

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_DATA, LONGEST_COPY = 4096, 1024, 64, 256
MOST_BUTTONS = 100
LARGEST_PHOTO, LARGEST_UPLOAD = 10 * 1024 * 1024, 50 * 1024 * 1024
LINKS = ("http://", "https://", "tg://")


def text_of(asked: Any) -> Said:
    """The text of a message, plain and as HTML. Raises ApiError for none, or too much."""
    said = _said(asked.text or "", asked)
    if not said.plain:
        raise bad("message text is empty")
    # The limit counts what is read, not the tags.
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
        return markup.read(text, asked.parse_mode)
    except markup.MarkupError as error:
        raise bad(f"can't parse entities: {error}") from None


def keyboard_of(asked: Any) -> list[list[str]] | None:
    """The labels of a reply keyboard, none of them where it is taken away; None where the request
    leaves it alone."""
    markup = asked.reply_markup
    if isinstance(markup, ReplyKeyboardMarkup):
        return [[key.text for key in row] for row in markup.keyboard]
    return [] if isinstance(markup, ReplyKeyboardRemove) else None


def buttons_of(asked: Any) -> list[list[dict[str, Any]]]:
    """Inline buttons, as JSON."""
    markup = asked.reply_markup
    if not isinstance(markup, InlineKeyboardMarkup):
        return []
    if sum(map(len, markup.inline_keyboard)) > MOST_BUTTONS:
        raise bad("REPLY_MARKUP_TOO_LONG")
    for row in markup.inline_keyboard:
        for button in row:
            _check(button)
    return [[one.told() for one in row] for row in markup.inline_keyboard if row]


def _check(button: InlineKeyboardButton) -> None:
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


def type_of_upload(kind: str, uploaded: Upload) -> str:
    """Its content type: a photo's by its content, a document's as it was sent. Raises ApiError for
    what the Bot API doesn't take."""
    size = len(uploaded.content)
    if not size:
        raise bad("file must be non-empty")
    # With the code of HTTP, as Telegram answers: libraries know this one by it.
    if size > (LARGEST_PHOTO if kind == "photo" else LARGEST_UPLOAD):
        raise ApiError(413, "Request Entity Too Large")
    if kind != "photo":
        return uploaded.content_type
    picture = look(uploaded.content)
    if picture is None:
        raise bad("IMAGE_PROCESS_FAILED")
    if not picture.fits:
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return picture.content_type
