"""What a message holds, as the store keeps it and as the bot and the platform see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botapi import wire
from botapi.markup import MessageEntity, Said
from gateway.platform import Button, Content
from gateway.screens import Screen
from gateway.store import Known, Shown

LANGUAGE = "zh-hans"
"""Of everybody, since no platform tells it; /language chooses another one in the bot."""

Body = Mapping[str, Any]


@dataclass(frozen=True)
class GatewayBot:
    id: int
    username: str
    first_name: str


@dataclass(frozen=True)
class Person:
    user_id: int
    first_name: str
    language_code: str = LANGUAGE


def person_of(known: Known) -> Person:
    # A name is needed by the Bot API; whoever has none there is called by nothing of theirs.
    return Person(known.chat, known.account.name or "·")


@dataclass(frozen=True)
class File:
    """A file as the bot is told of it."""

    kind: str
    file_id: str
    name: str
    content_type: str
    size: int
    sides: tuple[int, int]


@dataclass(frozen=True)
class View:
    """A stored message as botapi.wire reads it."""

    id: int
    author: str
    date: datetime
    said: Said
    buttons: list[list[dict[str, Any]]]
    media: File | None
    edited: datetime | None
    protected: bool
    forwarded: bool
    album: str | None = None


def body_of(
    said: Said,
    buttons: Sequence[Sequence[Mapping[str, Any]]] = (),
    keys: Sequence[Sequence[str]] = (),
    content: Content | None = None,
    file_id: str = "",
    protected: bool = False,
    forwarded: bool = False,
) -> Body:
    """JSON, the same for the same message."""
    return {
        "plain": said.plain,
        "entities": [one.told() for one in said.entities],
        "buttons": [[dict(button) for button in row] for row in buttons],
        "keys": [list(row) for row in keys],
        "content": vars(content) | {"sides": list(content.sides)} if content else None,
        "file_id": file_id,
        "protected": protected,
        "forwarded": forwarded,
    }


def said_of(body: Body) -> Said:
    entities = tuple(MessageEntity(**one) for one in body["entities"])
    return Said(body["plain"], entities=entities)


def content_of(body: Body) -> Content | None:
    kept = body["content"]
    return Content(**{**kept, "sides": tuple(kept["sides"])}) if kept else None


def screen_of(body: Body) -> Screen:
    return Screen(
        said_of(body),
        tuple(tuple(_button(button) for button in row) for row in body["buttons"]),
        tuple(map(tuple, body["keys"])),
        content_of(body),
        body["protected"],
    )


def _button(told: Mapping[str, Any]) -> Button:
    copied, page = told.get("copy_text") or {}, told.get("web_app") or {}
    return Button(
        told["text"],
        data=told.get("callback_data", ""),
        link=told.get("url", "") or page.get("url", ""),
        copies=copied.get("text", ""),
    )


def label_of(body: Body, chosen: str) -> str:
    """The label of the button with this data, or of the key with these words; "" where the message
    has no such one."""
    pressed = {one.get("callback_data"): one["text"] for row in body["buttons"] for one in row}
    said = {key: key for row in body["keys"] for key in row}
    return str(pressed.get(chosen) or said.get(chosen) or "")


def choices(menu: Mapping[str, Button]) -> Mapping[str, Sequence[str]]:
    """A menu as it is stored: letter → what is pressed, or what is said."""
    return {
        letter: ["press", button.data] if button.data else ["say", button.says]
        for letter, button in menu.items()
    }


def _view(shown: Shown) -> View:
    body, content = shown.body, content_of(shown.body)
    media = None
    if content is not None:
        about = (content.name, content.content_type, content.size, content.sides)
        media = File(content.kind, body["file_id"], *about)
    edited = body.get("edited")
    return View(
        shown.message,
        "bot" if shown.mine else "me",
        _moment(shown.at),
        said_of(body),
        body["buttons"],
        media,
        _moment(edited) if edited else None,
        body["protected"],
        body["forwarded"],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def told(bot: GatewayBot, known: Known, shown: Shown) -> dict[str, Any]:
    """A message as the bot sees it."""
    return wire.message(bot, person_of(known), _view(shown))


def rewritten(shown: Shown, said: Said, at: float) -> Shown:
    """After its author changed the text."""
    changed = {"plain": said.plain, "entities": [one.told() for one in said.entities], "edited": at}
    return replace(shown, revision=shown.revision + 1, body={**shown.body, **changed})
