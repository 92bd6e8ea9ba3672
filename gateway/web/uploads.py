"""Files as they come in and go out: nothing is believed of what a browser says they are."""

import asyncio
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from gateway.platform import Content
from gateway.web.errors import Problem
from gateway.web.people import DAILY_BYTES, MOST_FILES, Here, People

LARGEST = 20 * 1024 * 1024
LARGEST_PHOTO = 10 * 1024 * 1024
LONGEST_FIELD, LONGEST_NAME = 64 * 1024, 120
AT_ONCE, WITHIN = 3, 600.0
"""Uploads in hand at once, and the seconds each may take."""
PHOTOS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
}
PDF = "application/pdf"
SHOWN_TYPES = (*PHOTOS.values(), "image/webp", PDF)
ANY = "application/octet-stream"


def type_of(content: bytes) -> str:
    """By its first bytes; ANY for what isn't shown by itself."""
    for mark, found in PHOTOS.items():
        if content.startswith(mark):
            return found
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return PDF if content.startswith(b"%PDF-") else ANY


@dataclass
class Form:
    """`files`: stored, and belonging to no message yet."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Content] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [str(file.ref["id"]) for file in self.files]


class Uploads:
    def __init__(self, people: People) -> None:
        self.people = people
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def read(self, request: web.Request, here: Here) -> Form:
        """A form whose fields come before its files. Of one whose key was answered before the files
        aren't kept again. Raises Problem; nothing is kept then."""
        if self._slots.locked():
            raise Problem("busy", 503)
        form = Form()
        try:
            async with self._slots, asyncio.timeout(WITHIN):
                await self._read(request, here, form)
        except BaseException as problem:
            await self.people.records.drop(*form.ids)
            if isinstance(problem, TimeoutError | ValueError):
                raise Problem("bad_request") from None
            raise
        return form

    async def _read(self, request: web.Request, here: Here, form: Form) -> None:
        records, known = self.people.records, False
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or not part.name:
                raise Problem("bad_request")
            if part.name != "file":
                given = await _limited(part, LONGEST_FIELD, "long_text")
                form.fields[part.name] = given.decode(errors="replace")
                if part.name == "key":
                    known = bool(await self.people.sent_before(here, form.fields["key"]))
                continue
            if len(form.files) == MOST_FILES:
                raise Problem("many_files")
            content = await _limited(part, LARGEST, "large_file")
            if known:
                continue
            if await records.kept_today(here.key) + len(content) > DAILY_BYTES:
                raise Problem("full", 429)
            number = await records.keep(here.key, content)
            form.files.append(_content(part, content, number))


async def _limited(part: BodyPartReader, most: int, code: str) -> bytes:
    found = bytearray()
    while some := await part.read_chunk():
        found += some
        if len(found) > most:
            raise Problem(code, 413)
    return bytes(part.decode(found))


def _content(part: BodyPartReader, content: bytes, number: str) -> Content:
    found = type_of(content)
    photo = found in PHOTOS.values() and found != "image/gif" and len(content) <= LARGEST_PHOTO
    told = (part.headers.get("Content-Type") or ANY).split(";")[0].strip().lower()
    # What says of itself to be a picture or a paper and isn't is only ever downloaded.
    kept = found if found != ANY else ANY if told in SHOWN_TYPES or len(told) > 100 else told
    name = safe_name(part.filename or "")
    return Content("photo" if photo else "document", name, kept, len(content), {"id": number})


def safe_name(name: str) -> str:
    """Without folders and without what turns a name around."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip(" .")
    return plain[-LONGEST_NAME:] or "file"


def download(content: bytes, name: str) -> web.Response:
    """Pictures and PDF are shown, all else is saved."""
    found = type_of(content)
    how = "attachment" if found == ANY else "inline"
    policy = "default-src 'none'; sandbox"
    if found == PDF:
        # A browser's own reader doesn't open in a sandbox; it runs in one of its own.
        policy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
    return web.Response(
        body=content,
        content_type=found,
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(safe_name(name), safe='')}",
            "Content-Security-Policy": policy,
        },
    )
