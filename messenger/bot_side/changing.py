"""editMessage…, deleteMessage(s), answerCallbackQuery."""

from datetime import timedelta
from typing import Any

from botapi import methods
from botapi.errors import bad
from botapi.markup import Said
from botapi.reading import caption_of, text_of
from messenger.bot_side.call import Call
from messenger.bot_side.reading import buttons_of, chat_for, media_of, message_for
from messenger.core import payloads
from messenger.core.state import Chat, Media, Message, Person, State

DELETABLE = timedelta(hours=48)
MOST_DELETED, LONGEST_TOAST = 100, 200


async def edit_text(call: Call[methods.EditMessageText]) -> Any:
    person, chat, message = _own(call)
    if message.media:
        raise bad("there is no text in the message to edit")
    return _change(call, person, message, text_of(call.asked), None, buttons_of(call.asked, chat))


async def edit_caption(call: Call[methods.EditMessageCaption]) -> Any:
    person, chat, message = _own(call)
    if not message.media:
        raise bad("there is no caption in the message to edit")
    said, buttons = caption_of(call.asked), buttons_of(call.asked, chat)
    return _change(call, person, message, said, message.media, buttons)


async def edit_markup(call: Call[methods.EditMessageReplyMarkup]) -> Any:
    person, chat, message = _own(call)
    buttons = buttons_of(call.asked, chat)
    return _change(call, person, message, message.said, message.media, buttons)


async def edit_media(call: Call[methods.EditMessageMedia]) -> Any:
    person, chat, message = _own(call)
    media = media_of(call, call.asked.media.type, call.asked.media.media)
    said, buttons = caption_of(call.asked.media), buttons_of(call.asked, chat)
    return _change(call, person, message, said, media, buttons)


def _own(call: Call[Any]) -> tuple[Person, Chat, Message]:
    if call.asked.chat_id is None:
        raise bad("chat_id is empty")
    person, chat = chat_for(call)
    message = message_for(chat, call.asked.message_id, "edit")
    if message.author != "bot":
        raise bad("message can't be edited")
    return person, chat, message


def _change(
    call: Call[Any],
    person: Person,
    message: Message,
    said: Said,
    media: Media | None,
    buttons: list[list[dict[str, Any]]],
) -> dict[str, Any]:
    if (said, media, buttons) == (message.said, message.media, message.buttons):
        raise bad(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    # After the check for no change: Telegram counts only an edit that it carries out.
    call.bot.flood.check(person.user_id)
    # New buttons alone don't mark a message as edited, neither at Telegram nor here.
    if (said, media) != (message.said, message.media):
        message.edited = call.state.clock.now()
    message.said, message.media, message.buttons = said, media, buttons
    call.state.touch(message)
    return payloads.message(call.bot, person, message)


async def delete_message(call: Call[methods.DeleteMessage]) -> Any:
    _, chat = chat_for(call)
    message = message_for(chat, call.asked.message_id, "delete")
    _check_deletable(call.state, message)
    _delete(call.state, message)
    return True


async def delete_messages(call: Call[methods.DeleteMessages]) -> Any:
    """All or none of them; those that aren't there are passed over."""
    _, chat = chat_for(call)
    if not call.asked.message_ids:
        raise bad("message identifiers are not specified")
    if len(call.asked.message_ids) > MOST_DELETED:
        raise bad("too many message identifiers specified")
    found = [chat.messages.get(number) for number in call.asked.message_ids]
    there = [message for message in found if message is not None and not message.deleted]
    for message in there:
        _check_deletable(call.state, message)
    for message in there:
        _delete(call.state, message)
    return True


def _check_deletable(state: State, message: Message) -> None:
    if state.clock.now() - message.date > DELETABLE:
        raise bad("message can't be deleted for everyone")


def _delete(state: State, message: Message) -> None:
    message.deleted = True
    # The id stays, so that ids never come twice; what was said goes, as nobody may read it again.
    message.said, message.buttons, message.media = Said(), [], None
    state.touch(message)


async def answer_press(call: Call[methods.AnswerCallbackQuery]) -> Any:
    text = call.asked.text or ""
    if len(text) > LONGEST_TOAST:
        raise bad("MESSAGE_TOO_LONG")
    press = call.state.presses.get(call.asked.callback_query_id)
    if press is None or press.bot != call.bot.name:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    # A press can be answered once: the second answer has to fail here as it fails at Telegram.
    del call.state.presses[call.asked.callback_query_id]
    if text:
        shown = {"text": text, "alert": call.asked.show_alert is True}
        # The number that `touch` is about to give, so that whoever waits from here on sees it.
        press.person.chat(press.bot).toasts.append({**shown, "seq": call.state.seq + 1})
    call.state.touch()
    return True
