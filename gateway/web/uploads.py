"""Files as they come in and go out: nothing is believed of what a browser says they are."""

import asyncio
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from gateway.platform import Content
from gateway.web.people import DAILY_BYTES, MOST_FILES, Here, People
from gateway.web.web_texts import Problem

LARGEST = 20 * 1024 * 1024
LARGEST_PHOTO = 10 * 1024 * 1024
LONGEST_FIELD, LONGEST_NAME = 64 * 1024, 120
FIELDS = ("text", "key", "reply_to", "file")
MOST_HELD, EACH_AT_ONCE, WITHIN, STALLED = 100 * 1024 * 1024, 2, 900.0, 60.0
"""Bytes of all uploads in memory, uploads of one account at once, the seconds each may take, and
those in which nothing of it comes: a telephone in a village is slow, and takes no place from
others."""
SMALL = 2 * 1024 * 1024
EACH_HELD, HELD_BY_LARGE = LARGEST + SMALL, MOST_HELD - 10 * SMALL
"""Bytes of one account in memory, and of all where what comes isn't small: ten photos find room
while long files come slowly."""
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
        self._held = 0
        self._held_of: Counter[str] = Counter()
        self._of_each: Counter[str] = Counter()

    async def read(self, request: web.Request, here: Here) -> Form:
        """A form whose fields come before its files. Of one whose key was answered before the files
        aren't kept again. Raises Problem; nothing is kept then."""
        if not here.account.joined:
            raise Problem("not_joined", 403)
        if self._of_each[here.key] >= EACH_AT_ONCE:
            raise Problem("busy", 503)
        form = Form()
        self._of_each[here.key] += 1
        try:
            async with asyncio.timeout(WITHIN):
                await self._read(request, here, form)
        except BaseException as problem:
            await self.people.records.drop_loose(*form.ids)
            if isinstance(problem, TimeoutError):
                raise Problem("slow_upload", 408) from None
            if isinstance(problem, ValueError):
                raise Problem("bad_request") from None
            raise
        finally:
            self._of_each -= Counter([here.key])
        return form

    async def _read(self, request: web.Request, here: Here, form: Form) -> None:
        records, known = self.people.records, False
        async for part in await request.multipart():
            # Of other fields there could be as many as fill the memory.
            if not isinstance(part, BodyPartReader) or part.name not in FIELDS:
                raise Problem("bad_request")
            if part.name != "file":
                async with self._limited(part, here, LONGEST_FIELD, "long_text") as given:
                    text = given.decode(errors="replace")
                form.fields[part.name] = text
                if part.name == "key":
                    known = bool(await self.people.sent_before(here, form.fields["key"]))
                continue
            if len(form.files) == MOST_FILES:
                raise Problem("many_files")
            async with self._limited(part, here, LARGEST, "large_file") as content:
                if known:
                    continue
                if await records.kept_today(here.key) + len(content) > DAILY_BYTES:
                    raise Problem("full", 429)
                number = await records.keep(here.key, content)
                form.files.append(_content(part, content, number))

    @asynccontextmanager
    async def _limited(
        self, part: BodyPartReader, here: Here, most: int, code: str
    ) -> AsyncIterator[bytes]:
        """What a part holds, while it is held. Raises Problem, TimeoutError where nothing comes."""
        found = bytearray()
        try:
            while some := await next_piece(part):
                found += some
                self._held += len(some)
                self._held_of[here.key] += len(some)
                if len(found) > most:
                    raise Problem(code, 413)
                room = MOST_HELD if len(found) <= SMALL else HELD_BY_LARGE
                if self._held > room or self._held_of[here.key] > EACH_HELD:
                    raise Problem("busy", 503)
            yield bytes(found)
        finally:
            self._held -= len(found)
            self._held_of -= Counter({here.key: len(found)})


async def next_piece(part: BodyPartReader) -> bytes:
    """The next piece of a part; b"" at its end. Raises TimeoutError."""
    async with asyncio.timeout(STALLED):
        return await part.read_chunk()


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
