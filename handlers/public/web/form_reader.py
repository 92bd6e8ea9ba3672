"""What a browser sent, read into memory within limits: no byte of it touches a file."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, MultipartReader, web

from services.attachments.formats import LARGEST
from services.intake.intake import MOST_BYTES, MOST_FILES

LONGEST_FIELD = 24_000
"""Bytes: 4,000 characters, each of up to six."""
MOST_FIELDS = 40
IN_TIME = 300.0
"""Seconds for the whole form: Tor is slow."""
CHUNK = 64 * 1024


class UnreadableForm(Exception):
    """`reason`: form | too_much | too_big | too_many_files; `FormData.wrong` has also too_slow |
    busy | crowded."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class FormData:
    """Fields by name, and files without theirs. What was read before a form went wrong is kept, so
    that nobody has to write it again."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[bytes] = field(default_factory=list)
    wrong: str = ""

    def field(self, name: str) -> str:
        return self.fields.get(name, "")


async def read_form(request: web.Request) -> FormData:
    """Never raises for what was sent: `wrong` says why it can't be taken."""
    given = FormData()
    try:
        async with asyncio.timeout(IN_TIME):
            await _read(request, given)
    except TimeoutError:
        given.wrong = "too_slow"
    except UnreadableForm as problem:
        given.wrong = problem.reason
    except (ValueError, AssertionError, KeyError, UnicodeDecodeError):
        given.wrong = "form"
    return given


async def _read(request: web.Request, given: FormData) -> None:
    if request.content_type != "multipart/form-data":
        raise UnreadableForm("form")
    count = 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        count += 1
        if isinstance(part, MultipartReader) or count > MOST_FIELDS:
            raise UnreadableForm("form")
        if part.filename is None:
            content = await _part(part, LONGEST_FIELD, "form")
            given.fields[part.name or ""] = content.decode("utf-8")
        elif content := await _part(part, LARGEST, "too_big"):
            _keep(given, content)


def _keep(given: FormData, content: bytes) -> None:
    if len(given.files) >= MOST_FILES:
        raise UnreadableForm("too_many_files")
    if sum(map(len, given.files)) + len(content) > MOST_BYTES:
        raise UnreadableForm("too_much")
    given.files.append(content)


async def _part(part: BodyPartReader, most: int, reason: str) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        content += chunk
        if len(content) > most:
            raise UnreadableForm(reason)
    return bytes(content)
