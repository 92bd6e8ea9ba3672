"""Reads a bot's request in any of the encodings that the two libraries use."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import web


class ApiError(Exception):
    """Told to the bot as Telegram would."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


@dataclass(frozen=True)
class Upload:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """A method with its parameters and files."""

    method: str
    params: dict[str, Any]
    files: dict[str, Upload]

    def number(self, name: str) -> int:
        try:
            return int(self.params[name])
        except (KeyError, TypeError, ValueError):
            raise bad(f"{name} is empty or not a number") from None

    def text(self, name: str) -> str:
        return str(self.params.get(name) or "")

    def flag(self, name: str) -> bool:
        return str(self.params.get(name, "")).lower() in ("true", "1")

    def upload(self, name: str) -> Upload | str:
        """A file sent along, or the id of one known already."""
        value = str(self.params.get(name, ""))
        if name in self.files:
            return self.files[name]
        if value.startswith("attach://"):
            found = self.files.get(value.removeprefix("attach://"))
            if found is None:
                raise bad(f"file {value} not found")
            return found
        return value


async def read(request: web.Request) -> Call:
    """Form, multipart and JSON bodies; nested values arrive as JSON text."""
    method = request.match_info["method"]
    params: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        with suppress(json.JSONDecodeError):
            params |= await request.json()
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                content = value.file.read()
                files[name] = Upload(value.filename, value.content_type, content)
            elif isinstance(value, str):
                params[name] = _nested(value)
    return Call(method.lower(), {name: _nested(value) for name, value in params.items()}, files)


def _nested(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(json.JSONDecodeError):
            return json.loads(value)
    return value
