"""The side that people use: the chat page and the end-to-end tests call nothing else."""

import asyncio
import json
import time
from datetime import datetime
from typing import Any

from aiohttp import WSMsgType, web

from messenger import wire
from messenger.bot_side import STATE
from messenger.state import Bot, Media, Message, Person, State

LONGEST_WAIT = 30.0


def refuse(text: str, status: int = 400) -> web.HTTPException:
    body = json.dumps({"error": text})
    kind = {400: web.HTTPBadRequest, 404: web.HTTPNotFound}[status]
    return kind(text=body, content_type="application/json")


def person_of(request: web.Request) -> Person:
    person = request.app[STATE].people.get(request.match_info["person"])
    if person is None:
        raise refuse("there is no such person", 404)
    return person


def bot_named(state: State, name: object) -> Bot:
    bot = state.bots.get(str(name))
    if bot is None:
        raise refuse("there is no such bot", 404)
    return bot


async def body_of(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise refuse("expected JSON") from None
    if not isinstance(body, dict):
        raise refuse("expected a JSON object")
    return body


async def people(request: web.Request) -> web.Response:
    """Everybody, with their chats and how much of each they haven't read."""
    state = request.app[STATE]
    rows = [
        {
            "id": person.id,
            "first_name": person.first_name,
            "language_code": person.language_code,
            "chats": [
                {
                    "bot": name,
                    "title": state.bots[name].title,
                    "username": state.bots[name].username,
                    "started": person.chat(name).started,
                    "blocked": person.chat(name).blocked,
                    "unread": _unread(person, name),
                }
                for name in person.bots
            ],
        }
        for person in state.people.values()
    ]
    return web.json_response(rows)


def _unread(person: Person, bot: str) -> int:
    chat = person.chat(bot)
    return sum(
        message.author == "bot" and not message.deleted and message.id > chat.read
        for message in chat.messages.values()
    )


async def change_person(request: web.Request) -> web.Response:
    """Language, name, blocked bots, what was read; an unknown person is added."""
    state, name = request.app[STATE], request.match_info["person"]
    body = await body_of(request)
    person = state.people.get(name) or state.add_person(
        name, str(body.get("first_name", name)), "zh-hans", tuple(state.bots)
    )
    person.language_code = str(body.get("language_code", person.language_code))
    person.first_name = str(body.get("first_name", person.first_name))
    if "bot" in body:
        chat = person.chat(bot_named(state, body["bot"]).name)
        chat.blocked = bool(body.get("blocked", chat.blocked))
        if body.get("read"):
            chat.read = max(chat.messages, default=0)
    await state.touch()
    return web.json_response({"id": person.id, "user_id": person.user_id})


async def write(request: web.Request) -> web.Response:
    """A message of a person: text, a file, a sticker, forwarded, or an edit of an earlier one."""
    state, person = request.app[STATE], person_of(request)
    body, media = await _written(state, request)
    bot = bot_named(state, body.get("bot"))
    chat = person.chat(bot.name)
    if bot.name not in person.bots:
        person.bots = (*person.bots, bot.name)
    text = str(body.get("text", ""))
    if not text and media is None:
        raise refuse("expected a text or a file")
    if body.get("edit"):
        message = chat.messages.get(int(body["edit"]))
        if message is None or message.author != "me":
            raise refuse("there is no such message of yours", 404)
        message.text, message.edited = text, True
        kind = "edited_message"
    else:
        message = Message(
            id=state.next_id(), author="me", date=state.clock.now(), text=text, media=media
        )
        chat.messages[message.id] = message
        chat.started, chat.blocked, kind = True, False, "message"
    await state.touch(message)
    update = wire.message(bot, person, message, forwarded=bool(body.get("forward")))
    await state.queue(bot, {kind: update})
    return web.json_response({"message_id": message.id, "seq": state.seq})


async def _written(state: State, request: web.Request) -> tuple[dict[str, Any], Media | None]:
    if request.content_type != "multipart/form-data":
        body = await body_of(request)
        if not body.get("sticker"):
            return body, None
        return body, state.keep("sticker", "sticker.webp", "image/webp", b"sticker")
    form = await request.post()
    body = {name: value for name, value in form.items() if isinstance(value, str)}
    file = form.get("file")
    if not isinstance(file, web.FileField):
        raise refuse("expected a file")
    picture = file.content_type.startswith("image/") and not body.get("as_document")
    kind = "photo" if picture else "document"
    return body, state.keep(kind, file.filename, file.content_type, file.file.read())


async def press(request: web.Request) -> web.Response:
    """A press on a button, also of an old message: in a messenger it stays pressable."""
    state, person = request.app[STATE], person_of(request)
    body = await body_of(request)
    bot = bot_named(state, body.get("bot"))
    message = person.chat(bot.name).messages.get(int(body.get("message_id", 0)))
    if message is None or message.deleted:
        raise refuse("there is no such message", 404)
    query = str(state.next_id())
    state.presses[query] = (person, bot.name, message.id)
    update = wire.callback(bot, person, message, str(body.get("data", "")), query)
    await state.queue(bot, {"callback_query": update})
    return web.json_response({"query": query, "seq": state.seq})


async def messages(request: web.Request) -> web.Response:
    """A chat as it looks now. `after` and `wait` (seconds) hold the answer back until something
    changed after that counter."""
    state, person = request.app[STATE], person_of(request)
    bot = bot_named(state, request.query.get("bot"))
    after = int(request.query.get("after", -1))
    until = time.monotonic() + min(float(request.query.get("wait", 0)), LONGEST_WAIT)
    while state.seq <= after and (left := until - time.monotonic()) > 0:
        await state.wait(left)
    chat = person.chat(bot.name)
    language = "en" if person.language_code.startswith("en") else ""
    return web.json_response(
        {
            "seq": state.seq,
            "read": chat.read,
            "typing": chat.typing_until > time.monotonic(),
            "keyboard": chat.keyboard,
            "toasts": chat.toasts[-20:],
            "commands": bot.commands.get(language) or bot.commands.get("", []),
            "messages": [shown(message) for message in chat.messages.values()],
        }
    )


def shown(message: Message) -> dict[str, Any]:
    media = message.media
    return {
        "id": message.id,
        "seq": message.seq,
        "from": message.author,
        "date": message.date.isoformat(),
        "text": message.text,
        "html": message.html,
        "buttons": message.buttons,
        "edited": message.edited,
        "deleted": message.deleted,
        "protected": message.protected,
        "media": media
        and {
            "kind": media.kind,
            "name": media.name,
            "type": media.content_type,
            "url": f"/api/files/{media.file_id}",
        },
    }


async def file(request: web.Request) -> web.Response:
    media = request.app[STATE].files.get(request.match_info["file"])
    if media is None:
        raise refuse("there is no such file", 404)
    safe = media.content_type if media.content_type.startswith("image/") else "application/pdf"
    kind = safe if media.content_type == safe else "application/octet-stream"
    return web.Response(body=media.content, content_type=kind)


async def clock(request: web.Request) -> web.Response:
    """The time here; POST moves it on by `advance` or to `to`."""
    state = request.app[STATE]
    if request.method == "POST":
        body = await body_of(request)
        try:
            if "advance" in body:
                state.clock.advance(str(body["advance"]))
            elif "to" in body:
                state.clock.move_to(datetime.fromisoformat(str(body["to"])))
            elif "next" in body:
                given = body["next"]
                state.clock.next_deadline = datetime.fromisoformat(given) if given else None
        except ValueError as error:
            raise refuse(str(error)) from None
        await state.touch()
    following = state.clock.next_deadline
    return web.json_response(
        {
            "now": state.clock.now().isoformat(),
            "next": following.isoformat() if following else None,
        }
    )


async def faults(request: web.Request) -> web.Response:
    """The next `count` calls of a method fail: delay, lost_answer, rate_limit, server_error."""
    body = await body_of(request)
    if body.get("kind") not in ("delay", "lost_answer", "rate_limit", "server_error"):
        raise refuse("expected kind: delay, lost_answer, rate_limit or server_error")
    bot = bot_named(request.app[STATE], body.get("bot"))
    fault = {"method": body.get("method", "*"), "count": int(body.get("count", 1))}
    bot.faults.append({**fault, "kind": body["kind"], "seconds": float(body.get("seconds", 1))})
    return web.json_response({"faults": len(bot.faults)})


async def record(request: web.Request) -> web.Response:
    """Everything a bot was allowed to send, in order."""
    return web.json_response(bot_named(request.app[STATE], request.query.get("bot")).record)


async def events(request: web.Request) -> web.WebSocketResponse:
    """Tells the counter and the clock at every change."""
    state = request.app[STATE]
    socket = web.WebSocketResponse(heartbeat=20)
    await socket.prepare(request)
    reader = asyncio.create_task(_read_until_closed(socket))
    while not reader.done():
        await socket.send_json({"seq": state.seq, "now": state.clock.now().isoformat()})
        seen = state.seq
        while state.seq == seen and not reader.done():
            await state.wait(1)
    return socket


async def _read_until_closed(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return
