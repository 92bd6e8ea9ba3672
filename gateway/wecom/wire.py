"""The frames of the long connection: what is sent, and what is read from them. Pure.

Every frame is a JSON object: `cmd`, `headers.req_id`, `body`. What we send is answered by a frame
without `cmd`, with our req_id and an errcode. What a person does comes as a callback and is not
acknowledged; a press is answered under the callback's own req_id.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway import gateway_texts as texts
from gateway.network import json_of
from gateway.platform import Account, Button, Content, Entered, Event, Part, Pressed, Written
from gateway.wecom.answers import Frame
from gateway.wecom.markdown import written

SUBSCRIBE, PING = "aibot_subscribe", "ping"
SEND, UPDATE = "aibot_send_msg", "aibot_respond_update_msg"
UPLOAD_BEGIN, UPLOAD_PIECE, UPLOAD_END = (
    "aibot_upload_media_init",
    "aibot_upload_media_chunk",
    "aibot_upload_media_finish",
)
MESSAGE, EVENT = "aibot_msg_callback", "aibot_event_callback"
DATA, SAYS = "d:", "s:"
"""Before what a button tells, and before what it says."""
FILES = {"image": "photo", "file": "document", "video": "document"}
NAMES = {"image": "photo.jpg", "file": "file", "video": "video.mp4"}
TYPES = {"image": "image/jpeg", "file": "application/octet-stream", "video": "video/mp4"}


def frame(cmd: str, number: str, body: Mapping[str, Any] | None = None) -> Frame:
    told: Frame = {"cmd": cmd, "headers": {"req_id": number}}
    return {**told, "body": dict(body)} if body is not None else told


def read(text: str | bytes) -> Frame | None:
    """None where it is no frame."""
    told = json_of(text)
    return told if isinstance(told, dict) else None


def number_of(told: Frame) -> str:
    return _text(_object(told, "headers"), "req_id")


def is_disconnected(told: Frame) -> bool:
    event = _object(_object(told, "body"), "event")
    return told.get("cmd") == EVENT and event.get("eventtype") == "disconnected_event"


# Going out


def text(part: Part) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": written(part.said)}}


def media(kind: str, media_id: str) -> dict[str, Any]:
    return {"msgtype": kind, kind: {"media_id": media_id}}


def card(part: Part, task: str) -> dict[str, Any]:
    return {"msgtype": "template_card", "template_card": _card(part, task)}


def update(part: Part | None, task: str, note: str) -> dict[str, Any]:
    """The card with a note below its title; where what stood there isn't known, the note alone."""
    if part is None:
        drawn = _body(note, "", [{"text": texts.said("seen", note), "key": DATA}], task)
    else:
        drawn = _card(part, task)
        drawn["main_title"]["desc"] = note
    return {"response_type": "update_template_card", "template_card": drawn}


def _card(part: Part, task: str) -> dict[str, Any]:
    title, _, rest = part.said.plain.partition("\n")
    listed = [{"text": one.text, "key": _key(one)} for row in part.buttons for one in row]
    return _body(title, rest, listed, task)


def _body(title: str, rest: str, buttons: list[dict[str, str]], task: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "button_list": buttons,
        "task_id": task,
    }
    return {**told, "sub_title_text": rest} if rest else told


def _key(button: Button) -> str:
    return f"{DATA}{button.data}" if button.data else f"{SAYS}{button.says}"


# Coming in


@dataclass(frozen=True)
class Taken:
    """A callback, and when it came in monotonic seconds."""

    frame: Frame
    at: float


def events_of(taken: Taken) -> Iterator[Event]:
    """What somebody did in their own chat with the robot; groups are answered by nothing. Anything
    may be missing: what can't be read is passed over."""
    told = taken.frame
    body, number = _object(told, "body"), number_of(told)
    account = _account(body)
    named = _text(body, "msgid") or number
    if account is None or not named or body.get("chattype", "single") != "single":
        return
    if told.get("cmd") == MESSAGE:
        yield from _message(body, named, account)
    elif told.get("cmd") == EVENT:
        yield from _event(_object(body, "event"), named, account, number, taken.at)


def _object(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _account(body: Mapping[str, Any]) -> Account | None:
    sender = _object(body, "from")
    user, corp = _text(sender, "userid"), _text(sender, "corpid")
    # A person of another organisation may have the same name there.
    return Account(f"{corp}/{user}" if corp else user, user) if user else None


def _message(body: Mapping[str, Any], named: str, account: Account) -> Iterator[Event]:
    kind = _text(body, "msgtype")
    if kind == "text":
        yield Written(named, account, _text(_object(body, "text"), "content"))
    elif kind == "voice" and (heard := _text(_object(body, "voice"), "content")):
        # Written out by the platform.
        yield Written(named, account, heard)
    elif kind == "mixed":
        yield from _mixed(_object(body, "mixed").get("msg_item"), named, account)
    elif kind in FILES and (content := _file(kind, _object(body, kind))):
        yield Written(named, account, content=content)
    else:
        yield Written(named, account, unread=True)


def _mixed(items: object, named: str, account: Account) -> Iterator[Event]:
    """The text with the first picture, the other pictures by themselves."""
    told = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    words = [_text(_object(one, "text"), "content") for one in told if one.get("msgtype") == "text"]
    text = "\n".join(word for word in words if word)
    pictures = [
        content
        for one in told
        if one.get("msgtype") == "image" and (content := _file("image", _object(one, "image")))
    ]
    first = pictures[0] if pictures else None
    yield Written(named, account, text, first, unread=not text and first is None)
    for place, content in enumerate(pictures[1:], 2):
        yield Written(f"{named}/{place}", account, content=content)


def _file(kind: str, told: Mapping[str, Any]) -> Content | None:
    url, key = _text(told, "url"), _text(told, "aeskey")
    if not url:
        return None
    name = _text(told, "filename") or NAMES[kind]
    return Content(FILES[kind], name, TYPES[kind], 0, {"url": url, "key": key, "type": kind})


def _event(
    event: Mapping[str, Any], named: str, account: Account, number: str, at: float
) -> Iterator[Event]:
    if event.get("eventtype") == "enter_chat":
        yield Entered(named, account)
    elif event.get("eventtype") == "template_card_event":
        pressed = _object(event, "template_card_event")
        task, key = _text(pressed, "task_id"), _text(pressed, "event_key")
        data = key.removeprefix(DATA) if key.startswith(DATA) else ""
        says = key.removeprefix(SAYS) if key.startswith(SAYS) else ""
        token = {"req_id": number, "task": task, "at": at}
        if task:
            yield Pressed(named, account, task, data, says, token)
