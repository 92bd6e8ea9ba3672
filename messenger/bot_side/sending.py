"""sendMessage, sendPhoto, sendDocument, sendChatAction, and what a bot may fetch."""

import time
from typing import Any

from botapi import methods, wire
from botapi.errors import bad
from botapi.markup import Said
from botapi.reading import caption_of, text_of
from messenger.bot_side.call import Call
from messenger.bot_side.reading import buttons_of, chat_for, media_of
from messenger.core import payloads
from messenger.core.state import Chat, Media, Message

LARGEST_DOWNLOAD = 20 * 1024 * 1024
TYPING = 5
"""Seconds for which "typing…" is shown, as Telegram does."""
ACTIONS = frozenset(
    {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"}
    | {"upload_document", "choose_sticker", "find_location", "record_video_note"}
    | {"upload_video_note"}
)


async def send_message(call: Call[methods.SendMessage]) -> Any:
    return _send(call, None, text_of(call.asked))


async def send_photo(call: Call[methods.SendPhoto]) -> Any:
    said = caption_of(call.asked)
    return _send(call, media_of(call, "photo", call.asked.photo), said)


async def send_document(call: Call[methods.SendDocument]) -> Any:
    said = caption_of(call.asked)
    return _send(call, media_of(call, "document", call.asked.document), said)


def _send(call: Call[Any], media: Media | None, said: Said) -> dict[str, Any]:
    state, bot = call.state, call.bot
    person, chat = chat_for(call)
    buttons, answered = buttons_of(call.asked, chat), _answered(call.asked, chat)
    # Last: what is refused for another reason sends nothing and doesn't count.
    bot.flood.check(person.user_id)
    message = Message(
        id=state.next_id(),
        author="bot",
        date=state.clock.now(),
        said=said,
        media=media,
        buttons=buttons,
        reply_to=answered,
        protected=call.asked.protect_content is True,
    )
    chat.messages[message.id] = message
    # A message ends "typing…" at once, as the messenger's own apps show it.
    chat.typing_until = 0
    bot.record.append({"chat_id": person.user_id, "message_id": message.id, "text": said.plain})
    state.touch(message)
    return payloads.message(bot, person, message)


def _answered(asked: Any, chat: Chat) -> int | None:
    reply = asked.reply_parameters
    if reply is None:
        return None
    found = chat.messages.get(reply.message_id)
    if found is not None and not found.deleted:
        return found.id
    if reply.allow_sending_without_reply is True:
        return None
    raise bad("message to be replied not found")


async def send_chat_action(call: Call[methods.SendChatAction]) -> Any:
    _, chat = chat_for(call)
    if call.asked.action not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat.typing_until = time.monotonic() + TYPING
    call.state.touch()
    return True


async def get_chat(call: Call[methods.GetChat]) -> Any:
    person, _ = chat_for(call)
    return wire.full_chat(person)


async def get_file(call: Call[methods.GetFile]) -> Any:
    media = call.state.file_of(call.bot, call.asked.file_id)
    if media is None:
        raise bad("invalid file_id")
    if len(media.content) > LARGEST_DOWNLOAD:
        raise bad("file is too big")
    return {
        "file_id": media.file_id,
        "file_unique_id": f"u{media.file_id}",
        "file_size": len(media.content),
        "file_path": media.file_id,
    }
