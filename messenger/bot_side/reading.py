"""Which chat, message and file a request is about: what needs the messenger's memory."""

from typing import Any

from botapi import reading
from botapi.errors import ApiError, bad
from botapi.reading import type_of_upload
from messenger.bot_side.call import Call
from messenger.core.state import Chat, Media, Message, Person


def chat_for(call: Call[Any]) -> tuple[Person, Chat]:
    """Raises ApiError where the chat isn't known, or the person doesn't want to hear the bot."""
    number = str(call.asked.chat_id)
    person = call.state.person_by_chat(int(number)) if number.isdecimal() else None
    if person is None:
        raise bad("chat not found")
    chat = person.chat(call.bot.name)
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    # Telegram's code is the same as for a block; only the text differs.
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


def buttons_of(asked: Any, chat: Chat) -> list[list[dict[str, Any]]]:
    """Inline buttons; a reply keyboard is taken into the chat."""
    keyboard = reading.keyboard_of(asked)
    if keyboard is not None:
        # Kept by the chat, not by the message: it stays below the text field when the message is
        # gone.
        chat.keyboard = keyboard
    return reading.buttons_of(asked)


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
    content_type = type_of_upload(kind, uploaded)
    return call.state.store_file(call.bot, kind, uploaded.name, content_type, uploaded.content)
