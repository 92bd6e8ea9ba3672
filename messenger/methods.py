"""The methods of the Bot API that the two bots use, with Telegram's limits and error texts."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from messenger import markup, wire
from messenger.requests import ApiError, Call, Upload, bad
from messenger.state import Bot, Chat, Media, Message, Person, State

Method = Callable[[State, Bot, Call], Awaitable[Any]]

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_DATA = 4096, 1024, 64
DELETABLE = timedelta(hours=48)


def chat_for(state: State, bot: Bot, call: Call) -> tuple[Person, Chat]:
    person = state.person_by_chat(call.number("chat_id"))
    if person is None:
        raise bad("chat not found")
    chat = person.chat(bot.name)
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if not chat.started:
        raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
    return person, chat


def message_for(chat: Chat, call: Call, what: str) -> Message:
    found = chat.messages.get(call.number("message_id"))
    if found is None or found.deleted:
        raise bad(f"message to {what} not found")
    return found


def read_text(call: Call, name: str, longest: int) -> tuple[str, str]:
    try:
        plain, html = markup.read(call.text(name), call.params.get("parse_mode"))
    except markup.UnknownTagError as error:
        raise bad(f"can't parse entities: {error}") from None
    if len(plain) > longest:
        raise bad(
            "message is too long" if longest == LONGEST_TEXT else "message caption is too long"
        )
    return plain, html


def read_buttons(call: Call, chat: Chat) -> list[list[dict[str, Any]]]:
    """Inline buttons; a reply keyboard is taken into the chat."""
    given = call.params.get("reply_markup") or {}
    if "keyboard" in given:
        chat.keyboard = [
            [key["text"] if isinstance(key, dict) else str(key) for key in row]
            for row in given["keyboard"]
        ]
    if given.get("remove_keyboard"):
        chat.keyboard = []
    rows: list[list[dict[str, Any]]] = given.get("inline_keyboard") or []
    for row in rows:
        for button in row:
            if len(str(button.get("callback_data", "")).encode()) > LONGEST_DATA:
                raise bad("BUTTON_DATA_INVALID")
            if not button.get("text"):
                raise bad("inline keyboard button text must be non-empty")
    return rows


async def send(
    state: State, bot: Bot, call: Call, media: Media | None, text: tuple[str, str]
) -> dict[str, Any]:
    person, chat = chat_for(state, bot, call)
    message = Message(
        id=state.next_id(),
        author="bot",
        date=state.clock.now(),
        text=text[0],
        html=text[1],
        media=media,
        buttons=read_buttons(call, chat),
        protected=call.flag("protect_content"),
    )
    chat.messages[message.id] = message
    chat.typing_until = 0
    bot.record.append({"chat_id": person.user_id, "message_id": message.id, "text": message.text})
    await state.touch(message)
    return wire.message(bot, person, message)


async def send_message(state: State, bot: Bot, call: Call) -> Any:
    text = read_text(call, "text", LONGEST_TEXT)
    if not text[0].strip():
        raise bad("message text is empty")
    return await send(state, bot, call, None, text)


def media_for(state: State, call: Call, kind: str) -> Media:
    given = call.upload(kind)
    if isinstance(given, Upload):
        return state.keep(kind, given.name, given.content_type, given.content)
    known = state.files.get(given)
    if known is None:
        raise bad("wrong file identifier/HTTP URL specified")
    return known


async def send_photo(state: State, bot: Bot, call: Call) -> Any:
    text = read_text(call, "caption", LONGEST_CAPTION)
    return await send(state, bot, call, media_for(state, call, "photo"), text)


async def send_document(state: State, bot: Bot, call: Call) -> Any:
    text = read_text(call, "caption", LONGEST_CAPTION)
    return await send(state, bot, call, media_for(state, call, "document"), text)


async def edit_text(state: State, bot: Bot, call: Call) -> Any:
    return await _edit(state, bot, call, read_text(call, "text", LONGEST_TEXT))


async def edit_caption(state: State, bot: Bot, call: Call) -> Any:
    return await _edit(state, bot, call, read_text(call, "caption", LONGEST_CAPTION))


async def edit_markup(state: State, bot: Bot, call: Call) -> Any:
    return await _edit(state, bot, call, None)


async def _edit(state: State, bot: Bot, call: Call, text: tuple[str, str] | None) -> Any:
    person, chat = chat_for(state, bot, call)
    message = message_for(chat, call, "edit")
    if message.author != "bot":
        raise bad("message can't be edited")
    buttons = read_buttons(call, chat)
    plain, html = text or (message.text, message.html)
    if (plain, html, buttons) == (message.text, message.html, message.buttons):
        raise bad(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    message.edited = message.edited or html != message.html
    message.text, message.html, message.buttons = plain, html, buttons
    await state.touch(message)
    return wire.message(bot, person, message)


async def edit_media(state: State, bot: Bot, call: Call) -> Any:
    person, chat = chat_for(state, bot, call)
    message = message_for(chat, call, "edit")
    given = call.params.get("media") or {}
    inner = Call(call.method, {**call.params, **given}, call.files)
    kind = given.get("type", "document")
    named = Call(call.method, {**inner.params, kind: given.get("media")}, call.files)
    message.media = media_for(state, named, kind)
    message.text, message.html = read_text(inner, "caption", LONGEST_CAPTION)
    message.buttons, message.edited = read_buttons(call, chat), True
    await state.touch(message)
    return wire.message(bot, person, message)


async def delete_message(state: State, bot: Bot, call: Call) -> Any:
    _, chat = chat_for(state, bot, call)
    await _delete(state, message_for(chat, call, "delete"))
    return True


async def delete_messages(state: State, bot: Bot, call: Call) -> Any:
    _, chat = chat_for(state, bot, call)
    ids = call.params.get("message_ids") or []
    if not 1 <= len(ids) <= 100:
        raise bad("message identifiers are not specified")
    for number in ids:
        found = chat.messages.get(int(number))
        if found is not None and not found.deleted:
            await _delete(state, found)
    return True


async def _delete(state: State, message: Message) -> None:
    if state.clock.now() - message.date > DELETABLE:
        raise bad("message can't be deleted for everyone")
    message.deleted = True
    message.text = message.html = ""
    message.buttons, message.media = [], None
    await state.touch(message)


async def answer_press(state: State, bot: Bot, call: Call) -> Any:
    press = state.presses.pop(call.text("callback_query_id"), None)
    if press is None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    person, bot_name, _ = press
    if call.text("text"):
        toast = {"text": call.text("text")[:200], "alert": call.flag("show_alert")}
        person.chat(bot_name).toasts.append({**toast, "seq": state.seq + 1})
    await state.touch()
    return True


async def chat_action(state: State, bot: Bot, call: Call) -> Any:
    _, chat = chat_for(state, bot, call)
    chat.typing_until = time.monotonic() + 5
    await state.touch()
    return True


async def get_me(state: State, bot: Bot, call: Call) -> Any:
    return wire.dump(wire.bot_user(bot))


async def get_chat(state: State, bot: Bot, call: Call) -> Any:
    person, _ = chat_for(state, bot, call)
    return {
        "id": person.user_id,
        "type": "private",
        "first_name": person.first_name,
        "accent_color_id": 0,
        "max_reaction_count": 0,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        ),
    }


async def get_file(state: State, bot: Bot, call: Call) -> Any:
    media = state.files.get(call.text("file_id"))
    if media is None:
        raise bad("invalid file_id")
    return {
        "file_id": media.file_id,
        "file_unique_id": f"u{media.file_id}",
        "file_size": len(media.content),
        "file_path": media.file_id,
    }


async def set_commands(state: State, bot: Bot, call: Call) -> Any:
    bot.commands[call.text("language_code")] = call.params.get("commands") or []
    await state.touch()
    return True


async def get_commands(state: State, bot: Bot, call: Call) -> Any:
    return bot.commands.get(call.text("language_code"), [])


async def accept(state: State, bot: Bot, call: Call) -> Any:
    """Settings that the page doesn't show."""
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendchataction": chat_action,
    "editmessagetext": edit_text,
    "editmessagecaption": edit_caption,
    "editmessagereplymarkup": edit_markup,
    "editmessagemedia": edit_media,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "answercallbackquery": answer_press,
    "getchat": get_chat,
    "getfile": get_file,
    "setmycommands": set_commands,
    "getmycommands": get_commands,
    "deletemycommands": accept,
    "setmyname": accept,
    "setmydescription": accept,
    "setmyshortdescription": accept,
    "setchatmenubutton": accept,
    "logout": accept,
    "close": accept,
}
