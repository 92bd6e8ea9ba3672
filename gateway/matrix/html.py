"""A part as the content of a Matrix message."""

from typing import Any

from botapi.markup import Said
from gateway.decoration import HTML, Html
from gateway.platform import Part

WRITER = Html({**HTML, "spoiler": "span data-mx-spoiler"})


def content(part: Part) -> dict[str, Any]:
    return _text(part.said) if part.content is None else _file(part)


def _text(said: Said) -> dict[str, Any]:
    told = {"msgtype": "m.text", "body": said.plain, "m.mentions": {}}
    if not said.entities:
        return told
    shown = WRITER.written(said).replace("\n", "<br>")
    return {**told, "format": "org.matrix.custom.html", "formatted_body": shown}


def _file(part: Part) -> dict[str, Any]:
    file = part.content
    assert file is not None
    info: dict[str, Any] = {"mimetype": file.content_type, "size": file.size}
    if file.kind == "photo" and file.sides != (1, 1):
        info |= {"w": file.sides[0], "h": file.sides[1]}
    told = {"body": file.name, "filename": file.name, "info": info, "m.mentions": {}}
    kind = "m.image" if file.kind == "photo" else "m.file"
    if "hashes" in file.ref:
        return {**told, "msgtype": kind, "file": dict(file.ref)}
    return {**told, "msgtype": kind, "url": file.ref["url"]}
