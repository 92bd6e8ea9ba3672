"""From an answer of Matrix's stream to the events of the port."""

from collections.abc import Iterator
from typing import Any

import nio
import structlog

from gateway.platform import Account, Content, Event, Gone, Rewritten, Written

MOST_BACK = 1000
"""Messages of a room that are fetched after a long silence."""
LEFT = ("leave", "ban")
FILES = {"m.image": "photo", "m.file": "document", "m.video": "document", "m.audio": "document"}

log = structlog.get_logger()


async def of(client: nio.AsyncClient, answer: nio.SyncResponse, since: str) -> list[Event]:
    """What people did in private rooms, in order; groups are answered by nothing."""
    found: list[Event] = []
    for number, info in answer.rooms.join.items():
        room = client.rooms.get(number)
        timeline = list(info.timeline.events)
        if info.timeline.limited:
            timeline = [*await _before(client, number, info.timeline.prev_batch, since), *timeline]
        if room is None or room.member_count > 2:
            continue
        for one in timeline:
            found += _events(client, room, one)
    return found


async def _before(client: nio.AsyncClient, room: str, start: str, since: str) -> list[nio.Event]:
    """What lies between two places of the stream, where an answer left it out; oldest first."""
    found: list[nio.Event] = []
    while start and len(found) < MOST_BACK:
        back = nio.MessageDirection.back
        answer = await client.room_messages(room, start, since, back, limit=100)
        if not isinstance(answer, nio.RoomMessagesResponse) or not answer.chunk:
            break
        found += answer.chunk
        start = answer.end or ""
    return found[::-1]


def _events(client: nio.AsyncClient, room: nio.MatrixRoom, one: Any) -> Iterator[Event]:
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


def _message(room: nio.MatrixRoom, one: nio.RoomMessage) -> Iterator[Event]:
    told: dict[str, Any] = one.source.get("content", {})
    account, relation = _account(room, one.sender), told.get("m.relates_to") or {}
    if relation.get("rel_type") == "m.replace":
        fresh = told.get("m.new_content") or {}
        if isinstance(fresh.get("body"), str):
            yield Rewritten(one.event_id, account, str(relation.get("event_id")), fresh["body"])
        return
    answers = (relation.get("m.in_reply_to") or {}).get("event_id", "")
    if told.get("msgtype") in FILES:
        if content := _file(told):
            caption = told.get("body", "") if told.get("filename") else ""
            text = "" if caption == told.get("filename") else caption
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
    info, sealed = told.get("info") or {}, told.get("file") or {}
    ref = sealed if sealed.get("url") else {"url": told.get("url", "")}
    size = info.get("size")
    if not ref["url"]:
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
