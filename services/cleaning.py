"""Attachments of a report: written anew without anything that tells where they came from, or
refused with the reason. What was sent is never stored (TRUST P6)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from services import documents
from services.unusable import Unusable

LARGEST = 20 * 1024 * 1024
LONGEST_SIDE = 2560
MOST_PIXELS = 40_000_000
QUALITY = 85
PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


@dataclass(frozen=True)
class CleanFile:
    """What is left after cleaning; it has no name."""

    content: bytes
    media_type: str

    def pack(self) -> bytes:
        """Kind and content as one piece, so that neither stands outside the seal."""
        head = json.dumps({"type": self.media_type}).encode()
        return len(head).to_bytes(2, "big") + head + self.content

    @classmethod
    def unpack(cls, blob: bytes) -> "CleanFile":
        size = int.from_bytes(blob[:2], "big")
        return cls(blob[2 + size :], json.loads(blob[2 : 2 + size])["type"])


def clean(content: bytes) -> CleanFile:
    """A picture, PDF or Word file without its origin. What it is is seen from the content, never
    from a name. Raises Unusable. Takes up to seconds: call it in a thread."""
    if len(content) > LARGEST:
        raise Unusable("too_big")
    if content.startswith(b"%PDF-"):
        return CleanFile(documents.clean_pdf(content), documents.PDF)
    if content.startswith(b"PK\x03\x04"):
        return CleanFile(documents.clean_word(content, picture), documents.WORD)
    return CleanFile(picture(content), "image/jpeg")


class Workbench:
    """Cleans one attachment at a time and holds few that wait for it, whoever sends how many."""

    def __init__(self, waiting: int = 3) -> None:
        self._held, self._cleaning = asyncio.Semaphore(waiting), asyncio.Semaphore(1)

    async def clean(self, fetch: Callable[[], Awaitable[bytes]]) -> CleanFile:
        """Raises Unusable, and what `fetch` raises."""
        async with self._held:
            content = await fetch()
            async with self._cleaning:
                return await asyncio.to_thread(clean, content)


def picture(content: bytes) -> bytes:
    """The pixels alone, as a JPEG. Raises Unusable."""
    try:
        with Image.open(BytesIO(content), formats=PICTURES) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unusable("too_many_pixels")
            # A JPEG is decoded at a fraction of its size where that is enough.
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except UnidentifiedImageError:
        raise Unusable("unknown_kind") from None
    except Image.DecompressionBombError:
        raise Unusable("too_many_pixels") from None
    except (OSError, SyntaxError, ValueError, MemoryError):
        raise Unusable("not_readable") from None
    # A new image of the pixels: nothing that the decoder attached to the old one comes along.
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    written = BytesIO()
    bare.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
