"""From an answer of Matrix's stream to the events of the port."""

from collections.abc import Iterator
from typing import Any

import nio
import structlog

from gateway.matrix.answers import checked, network
from gateway.platform import Account, Content, Event, Gone, Left, Refused, Rewritten, Written

MOST_BACK = 1000
"""Messages of a room that are fetched after a long silence."""
MOST_MEMBERS = 2
"""Of a private room: the person and the account."""
LEFT = ("leave", "ban")
FILES = {"m.image": "photo", "m.file": "document", "m.video": "document", "m.audio": "document"}

log = structlog.get_logger()


async def of(client: nio.AsyncClient, answer: nio.SyncResponse, since: str) -> list[Event]:
    """What people did in private rooms, in order; groups are answered by nothing."""
    found: list[Event] = []
    for number, info in answer.rooms.join.items():
        room = client.rooms.get(number)
        if room is None or room.member_count > MOST_MEMBERS:
            continue
        timeline = list(info.timeline.events)
        if info.timeline.limited:
            timeline = [*await _before(client, number, info.timeline.prev_batch, since), *timeline]
        for one in timeline:
            found += of_event(client, room, one)
    return found


async def _before(client: nio.AsyncClient, room: str, start: str, since: str) -> list[nio.Event]:
    """What lies between two places of the stream, where an answer left it out; oldest first."""
    found: list[nio.Event] = []
    while start and len(found) < MOST_BACK:
        back = nio.MessageDirection.back
        # An error is raised, not passed over: the place in the stream must not move beyond what
        # wasn't fetched.
        try:
            async with network():
                answer = await client.room_messages(room, start, since, back, limit=100)
            told = checked(answer, nio.RoomMessagesResponse)
        except (Left, Refused):
            # The room isn't ours any more.
            break
        if not told.chunk:
            break
        found += told.chunk
        start = told.end or ""
    return found[::-1]


def of_event(client: nio.AsyncClient, room: nio.MatrixRoom, one: Any) -> Iterator[Event]:
    """What somebody did in a private room, if it is anything of ours."""
    if one.sender == client.user_id:
        return
    if isinstance(one, nio.RoomMemberEvent):
        if one.membership in LEFT and one.state_key == one.sender:
            yield Gone(one.event_id, _account(room, one.sender))
        return
    if isinstance(one, nio.MegolmEvent):
        # A device that came after the message can't read it; sent again, it can.
        log.warning("message_not_decrypted")
        yield Written(one.event_id, _account(room, one.sender), unread=True)
        return
    if isinstance(one, nio.RoomMessage):
        yield from _message(room, one)


def _account(room: nio.MatrixRoom, sender: str) -> Account:
    return Account(sender, room.room_id, room.user_name(sender) or "")


def _object(told: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of what anybody may write as they like: empty where it isn't an object."""
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _message(room: nio.MatrixRoom, one: nio.RoomMessage) -> Iterator[Event]:
    told: dict[str, Any] = one.source.get("content", {})
    account, relation = _account(room, one.sender), _object(told, "m.relates_to")
    if relation.get("rel_type") == "m.replace":
        fresh = _object(told, "m.new_content")
        if isinstance(fresh.get("body"), str):
            yield Rewritten(one.event_id, account, str(relation.get("event_id")), fresh["body"])
        return
    answers = str(_object(relation, "m.in_reply_to").get("event_id", ""))
    if told.get("msgtype") in FILES:
        if content := _file(told):
            # Beside a file name the text is what was written; without one it is the name.
            named, body = str(told.get("filename") or ""), str(told.get("body", ""))
            text = "" if not named or body == named else body
            yield Written(one.event_id, account, text, content, answers)
        return
    if told.get("msgtype") in ("m.text", "m.emote"):
        yield Written(one.event_id, account, _said(told, bool(answers)), None, answers)


def _said(told: dict[str, Any], is_reply: bool) -> str:
    """Without what older clients quote of the message that is replied to."""
    lines = str(told.get("body", "")).split("\n")
    if is_reply and lines[0].startswith("> "):
        while lines and lines[0].startswith(">"):
            lines.pop(0)
        while lines and not lines[0]:
            lines.pop(0)
    return "\n".join(lines)


def _file(told: dict[str, Any]) -> Content | None:
    info, sealed = _object(told, "info"), _object(told, "file")
    ref = sealed or {"url": told.get("url")}
    size = info.get("size")
    if not isinstance(ref.get("url"), str):
        return None
    sides = (info.get("w") or 1, info.get("h") or 1)
    whole = sides if all(isinstance(side, int) and side > 0 for side in sides) else (1, 1)
    return Content(
        FILES[told["msgtype"]],
        str(told.get("filename") or told.get("body") or "file"),
        str(info.get("mimetype") or "application/octet-stream"),
        size if isinstance(size, int) and size >= 0 else 0,
        ref,
        whole,
    )
