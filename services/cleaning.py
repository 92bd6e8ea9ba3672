"""Attachments of a report: written anew without anything that tells where they came from, or
refused with the reason. What was sent is never stored (TRUST P6)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.unusable import Unusable

LARGEST = 20 * 1024 * 1024
Content = bytes | bytearray
JPEG, PDF = "image/jpeg", "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


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


def clean(content: Content) -> CleanFile:
    """A picture, PDF or Word file without its origin. What it is is seen from the content, never
    from a name. Raises Unusable. Takes up to seconds: call it in a thread."""
    if len(content) > LARGEST:
        raise Unusable("too_big")
    try:
        return _cleaned(content)
    except Unusable:
        raise
    except Exception:
        # Whoever writes the file chooses what its parser stumbles over; the answer is the same.
        raise Unusable("not_readable") from None


def _cleaned(content: Content) -> CleanFile:
    # Loaded with the first attachment: who only reads or writes text goes without.
    from services.pdf import clean_pdf
    from services.pictures import picture
    from services.word import clean_word

    if content.startswith(b"%PDF-"):
        return CleanFile(clean_pdf(content), PDF)
    if content.startswith(b"PK\x03\x04"):
        return CleanFile(clean_word(content, picture), WORD)
    return CleanFile(picture(content), JPEG)


class Workbench:
    """Cleans one attachment at a time and holds few that wait for it, whoever sends how many."""

    def __init__(self, waiting: int = 3) -> None:
        self._held, self._cleaning = asyncio.Semaphore(waiting), asyncio.Semaphore(1)

    async def clean(self, fetch: Callable[[], Awaitable[Content]]) -> CleanFile:
        """Raises Unusable, and what `fetch` raises."""
        async with self._held:
            return await self.clean_here(await fetch())

    async def clean_here(self, content: Content) -> CleanFile:
        """What is held already. Raises Unusable."""
        async with self._cleaning:
            return await asyncio.to_thread(clean, content)
