"""Builds what goes to a bot with aiogram's own types, so that it can't drift from the API."""

from io import BytesIO
from typing import Any

from aiogram import types
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel

from messenger.state import Bot, Media, Message, Person


def dump(value: Any) -> Any:
    """As JSON: aliases for names, nothing for what isn't there, times as seconds."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, list):
        return [dump(item) for item in value]
    return value


def bot_user(bot: Bot) -> types.User:
    return types.User(
        id=bot.id,
        is_bot=True,
        first_name=bot.title,
        username=bot.username,
        can_join_groups=False,
        can_read_all_group_messages=False,
        supports_inline_queries=False,
    )


def person_user(person: Person) -> types.User:
    return types.User(
        id=person.user_id,
        is_bot=False,
        first_name=person.first_name,
        language_code=person.language_code,
    )


def chat_of(person: Person) -> types.Chat:
    return types.Chat(id=person.user_id, type="private", first_name=person.first_name)


def _media(media: Media) -> dict[str, Any]:
    size = len(media.content)
    unique = f"u{media.file_id}"
    if media.kind == "photo":
        width, height = _pixels(media.content)
        photo = types.PhotoSize(
            file_id=media.file_id,
            file_unique_id=unique,
            width=width,
            height=height,
            file_size=size,
        )
        return {"photo": [photo]}
    if media.kind == "sticker":
        sticker = types.Sticker(
            file_id=media.file_id,
            file_unique_id=unique,
            type="regular",
            width=512,
            height=512,
            is_animated=False,
            is_video=False,
        )
        return {"sticker": sticker}
    document = types.Document(
        file_id=media.file_id,
        file_unique_id=unique,
        file_name=media.name,
        mime_type=media.content_type,
        file_size=size,
    )
    return {"document": document}


def _pixels(content: bytes) -> tuple[int, int]:
    try:
        with Image.open(BytesIO(content)) as image:
            return image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return 1, 1


def _markup(message: Message) -> types.InlineKeyboardMarkup | None:
    if not message.buttons:
        return None
    return types.InlineKeyboardMarkup.model_validate({"inline_keyboard": message.buttons})


def _entities(message: Message) -> list[types.MessageEntity] | None:
    if message.author != "me" or not message.text.startswith("/"):
        return None
    length = len(message.text.split()[0])
    return [types.MessageEntity(type="bot_command", offset=0, length=length)]


def message(bot: Bot, person: Person, ours: Message, forwarded: bool = False) -> dict[str, Any]:
    """A message as the bot sees it."""
    extra: dict[str, Any] = _media(ours.media) if ours.media else {}
    text = "caption" if ours.media else "text"
    if forwarded:
        extra["forward_origin"] = types.MessageOriginHiddenUser(
            date=ours.date, sender_user_name="somebody"
        )
    fields: dict[str, Any] = {text: ours.text or None, **extra}
    built = types.Message(
        message_id=ours.id,
        date=ours.date,
        chat=chat_of(person),
        from_user=person_user(person) if ours.author == "me" else bot_user(bot),
        edit_date=int(ours.date.timestamp()) if ours.edited else None,
        has_protected_content=ours.protected or None,
        reply_markup=_markup(ours),
        entities=_entities(ours),
        **fields,
    )
    dumped: dict[str, Any] = dump(built)
    dumped["date"] = int(ours.date.timestamp())
    if forwarded:
        dumped["forward_origin"]["date"] = dumped["date"]
    return dumped


def callback(bot: Bot, person: Person, ours: Message, data: str, query_id: str) -> dict[str, Any]:
    """A press on a button under a message."""
    return {
        "id": query_id,
        "from": dump(person_user(person)),
        "chat_instance": str(person.user_id),
        "message": message(bot, person, ours),
        "data": data,
    }
