"""Attachments of a report: written anew without anything that tells where they came from, or
refused with the reason. What was sent is never stored (docs/promises.md P6)."""

import json
from dataclasses import dataclass

from services.attachments.errors import Unusable

LARGEST = 20 * 1024 * 1024
PDF_MARK, ZIP_MARK = b"%PDF-", b"PK\x03\x04"
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
    from a name. Raises Unusable. Takes up to seconds: `services.attachments.process` does
    it in a process."""
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
    # Loaded with the first of its kind: who only reads or writes text goes without.
    from services.attachments.pictures import picture

    if content.startswith(PDF_MARK):
        from services.attachments.pdf import clean_pdf

        return CleanFile(clean_pdf(content), PDF)
    if content.startswith(ZIP_MARK):
        from services.attachments.word import clean_word

        return CleanFile(clean_word(content, picture), WORD)
    return CleanFile(picture(content), JPEG)
