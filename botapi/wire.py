"""Builds what goes to a bot. `tests/messenger/test_shapes.py` holds it against the library's own
types, so that it can't drift from the API."""

from datetime import datetime
from typing import Any, Protocol

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


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def bot_user(bot: Bot) -> dict[str, Any]:
    return {
        "id": bot.id,
        "is_bot": True,
        "first_name": bot.first_name,
        "username": bot.username,
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def person_user(person: Person) -> dict[str, Any]:
    return {
        "id": person.user_id,
        "is_bot": False,
        "first_name": person.first_name,
        "language_code": person.language_code,
    }


def chat_of(person: Person) -> dict[str, Any]:
    return {"id": person.user_id, "type": "private", "first_name": person.first_name}


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
        **chat_of(person),
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
        return {"photo": [{**common, "width": width, "height": height}]}
    if media.kind == "sticker":
        moves = {"is_animated": False, "is_video": False}
        sticker = {"type": "regular", "width": 512, "height": 512, **moves, **common}
        return {"sticker": sticker}
    return {"document": {**common, "file_name": media.name, "mime_type": media.content_type}}


def _said(ours: Message) -> dict[str, Any]:
    if not ours.said.plain:
        return {}
    text, entities = ("caption", "caption_entities") if ours.media else ("text", "entities")
    told: dict[str, Any] = {text: ours.said.plain}
    if ours.said.entities:
        told[entities] = [one.told() for one in ours.said.entities]
    return told


def message(
    bot: Bot, person: Person, ours: Message, answered: Message | None = None
) -> dict[str, Any]:
    """A message as the bot sees it. `answered`: what it replies to, where that still stands."""
    told = {
        "message_id": ours.id,
        "date": seconds(ours.date),
        "chat": chat_of(person),
        "from": person_user(person) if ours.author == "me" else bot_user(bot),
        **_said(ours),
        **(_media(ours.media) if ours.media else {}),
    }
    if ours.forwarded:
        hidden = {"type": "hidden_user", "sender_user_name": "somebody"}
        told["forward_origin"] = {**hidden, "date": seconds(ours.date)}
    if answered is not None:
        # Without its own quotation: Telegram nests one level only.
        told["reply_to_message"] = message(bot, person, answered)
    if ours.edited:
        told["edit_date"] = seconds(ours.edited)
    if ours.protected:
        told["has_protected_content"] = True
    if ours.album:
        told["media_group_id"] = ours.album
    if ours.buttons:
        told["reply_markup"] = {"inline_keyboard": ours.buttons}
    return told


def callback(
    bot: Bot, person: Person, shown: dict[str, Any], data: str, query_id: str
) -> dict[str, Any]:
    """A press on a button under a message, `shown` as the bot sees it."""
    return {
        "id": query_id,
        "from": person_user(person),
        "chat_instance": str(person.user_id),
        "message": shown,
        "data": data,
    }


def membership(bot: Bot, person: Person, blocked: bool, at: datetime) -> dict[str, Any]:
    """Somebody blocked the bot, or let it write again."""
    user = bot_user(bot)
    member = {"status": "member", "user": user}
    banned = {"status": "kicked", "user": user, "until_date": 0}
    old, new = (member, banned) if blocked else (banned, member)
    return {
        "chat": chat_of(person),
        "from": person_user(person),
        "date": seconds(at),
        "old_chat_member": old,
        "new_chat_member": new,
    }
