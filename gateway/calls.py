"""The methods of the Bot API as the gateway answers them."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from botapi import methods as api
from botapi import reading, updates, webhook, wire
from botapi.errors import ApiError, bad, too_many
from botapi.markup import Said
from botapi.methods import Kind
from botapi.queue import Webhook
from botapi.requests import Asked, Request, Upload
from gateway import gateway_texts as texts
from gateway.bodies import Body, GatewayBot, body_of, person_of, said_of, told
from gateway.outwards import Heard, Outwards
from gateway.platform import COMMANDS, Content, Left, Refused, TooLate, TooOften, Unreachable
from gateway.store import GatewayQueue, Known, Shown, Store

LARGEST_DOWNLOAD = 20 * 1024 * 1024
LONGEST_TOAST, MOST_DELETED = 200, 100
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_LATE = "message can't be deleted for everyone"
WEBHOOK = "webhook"


@dataclass(frozen=True)
class Backend:
    """All that answering needs."""

    store: Store
    queue: GatewayQueue
    outwards: Outwards
    bot: GatewayBot


@dataclass(frozen=True)
class Call(Request[Asked]):
    """`heard`: whether the bot still waits for the answer."""

    backend: Backend
    heard: Heard


async def answered(call: Call[Any], kind: Kind) -> Any:
    """Raises ApiError, with the words that bots know."""
    answer = ANSWERS.get(kind)
    if answer is None:
        raise bad("this method isn't supported by the gateway")
    try:
        return await answer(call)
    except TooOften as wait:
        raise too_many(wait.seconds) from None
    except Left:
        await _blocked(call)
        raise ApiError(403, "Forbidden: bot was blocked by the user") from None
    except Refused as problem:
        raise bad(f"the platform doesn't take it: {problem}") from None
    except TooLate:
        raise bad(TOO_LATE) from None
    except Unreachable:
        raise ApiError(502, "Bad Gateway: the platform can't be reached") from None


async def _blocked(call: Call[Any]) -> None:
    known = await _known(call)
    await call.backend.store.change_account(known.chat, blocked=True)


async def _known(call: Call[Any]) -> Known:
    number = str(call.asked.chat_id)
    known = await call.backend.store.account_of_chat(int(number)) if number.isdecimal() else None
    if known is None:
        raise bad("chat not found")
    return known


async def chat_for(call: Call[Any]) -> Known:
    known = await _known(call)
    if known.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return known


async def message_for(call: Call[Any], known: Known, number: int | None, what: str) -> Shown:
    if not number:
        raise bad("message identifier is not specified")
    found = await call.backend.store.shown(known.chat, number)
    if found is None or found.gone:
        raise bad(f"message to {what} not found")
    return found


# Sending


async def send_message(call: Call[api.SendMessage]) -> Any:
    body = _body(call, reading.text_of(call.asked))
    done = await _send(call, body)
    if _carries_invitation(body):
        # The bot asks whether it is for them: that token was right, and only wrong ones count.
        await call.backend.store.give_back_try((await _known(call)).chat)
    return done


def _carries_invitation(body: Body) -> bool:
    """Whether a button brings back a token, which the bot does with one that is open alone."""
    pressed = [button.get("callback_data", "") for row in body["buttons"] for button in row]
    return any(texts.INVITATION.fullmatch(part) for data in pressed for part in data.split(":"))


async def send_photo(call: Call[api.SendPhoto]) -> Any:
    return await _send_file(call, "photo", call.asked.photo)


async def send_document(call: Call[api.SendDocument]) -> Any:
    return await _send_file(call, "document", call.asked.document)


def _body(call: Call[Any], said: Said) -> Body:
    return body_of(
        said,
        buttons=reading.buttons_of(call.asked),
        keys=reading.keyboard_of(call.asked) or (),
        protected=call.asked.protect_content is True,
    )


async def _send_file(call: Call[Any], kind: str, value: object) -> Any:
    known = await chat_for(call)
    body = _body(call, reading.caption_of(call.asked))
    uploaded = call.upload(value)
    asked = {"kind": kind, "caption": body, "file": _mark(uploaded)}
    # Looked at before it is brought to the platform: what must not be there never gets there.
    if call.backend.outwards.protected(body):
        return await _send(call, body, asked)
    file_id, content = await _content(call, known, kind, uploaded)
    kept = {**body, "content": vars(content) | {"sides": list(content.sides)}, "file_id": file_id}
    return await _send(call, kept, asked)


def _mark(uploaded: Upload | str) -> str:
    if isinstance(uploaded, str):
        return uploaded
    return blake2b(uploaded.content, digest_size=16).hexdigest()


async def _content(
    call: Call[Any], known: Known, kind: str, uploaded: Upload | str
) -> tuple[str, Content]:
    store, platform = call.backend.store, call.backend.outwards.platform
    if isinstance(uploaded, str):
        found = await store.file(uploaded)
        if found is None:
            raise bad("wrong file identifier/HTTP URL specified")
        return uploaded, found
    content_type = reading.type_of_upload(kind, uploaded)
    if len(uploaded.content) > platform.abilities.file_bytes:
        raise ApiError(413, "Request Entity Too Large")
    content = await platform.store(
        known.account, kind, uploaded.name, content_type, uploaded.content
    )
    return await store.keep_file(known.chat, content), content


async def _send(call: Call[Any], body: Body, asked: Mapping[str, Any] | None = None) -> Any:
    known = await chat_for(call)
    asked = asked or {"text": body}
    outwards = call.backend.outwards
    shown = await outwards.send(known, outwards.allowed(body), asked, call.heard)
    return told(call.backend.bot, known, shown)


async def send_chat_action(call: Call[api.SendChatAction]) -> bool:
    await chat_for(call)
    return True


# Changing


async def edit_text(call: Call[api.EditMessageText]) -> Any:
    return await _edit(call, reading.text_of(call.asked))


async def edit_caption(call: Call[api.EditMessageCaption]) -> Any:
    return await _edit(call, reading.caption_of(call.asked))


async def edit_markup(call: Call[api.EditMessageReplyMarkup]) -> Any:
    return await _edit(call, None)


async def _edit(call: Call[Any], said: Said | None) -> Any:
    known = await chat_for(call)
    shown = await message_for(call, known, call.asked.message_id, "edit")
    if not shown.mine:
        raise bad("message can't be edited")
    was = shown.body
    said = said_of(was) if said is None else said
    fresh = body_of(said, buttons=reading.buttons_of(call.asked))
    kept = {name: was[name] for name in ("content", "file_id", "protected")}
    body = call.backend.outwards.allowed({**fresh, **kept})
    if all(body[name] == was[name] for name in ("plain", "entities", "buttons")):
        raise bad(NOT_MODIFIED)
    changed = await call.backend.outwards.change(known, shown, body, call.heard)
    return told(call.backend.bot, known, changed)


async def delete_message(call: Call[api.DeleteMessage]) -> bool:
    known = await chat_for(call)
    shown = await message_for(call, known, call.asked.message_id, "delete")
    await call.backend.outwards.remove(known, shown)
    return True


async def delete_messages(call: Call[api.DeleteMessages]) -> bool:
    known = await chat_for(call)
    if not call.asked.message_ids or len(call.asked.message_ids) > MOST_DELETED:
        raise bad("message identifiers are not specified, or too many of them")
    for number in call.asked.message_ids:
        shown = await call.backend.store.shown(known.chat, number)
        if shown is not None and not shown.gone:
            await call.backend.outwards.remove(known, shown)
    return True


async def answer_press(call: Call[api.AnswerCallbackQuery]) -> bool:
    text = call.asked.text or ""
    if len(text) > LONGEST_TOAST:
        raise bad("MESSAGE_TOO_LONG")
    store, query = call.backend.store, call.asked.callback_query_id
    found = await store.press(query)
    if found is None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    chat, token = found
    if (known := await store.account_of_chat(chat)) is not None:
        try:
            await call.backend.outwards.answer(known, query, token, text)
        except Left:
            await store.change_account(chat, blocked=True)
    # Only now: what couldn't be said yet is said when the bot asks again.
    await store.forget_press(query)
    return True


# Updates and files


async def get_updates(call: Call[api.GetUpdates]) -> Any:
    return await updates.get_updates(call.backend.queue, call.asked)


async def set_webhook(call: Call[api.SetWebhook]) -> bool:
    done = webhook.set_webhook(call.backend.queue, call.asked)
    hook = call.backend.queue.webhook
    # Kept: a bot sets it once, and must be found again by a gateway that was started anew.
    kept = f"{hook.connections} {hook.secret or '-'} {hook.url}" if hook else ""
    await call.backend.store.remember(WEBHOOK, kept)
    return done


def webhook_kept(kept: str) -> Webhook | None:
    if not kept:
        return None
    connections, secret, url = kept.split(" ", 2)
    return Webhook(url, "" if secret == "-" else secret, int(connections))


async def delete_webhook(call: Call[api.DeleteWebhook]) -> bool:
    webhook.delete_webhook(call.backend.queue, call.asked.drop_pending_updates is True)
    await call.backend.store.remember(WEBHOOK, "")
    return True


async def get_webhook_info(call: Call[api.GetWebhookInfo]) -> Any:
    return webhook.get_webhook_info(call.backend.queue)


async def get_file(call: Call[api.GetFile]) -> Any:
    content = await call.backend.store.file(call.asked.file_id)
    if content is None:
        raise bad("invalid file_id")
    if content.size > LARGEST_DOWNLOAD:
        raise bad("file is too big")
    number = call.asked.file_id
    return {
        "file_id": number,
        "file_unique_id": f"u{number}",
        "file_size": content.size,
        "file_path": number,
    }


# About the bot and the chat


async def get_me(call: Call[api.GetMe]) -> Any:
    return wire.bot_user(call.backend.bot)


async def get_chat(call: Call[api.GetChat]) -> Any:
    known = await chat_for(call)
    return wire.full_chat(person_of(known))


async def set_commands(call: Call[api.SetMyCommands]) -> bool:
    """Kept, since a platform may have a place for them. Of private chats: there are no others."""
    told = [one.told() for one in call.asked.commands]
    kept = json.dumps(told, ensure_ascii=False)
    await call.backend.store.remember(f"{COMMANDS}{call.asked.language_code or ''}", kept)
    return True


async def delete_commands(call: Call[api.DeleteMyCommands]) -> bool:
    await call.backend.store.remember(f"{COMMANDS}{call.asked.language_code or ''}", "[]")
    return True


async def get_commands(call: Call[api.GetMyCommands]) -> Any:
    kept = await call.backend.store.recall(f"{COMMANDS}{call.asked.language_code or ''}")
    return json.loads(kept or "[]")


async def accept(call: Call[Any]) -> bool:
    """Names and descriptions have no place on these platforms; nothing is to be closed."""
    return True


async def own_name(call: Call[Any]) -> Any:
    return {"name": call.backend.bot.first_name}


ANSWERS: Mapping[Kind, Callable[[Call[Any]], Awaitable[Any]]] = {
    api.GetMe: get_me,
    api.GetUpdates: get_updates,
    api.SetWebhook: set_webhook,
    api.DeleteWebhook: delete_webhook,
    api.GetWebhookInfo: get_webhook_info,
    api.SendMessage: send_message,
    api.SendPhoto: send_photo,
    api.SendDocument: send_document,
    api.SendChatAction: send_chat_action,
    api.GetChat: get_chat,
    api.GetFile: get_file,
    api.EditMessageText: edit_text,
    api.EditMessageCaption: edit_caption,
    api.EditMessageReplyMarkup: edit_markup,
    api.DeleteMessage: delete_message,
    api.DeleteMessages: delete_messages,
    api.AnswerCallbackQuery: answer_press,
    api.SetMyCommands: set_commands,
    api.GetMyCommands: get_commands,
    api.DeleteMyCommands: delete_commands,
    api.SetMyName: accept,
    api.GetMyName: own_name,
    api.SetMyDescription: accept,
    api.SetMyShortDescription: accept,
    api.SetChatMenuButton: accept,
    api.LogOut: accept,
    api.Close: accept,
}
