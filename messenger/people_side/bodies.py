"""Reads what the page or a test sends, and says in one sentence what is wrong with it."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from messenger.core.state import STATE, Bot, Chat, Message, Person

REFUSALS: dict[int, type[web.HTTPException]] = {
    400: web.HTTPBadRequest,
    404: web.HTTPNotFound,
}


def refuse(text: str, status: int = 400) -> web.HTTPException:
    body = json.dumps({"error": text})
    return REFUSALS[status](text=body, content_type="application/json")


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises HTTPException."""
    try:
        body = await request.json()
    except ValueError:
        raise refuse("expected JSON") from None
    if not isinstance(body, dict):
        raise refuse("expected a JSON object")
    return body


def text(body: Mapping[str, Any], name: str, default: str = "") -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise refuse(f"{name}: expected a text")
    return value


def number(body: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number; a form or an address carries it as a text."""
    value = body.get(name, default)
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        value = int(value)
    # A bool is an int in Python: `true` would be read as 1.
    if not isinstance(value, int) or isinstance(value, bool):
        raise refuse(f"{name}: expected a whole number")
    return value


def seconds(body: Mapping[str, Any], name: str, default: float) -> float:
    """A number of seconds, an hour at most. Raises HTTPException."""
    try:
        value = float(body.get(name, default))
    except (TypeError, ValueError):
        raise refuse(f"{name}: expected seconds") from None
    if not 0 <= value <= 3600:
        raise refuse(f"{name}: expected 0 to 3600 seconds")
    return value


def person_of(request: web.Request) -> Person:
    person = request.app[STATE].people.get(request.match_info["person"])
    if person is None:
        raise refuse("there is no such person", 404)
    return person


def bot_named(request: web.Request, name: object) -> Bot:
    bot = request.app[STATE].bots.get(name) if isinstance(name, str) else None
    if bot is None:
        raise refuse("there is no such bot", 404)
    return bot


def message_in(chat: Chat, given: int) -> Message:
    message = chat.messages.get(given)
    if message is None or message.deleted:
        raise refuse("there is no such message", 404)
    return message
