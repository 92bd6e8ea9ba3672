"""What people do in a chat: write, send files, edit, press, look."""

import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from botapi import markup
from botapi.reading import LONGEST_CAPTION, LONGEST_DATA, LONGEST_TEXT
from messenger.core import payloads
from messenger.core.state import STATE, Bot, Media, Message, Person, Press, State
from messenger.people_side.bodies import (
    body_of,
    bot_named,
    message_in,
    number,
    person_of,
    refuse,
    seconds,
    text,
)
from messenger.people_side.people import block

LONGEST_WAIT = 30.0
MOST_FILES = 10
PHOTOS = ("image/jpeg", "image/png", "image/webp")
SHOWN = (*PHOTOS, "image/gif", "application/pdf")
"""Types that a browser may show by itself; anything else is only downloaded."""


async def write(request: web.Request) -> web.Response:
    """A text, files, a sticker, something forwarded, or an edit of an earlier message."""
    state, person = request.app[STATE], person_of(request)
    body, media = await _written(request)
    bot = bot_named(request, body.get("bot"))
    said = text(body, "text")
    if not said.strip() and not media:
        raise refuse("expected a text or a file")
    if len(said) > (LONGEST_CAPTION if media else LONGEST_TEXT):
        raise refuse("text: at most 4096 characters, 1024 beside a file")
    if body.get("edit"):
        return _answer(state, _edit(state, person, bot, number(body, "edit"), said))
    if bot.name not in person.bots:
        # Whoever writes to a bot has it in the list from then on, as somebody who opened its link
        # does.
        person.bots = (*person.bots, bot.name)
    # Writing to a blocked bot unblocks it, and the bot is told so before it gets the message.
    block(state, person, bot, False)
    files = [state.store_file(bot, *one) for one in media]
    sent = _send(state, person, bot, said, files, body)
    return _answer(state, sent)


def _answer(state: State, messages: list[Message]) -> web.Response:
    numbers = [message.id for message in messages]
    return web.json_response({"message_id": numbers[0], "message_ids": numbers, "seq": state.seq})


def _send(
    state: State,
    person: Person,
    bot: Bot,
    said: str,
    files: list[Media],
    body: Mapping[str, Any],
) -> list[Message]:
    """One message a file; several make an album, with the text under the first."""
    chat, sent = person.chat(bot.name), []
    reply = number(body, "reply_to", 0)
    if reply:
        message_in(chat, reply)
    album = str(state.next_id()) if len(files) > 1 else None
    for place, media in enumerate(files or [None]):
        message = Message(
            id=state.next_id(),
            author="me",
            date=state.clock.now(),
            # Telegram puts the words of an album under its first file only.
            said=markup.from_person("" if place else said),
            media=media,
            album=album,
            forwarded=bool(body.get("forward")),
            reply_to=reply or None,
        )
        chat.messages[message.id], chat.started = message, True
        state.touch(message)
        state.queue(bot, person, "message", payloads.message(bot, person, message))
        sent.append(message)
    return sent


def _edit(state: State, person: Person, bot: Bot, given: int, said: str) -> list[Message]:
    message = message_in(person.chat(bot.name), given)
    if message.author != "me":
        raise refuse("only messages of one's own can be edited")
    message.said, message.edited = markup.from_person(said), state.clock.now()
    state.touch(message)
    state.queue(bot, person, "edited_message", payloads.message(bot, person, message))
    return [message]


File = tuple[str, str, str, bytes]
"""Kind, name, type and content."""


async def _written(request: web.Request) -> tuple[dict[str, Any], list[File]]:
    if request.content_type != "multipart/form-data":
        body = await body_of(request)
        sticker = ("sticker", "sticker.webp", "image/webp", b"sticker")
        return body, [sticker] if body.get("sticker") else []
    try:
        form = await request.post()
    except ValueError:
        raise refuse("expected a form with a file") from None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    files = [file for file in form.getall("file", []) if isinstance(file, web.FileField)]
    if not 1 <= len(files) <= MOST_FILES:
        raise refuse(f"expected 1 to {MOST_FILES} files")
    return fields, [_file(file, bool(fields.get("as_document"))) for file in files]


def _file(file: web.FileField, as_document: bool) -> File:
    kind = "photo" if file.content_type in PHOTOS and not as_document else "document"
    return kind, file.filename, file.content_type, file.file.read()


async def press(request: web.Request) -> web.Response:
    """Press a button, also one of an old message, or with data that no button holds: a bot has to
    bear both."""
    state, person = request.app[STATE], person_of(request)
    body = await body_of(request)
    bot = bot_named(request, body.get("bot"))
    message = message_in(person.chat(bot.name), number(body, "message_id"))
    data = text(body, "data")
    if not 1 <= len(data.encode()) <= LONGEST_DATA:
        raise refuse("data: expected 1 to 64 bytes")
    query = str(state.next_id())
    state.presses[query] = Press(person, bot.name, message.id)
    update = payloads.callback(bot, person, message, data, query)
    state.queue(bot, person, "callback_query", update)
    return web.json_response({"query": query, "seq": state.seq})


async def messages(request: web.Request) -> web.Response:
    """A chat as it looks now. `after` and `wait` (seconds) hold the answer back until something
    changed after that counter."""
    state, person, query = request.app[STATE], person_of(request), request.query
    bot = bot_named(request, query.get("bot"))
    after = number(query, "after", -1)
    until = time.monotonic() + min(seconds(query, "wait", 0), LONGEST_WAIT)
    # The real time, not the messenger's clock: a person may move that on while a test waits.
    while state.seq <= after and (left := until - time.monotonic()) > 0:
        await state.wait(left)
    chat = person.chat(bot.name)
    return web.json_response(
        {
            "seq": state.seq,
            "read": chat.read,
            "blocked": chat.blocked,
            "typing": chat.typing_until > time.monotonic(),
            "keyboard": chat.keyboard,
            "toasts": list(chat.toasts),
            "commands": bot.commands_for(person),
            "about": bot.about("description", person.language_code[:2]),
            "messages": [shown(message) for message in chat.messages.values()],
        }
    )


def shown(message: Message) -> dict[str, Any]:
    """A message as the page gets it."""
    media = message.media
    return {
        "id": message.id,
        "seq": message.seq,
        "from": message.author,
        "date": message.date.isoformat(),
        "text": message.said.plain,
        "html": message.said.html,
        "buttons": message.buttons,
        "edited": message.edited is not None,
        "deleted": message.deleted,
        "protected": message.protected,
        "forwarded": message.forwarded,
        "reply_to": message.reply_to,
        "album": message.album,
        "media": media
        and {
            "kind": media.kind,
            "name": media.name,
            "type": media.content_type,
            "size": len(media.content),
            "url": f"/api/files/{media.file_id}",
        },
    }


async def file(request: web.Request) -> web.Response:
    media = request.app[STATE].files.get(request.match_info["file"])
    if media is None:
        raise refuse("there is no such file", 404)
    known = media.content_type in SHOWN
    return web.Response(
        body=media.content,
        # An uploaded page shown by its own type would run its scripts with the rights of this
        # address.
        content_type=media.content_type if known else "application/octet-stream",
    )
