"""Reads a bot's request, in any of the encodings of the two libraries, into its method's type."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from aiohttp import web
from pydantic import ValidationError

from botapi.errors import ApiError, bad
from botapi.methods import Method

LACKING = {
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "file_id": "invalid file_id",
    "media": "input media is not specified",
}
WRONG = {
    "reply_markup": "can't parse reply keyboard markup JSON object",
    "media": "can't parse input media JSON object",
    "commands": "can't parse commands list JSON object",
    "allowed_updates": "can't parse allowed_updates JSON object",
}


@dataclass(frozen=True)
class Upload:
    name: str
    content_type: str
    content: bytes


Asked = TypeVar("Asked", bound=Method, covariant=True)


@dataclass(frozen=True)
class Request(Generic[Asked]):
    """What a bot asks for, and the files sent along."""

    asked: Asked
    files: Mapping[str, Upload]

    def upload(self, given: object) -> Upload | str:
        """A file sent along, or the id of one known already."""
        value = str(given)
        if not value.startswith("attach://"):
            return value
        found = self.files.get(value.removeprefix("attach://"))
        if found is None:
            raise bad(f'file "{value}" not found in the request')
        return found


async def read(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Parameters as sent, and files. A file that is a parameter itself is named by attach://."""
    params: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            body = await request.json()
            params |= body if isinstance(body, dict) else {}
        elif request.can_read_body:
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    files[name] = Upload(value.filename, value.content_type, value.file.read())
                    params[name] = f"attach://{name}"
                elif isinstance(value, str):
                    params[name] = value
    except ValueError:
        raise bad("can't parse the request") from None
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    return params, files


def parse(kind: type[Asked], params: Mapping[str, Any]) -> Asked:
    """Read a request's parameters as the type of its method; unknown ones are passed over.
    Raises ApiError with Telegram's text for what is missing or wrong."""
    known = {
        name: _structured(kind, name, value)
        for name, value in params.items()
        # An empty value means that it wasn't given, as Telegram reads it.
        if name in kind.model_fields and (value != "" or _may_be_text(kind, name))
    }
    try:
        return kind.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "request"
        if first["type"] == "missing" and len(first["loc"]) == 1:
            raise bad(LACKING.get(name, f"{name} is empty")) from None
        raise bad(WRONG.get(name, f"wrong parameter {name} in the request")) from None


def _may_be_text(kind: type[Asked], name: str) -> bool:
    annotation = kind.model_fields[name].annotation
    return annotation is str or str in get_args(annotation)


def _structured(kind: type[Asked], name: str, value: Any) -> Any:
    """Forms carry lists and objects as JSON text. What may be a text stays one: "[1]" is a text."""
    if isinstance(value, str) and not _may_be_text(kind, name):
        # What isn't JSON goes on as it came: the type below refuses it with the parameter's name.
        with suppress(json.JSONDecodeError):
            return json.loads(value)
    return value
