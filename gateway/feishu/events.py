"""What comes over the long connection, as what somebody did. Pure.

Anything may be missing: what can't be read is passed over. Groups are answered by nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.feishu.cards import DATA, DAY, SAYS
from gateway.network import json_of
from gateway.platform import Account, Content, Entered, Event, Pressed, Written

MESSAGE, PRESS = "im.message.receive_v1", "card.action.trigger"
ENTERED = "im.chat.access_event.bot_p2p_chat_entered_v1"
MENU = "application.bot.menu_v6"
FILES = {"file": "file", "audio": "file", "media": "file", "image": "image"}
"""Kinds of messages with a file, and what its address calls it."""
NAMES = {"file": "file", "audio": "voice.ogg", "media": "video.mp4", "image": "photo.jpg"}
TYPES = {
    "file": "application/octet-stream",
    "audio": "audio/ogg",
    "media": "video/mp4",
    "image": "image/jpeg",
}
CHOSEN = re.compile(r"(\d{4}-\d{2}-\d{2})(?: [+-]\d{4})?")

Told = Mapping[str, Any]


def read(payload: bytes) -> Iterator[Event]:
    """One message may be several events: its text, and each further picture."""
    told = json_of(payload)
    header, event = _object(told, "header"), _object(told, "event")
    number, kind = _text(header, "event_id"), _text(header, "event_type")
    if kind == MESSAGE:
        yield from _message(event)
    elif number and kind == PRESS:
        yield from _press(event, number)
    elif number and kind == ENTERED and (account := _account(_object(event, "operator_id"))):
        yield Entered(number, account)
    elif number and kind == MENU:
        who = _object(_object(event, "operator"), "operator_id")
        if (account := _account(who)) and (words := _text(event, "event_key")):
            yield Written(number, account, words)


def _object(told: object, name: str) -> dict[str, Any]:
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, dict) else {}


def _text(told: Told, name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _account(who: Told) -> Account | None:
    # Of this app alone: it is somebody else's number in another one.
    number = _text(who, "open_id")
    return Account(number, number) if number else None


def _message(event: Told) -> Iterator[Event]:
    sender, message = _object(event, "sender"), _object(event, "message")
    account, number = _account(_object(sender, "sender_id")), _text(message, "message_id")
    from_person = sender.get("sender_type") == "user" and message.get("chat_type") == "p2p"
    if account is None or not number or not from_person:
        return
    content = _content(message)
    answers, kind = _text(message, "parent_id"), _text(message, "message_type")
    if kind == "text":
        text = _named(_text(content, "text"), message.get("mentions"))
        yield Written(number, account, text, answers=answers)
    elif kind == "post":
        yield from _post(content, number, account, answers)
    elif kind in FILES and (file := _file(kind, content, number)):
        yield Written(number, account, content=file, answers=answers)
    else:
        yield Written(number, account, answers=answers, unread=True)


def _content(message: Told) -> dict[str, Any]:
    content = json_of(_text(message, "content"))
    return content if isinstance(content, dict) else {}


def _named(text: str, mentions: object) -> str:
    """Who was named with @ stands as @_user_1 in the text."""
    for one in mentions if isinstance(mentions, list) else ():
        if isinstance(one, dict) and (key := _text(one, "key")):
            text = text.replace(key, f"@{_text(one, 'name')}")
    return text


def _file(kind: str, content: Told, number: str) -> Content | None:
    key = _text(content, f"{FILES[kind]}_key")
    if not key:
        return None
    ref = {"message": number, "key": key, "type": FILES[kind]}
    name = _text(content, "file_name") or NAMES[kind]
    return Content("photo" if kind == "image" else "document", name, TYPES[kind], 0, ref)


def _post(content: Told, number: str, account: Account, answers: str) -> Iterator[Event]:
    """Text with form and pictures: the text with the first picture, the others by themselves."""
    lines, pictures = [_text(content, "title")], []
    for line in content.get("content") or () if isinstance(content.get("content"), list) else ():
        items = [one for one in line if isinstance(one, dict)] if isinstance(line, list) else []
        lines.append("".join(map(_words, items)))
        pictures += [one for one in items if one.get("tag") == "img"]
    text = "\n".join(lines).strip()
    found = [file for one in pictures if (file := _file("image", one, number))]
    first = found[0] if found else None
    unread = not text and first is None
    yield Written(number, account, text, first, answers=answers, unread=unread)
    for place, file in enumerate(found[1:], 2):
        yield Written(f"{number}/{place}", account, content=file)


def _words(item: Told) -> str:
    named = _text(item, "user_name")
    return f"@{named}" if item.get("tag") == "at" else _text(item, "text")


def _press(event: Told, number: str) -> Iterator[Event]:
    account, action = _account(_object(event, "operator")), _object(event, "action")
    target, value = _text(_object(event, "context"), "open_message_id"), _object(action, "value")
    if account is None or not target:
        return
    token = {"press": number}
    day = CHOSEN.fullmatch(_text(action, "option")) if DAY in value else None
    if day:
        yield Pressed(number, account, target, token=token, day=day[1])
    else:
        data, says = _text(value, DATA), _text(value, SAYS)
        yield Pressed(number, account, target, data, says, token)
