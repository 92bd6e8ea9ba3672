"""A message as the page gets it. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botapi.markup import MessageEntity, Said, units
from gateway.decoration import Html
from gateway.platform import Button, Content, Part
from gateway.web.records import Line

LINKS = ("https://", "http://", "mailto:")
"""How a link begins that may be opened: one to javascript: would run in the page."""
ADDRESS = re.compile(r"https?://[^\s<>\"'，。；、（）()《》“”]+")

Body = Mapping[str, Any]


class Page(Html):
    """Only tags that the Bot API knows, with no attribute but the address of a link."""

    def link(self, value: str, link: str) -> str:
        return super().link(value, link) if link.startswith(LINKS) else value


HTML = Page(attributes=' rel="noopener noreferrer"')


def body_of(part: Part) -> Body:
    """What the bot shows, as JSON."""
    entities = [one.told() for one in part.said.entities]
    return {
        "plain": part.said.plain,
        "entities": entities,
        "buttons": [[_button(button) for button in row] for row in part.buttons],
        "content": content_told(part.content),
        "protected": part.protected,
    }


def written_body(text: str, content: Content | None = None, reply_to: int | None = None) -> Body:
    """What a person wrote, as JSON."""
    return {"plain": text, "content": content_told(content), "reply_to": reply_to}


def content_told(content: Content | None) -> Body | None:
    return vars(content) | {"sides": list(content.sides)} if content else None


def content_of(kept: Body | None) -> Content | None:
    return Content(**{**kept, "sides": tuple(kept["sides"])}) if kept else None


def _button(button: Button) -> Body:
    told = {name: value for name, value in vars(button).items() if value}
    if button.link and not button.link.startswith(LINKS):
        del told["link"]
    return told


def _addresses(plain: str, entities: Sequence[MessageEntity]) -> list[MessageEntity]:
    """Addresses that stand there as they are; a messenger makes links of them."""
    found = []
    for match in ADDRESS.finditer(plain):
        begin, length = units(plain[: match.start()]), units(match.group())
        if not any(
            one.offset < begin + length and begin < one.offset + one.length for one in entities
        ):
            found.append(
                MessageEntity(type="text_link", offset=begin, length=length, url=match.group())
            )
    return found


def told_of(line: Line) -> dict[str, Any]:
    """What an open page is told of a message that came or changed."""
    return {"kind": "message", "seq": line.seq, "message": shown(line)}


def shown(line: Line) -> dict[str, Any]:
    """M of the page."""
    body = line.body
    entities = [MessageEntity(**one) for one in body.get("entities", ())]
    entities += _addresses(body["plain"], entities)
    content = content_of(body.get("content"))
    return {
        "id": line.id,
        "seq": line.seq,
        "from": "me" if line.mine else "bot",
        "date": datetime.fromtimestamp(line.at, UTC).isoformat(timespec="seconds"),
        "text": body["plain"],
        "html": HTML.written(Said(body["plain"], entities=tuple(entities))),
        "buttons": body.get("buttons", []),
        "edited": bool(body.get("edited")),
        "protected": bool(body.get("protected")),
        "reply_to": body.get("reply_to"),
        "media": content
        and {
            "kind": content.kind,
            "name": content.name,
            "type": content.content_type,
            "size": content.size,
            "url": f"/api/files/{content.ref['id']}",
        },
    }
