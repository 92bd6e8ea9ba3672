"""Builds what goes to a bot with aiogram's own types, so that it can't drift from the API."""

from datetime import datetime
from typing import Any, Protocol

from aiogram import types
from pydantic import BaseModel

from botapi.markup import Said


class Bot(Protocol):
    """What is told of a bot. `first_name`: what it is called in the chat."""

    @property
    def id(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def first_name(self) -> str: ...


class Person(Protocol):
    """What a bot is told of a person. `user_id` is the id of their private chat as well."""

    @property
    def user_id(self) -> int: ...
    @property
    def first_name(self) -> str: ...
    @property
    def language_code(self) -> str: ...


class Media(Protocol):
    """A file. `kind`: photo | document | sticker. `size`: in bytes. `sides`: width and height of a
    picture; libraries refuse a size of nothing, so an unreadable one has 1 and 1."""

    @property
    def kind(self) -> str: ...
    @property
    def file_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sides(self) -> tuple[int, int]: ...


class Message(Protocol):
    """A message of a private chat. `author`: bot | me, as the person calls themselves."""

    @property
    def id(self) -> int: ...
    @property
    def author(self) -> str: ...
    @property
    def date(self) -> datetime: ...
    @property
    def said(self) -> Said: ...
    @property
    def buttons(self) -> list[list[dict[str, Any]]]: ...
    @property
    def media(self) -> Media | None: ...
    @property
    def album(self) -> str | None: ...
    @property
    def edited(self) -> datetime | None: ...
    @property
    def protected(self) -> bool: ...
    @property
    def forwarded(self) -> bool: ...


def dump(value: Any) -> Any:
    """As JSON: aliases for names, nothing for what isn't there, times as seconds."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, list):
        return [dump(item) for item in value]
    return value


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def bot_user(bot: Bot) -> types.User:
    return types.User(
        id=bot.id,
        is_bot=True,
        first_name=bot.first_name,
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


GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def full_chat(person: Person) -> dict[str, Any]:
    """As getChat answers."""
    return {
        **dump(chat_of(person)),
        # Without these and the gifts neither library reads a full chat.
        "accent_color_id": 0,
        "max_reaction_count": 0,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }


def _media(media: Media) -> dict[str, Any]:
    common: dict[str, Any] = {
        "file_id": media.file_id,
        "file_unique_id": f"u{media.file_id}",
        "file_size": media.size,
    }
    if media.kind == "photo":
        width, height = media.sides
        return {"photo": [types.PhotoSize(width=width, height=height, **common)]}
    if media.kind == "sticker":
        return {
            "sticker": types.Sticker(
                type="regular", width=512, height=512, is_animated=False, is_video=False, **common
            )
        }
    document = types.Document(file_name=media.name, mime_type=media.content_type, **common)
    return {"document": document}


def _said(ours: Message) -> dict[str, Any]:
    if not ours.said.plain:
        return {}
    entities = list(ours.said.entities) or None
    if ours.media:
        return {"caption": ours.said.plain, "caption_entities": entities}
    return {"text": ours.said.plain, "entities": entities}


def message(
    bot: Bot, person: Person, ours: Message, answered: Message | None = None
) -> dict[str, Any]:
    """A message as the bot sees it. `answered`: what it replies to, where that still stands."""
    fields = _said(ours) | (_media(ours.media) if ours.media else {})
    if ours.forwarded:
        fields["forward_origin"] = types.MessageOriginHiddenUser(
            date=ours.date, sender_user_name="somebody"
        )
    if answered is not None:
        # Without its own quotation: Telegram nests one level only.
        quoted = message(bot, person, answered)
        fields["reply_to_message"] = types.Message.model_validate(quoted)
    built = types.Message(
        message_id=ours.id,
        date=ours.date,
        chat=chat_of(person),
        from_user=person_user(person) if ours.author == "me" else bot_user(bot),
        edit_date=seconds(ours.edited) if ours.edited else None,
        has_protected_content=ours.protected or None,
        media_group_id=ours.album,
        reply_markup=_markup(ours),
        **fields,
    )
    dumped: dict[str, Any] = dump(built)
    return dumped


def _markup(ours: Message) -> types.InlineKeyboardMarkup | None:
    if not ours.buttons:
        return None
    return types.InlineKeyboardMarkup.model_validate({"inline_keyboard": ours.buttons})


def callback(
    bot: Bot, person: Person, shown: dict[str, Any], data: str, query_id: str
) -> dict[str, Any]:
    """A press on a button under a message, `shown` as the bot sees it."""
    built = types.CallbackQuery(
        id=query_id,
        from_user=person_user(person),
        chat_instance=str(person.user_id),
        message=types.Message.model_validate(shown),
        data=data,
    )
    dumped: dict[str, Any] = dump(built)
    return dumped


def membership(bot: Bot, person: Person, blocked: bool, at: datetime) -> dict[str, Any]:
    """Somebody blocked the bot, or let it write again."""
    user = bot_user(bot)
    states: list[Any] = [
        types.ChatMemberMember(user=user),
        types.ChatMemberBanned(user=user, until_date=datetime.fromtimestamp(0, at.tzinfo)),
    ]
    old, new = states if blocked else reversed(states)
    built = types.ChatMemberUpdated(
        chat=chat_of(person),
        from_user=person_user(person),
        date=at,
        old_chat_member=old,
        new_chat_member=new,
    )
    dumped: dict[str, Any] = dump(built)
    return dumped
