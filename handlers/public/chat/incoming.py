"""What a citizen's message brings: a file, text of their own, or a message passed on."""

from telegram import Message

from handlers.attachment_texts import recording_in
from services.intake.invisible_characters import visible


def brings_file(message: Message | None) -> bool:
    if message is None:
        return False
    return bool(message.photo or message.document or recording_in(message))


def text_of(message: Message | None) -> str:
    if message is None or message.forward_origin is not None:
        return ""
    return visible(message.text or "")


def forwarded(message: Message | None) -> bool:
    return message is not None and message.forward_origin is not None
