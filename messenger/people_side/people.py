"""Who is here: their chats, language, and what they haven't read."""

import re
from typing import Any

from aiohttp import web

from botapi import wire
from messenger.core.state import STATE, Bot, Chat, Person, State
from messenger.people_side.bodies import body_of, bot_named, refuse, text

NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
LONGEST_NAME = 64


async def people(request: web.Request) -> web.Response:
    """Everybody, with their chats and how much of each they haven't read."""
    state = request.app[STATE]
    return web.json_response([_shown(state, person) for person in state.people.values()])


def _shown(state: State, person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "user_id": person.user_id,
        "first_name": person.first_name,
        "language_code": person.language_code,
        "chats": [_chat(state.bots[name], person.chat(name)) for name in person.bots],
    }


def _chat(bot: Bot, chat: Chat) -> dict[str, Any]:
    there = [message for message in chat.messages.values() if not message.deleted]
    last = there[-1] if there else None
    return {
        "bot": bot.name,
        "title": bot.first_name,
        "username": bot.username,
        "started": chat.started,
        "blocked": chat.blocked,
        "unread": sum(message.author == "bot" and message.id > chat.read for message in there),
        "last": last
        and {
            "text": last.said.plain[:120],
            "media": last.media.kind if last.media else None,
            "date": last.date.isoformat(),
        },
    }


async def change_person(request: web.Request) -> web.Response:
    """Language, name, blocked bots, what was read; an unknown person is added."""
    state, name = request.app[STATE], request.match_info["person"]
    body = await body_of(request)
    known = state.people.get(name)
    language = text(body, "language_code", known.language_code if known else "zh-hans")
    shown = text(body, "first_name", known.first_name if known else name)
    if not NAME.fullmatch(name):
        raise refuse("expected an id of up to 32 letters, digits, - and _")
    if not LANGUAGE.fullmatch(language):
        raise refuse("language_code: expected a language, for example en or zh-hans")
    if not 1 <= len(shown) <= LONGEST_NAME:
        raise refuse("first_name: expected 1 to 64 characters")
    bot = bot_named(request, body["bot"]) if "bot" in body else None
    person = known or state.add_person(name, shown, language, tuple(state.bots))
    person.language_code, person.first_name = language, shown
    if bot is not None:
        _at_a_bot(state, person, bot, body)
    state.touch()
    return web.json_response({"id": person.id, "user_id": person.user_id})


def _at_a_bot(state: State, person: Person, bot: Bot, body: dict[str, Any]) -> None:
    chat = person.chat(bot.name)
    if "blocked" in body:
        block(state, person, bot, body["blocked"] is True)
    if body.get("read") is True:
        # By id, not by count: a deleted message leaves no gap that would look unread.
        chat.read = max(chat.messages, default=0)


def block(state: State, person: Person, bot: Bot, blocked: bool) -> None:
    """A bot is told when somebody blocks it, and when they let it write again."""
    chat = person.chat(bot.name)
    if chat.blocked != blocked:
        chat.blocked = blocked
        update = wire.membership(bot, person, blocked, state.clock.now())
        state.queue(bot, person, "my_chat_member", update)
