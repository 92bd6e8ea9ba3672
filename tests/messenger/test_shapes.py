"""What our servers of the Bot API read and write is what the library's own types say it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from aiogram import methods as theirs
from aiogram import types
from aiogram.enums import ChatAction
from aiogram.methods.base import TelegramMethod
from pydantic import BaseModel

from botapi import markup, wire
from botapi.markup import Said
from botapi.methods import ANSWERED, Kind, Parameters
from messenger.bot_side.methods import ANSWERS
from messenger.bot_side.sending import ACTIONS

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def own(annotation: Any) -> Iterator[type[Parameters]]:
    """The types of ours in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Parameters):
        yield annotation
    for one in get_args(annotation):
        yield from own(one)


def values(annotation: Any) -> Iterator[Any]:
    """One of each kind that we read: where the library refuses one, we read too much."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from values(one)
    elif origin is Literal:
        yield from get_args(annotation)
    elif origin is list:
        yield from ([value] for value in values(get_args(annotation)[0]))
    elif annotation in PLAIN:
        yield PLAIN[annotation]
    elif annotation is not type(None):
        yield from made(annotation)


PLAIN: dict[Any, Any] = {int: 7, str: "attach://x", bool: True}


def made(kind: type[Parameters]) -> Iterator[dict[str, Any]]:
    """Requests with what is needed alone, and each with one parameter more or another."""
    needed = {
        name: next(values(one.annotation))
        for name, one in kind.model_fields.items()
        if one.is_required()
    }
    yield needed
    for name, one in kind.model_fields.items():
        yield from ({**needed, name: value} for value in values(one.annotation))


def library(kind: Kind) -> type[TelegramMethod[Any]]:
    found = getattr(theirs, kind.__name__)
    assert issubclass(found, TelegramMethod)
    return found


@pytest.mark.parametrize("kind", ANSWERED, ids=lambda kind: kind.__name__)
def test_a_method_reads_parameters_that_there_are_and_needs_those_that_are_needed(
    kind: Kind,
) -> None:
    there = library(kind)
    assert there.__api_method__.lower() == kind.__name__.lower()
    needed = {name for name, one in there.model_fields.items() if one.is_required()}
    assert {name for name, one in kind.model_fields.items() if one.is_required()} == needed
    assert set(kind.model_fields) <= set(there.model_fields)
    for request in made(kind):
        told = kind.model_validate(request).told()
        assert told == request
        assert whole(there.model_validate(request)) == request


def whole(read: BaseModel) -> dict[str, Any]:
    return read.model_dump(mode="json", by_alias=True, exclude_unset=True)


def test_every_method_has_an_answer_and_every_sign_of_activity_is_known() -> None:
    assert set(ANSWERS) == set(ANSWERED)
    assert {action.value for action in ChatAction} == ACTIONS


def test_buttons_and_keyboards_have_the_names_that_the_library_gives_them() -> None:
    looked = [one for kind in ANSWERED for one in below(kind)]
    named = {kind.__name__: kind for kind in looked if hasattr(types, kind.__name__)}
    assert {"InlineKeyboardButton", "KeyboardButton", "WebAppInfo", "BotCommand"} <= set(named)
    for name, kind in named.items():
        # A group of types has no parameters of its own.
        there = set(getattr(types, name).model_fields) or set(kind.model_fields)
        assert set(kind.model_fields) <= there, name


def below(kind: type[Parameters]) -> Iterator[type[Parameters]]:
    for one in kind.model_fields.values():
        for inner in own(one.annotation):
            yield inner
            yield from below(inner)


@dataclass
class Somebody:
    id: int = 700001
    username: str = "yinlu_staff_bot"
    first_name: str = "引路"
    user_id: int = 41
    language_code: str = "zh-hans"


@dataclass
class Sent:
    kind: str
    file_id: str = "f1"
    name: str = "名单.xlsx"
    content_type: str = "application/octet-stream"
    size: int = 12
    sides: tuple[int, int] = (4, 3)


@dataclass
class Line:
    said: Said = field(default_factory=Said)
    media: Sent | None = None
    id: int = 9
    author: str = "bot"
    date: datetime = AT
    buttons: list[list[dict[str, Any]]] = field(default_factory=list)
    album: str | None = None
    edited: datetime | None = None
    protected: bool = False
    forwarded: bool = False


LINES = {
    "text": Line(markup.read('<b>甲</b> <a href="https://a.cn">乙</a>', "HTML")),
    "command": Line(markup.from_person("/start https://a.cn"), author="me", forwarded=True),
    "buttons": Line(Said("选"), buttons=[[{"text": "好", "callback_data": "x"}]], edited=AT),
    "photo": Line(Said("图"), Sent("photo"), album="a", author="me"),
    "document": Line(markup.read("<i>表</i>", "HTML"), Sent("document"), protected=True),
    "sticker": Line(media=Sent("sticker"), author="me"),
}


def read_whole(kind: type[BaseModel], told: dict[str, Any]) -> None:
    """The library finds a place of its own for all of it, and nothing lacking."""
    read = kind.model_validate(told)
    assert whole(read) == told
    assert not set(told) - {one.alias or name for name, one in kind.model_fields.items()}


@pytest.mark.parametrize("name", LINES)
def test_a_message_is_one_of_the_library(name: str) -> None:
    us = Somebody()
    told = wire.message(us, us, LINES[name])
    read_whole(types.Message, told)
    read_whole(types.Message, wire.message(us, us, LINES["text"], LINES[name]))
    read_whole(types.CallbackQuery, wire.callback(us, us, told, "x", "q"))


def test_people_chats_and_who_has_left_are_those_of_the_library() -> None:
    us = Somebody()
    read_whole(types.User, wire.bot_user(us))
    read_whole(types.User, wire.person_user(us))
    read_whole(types.ChatFullInfo, wire.full_chat(us))
    for blocked in (True, False):
        read_whole(types.ChatMemberUpdated, wire.membership(us, us, blocked, AT))
