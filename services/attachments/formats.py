"""Clean an attachment of a report: rewrite it without anything that tells where it came from, or
refuse it with the reason. What was sent is never stored (docs/promises.md P6)."""

import json
from dataclasses import dataclass

from services.attachments.errors import Unusable
from services.attachments.kinds import Content, FileKind, check_archive, marked, refused

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is sent; a messenger gives a bot no larger one."""
JPEG, PDF, OGG = "image/jpeg", "application/pdf", "audio/ogg"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {JPEG: "jpg", PDF: "pdf", WORD: "docx", OGG: "ogg"}
"""How the name of a file ends, so that a phone knows what opens it."""


@dataclass(frozen=True)
class CleanFile:
    """A file after cleaning; without a name, since a name may tell whose it was."""

    content: bytes
    media_type: str

    def pack(self, place: str = "") -> bytes:
        """Kind, content and the place it belongs to as one piece, so that none of them stands
        outside the seal."""
        head = json.dumps({"type": self.media_type, "place": place}).encode()
        return len(head).to_bytes(2, "big") + head + self.content

    @classmethod
    def unpack(cls, blob: bytes) -> "CleanFile":
        size = int.from_bytes(blob[:2], "big")
        return cls(blob[2 + size :], json.loads(blob[2 : 2 + size])["type"])

    @staticmethod
    def place_in(blob: bytes) -> str:
        """Return the place that a file was packed for."""
        size = int.from_bytes(blob[:2], "big")
        return str(json.loads(blob[2 : 2 + size]).get("place", ""))


def clean(content: Content) -> CleanFile:
    """Clean a picture, PDF or Word file, told by its content, never by a name. Raises Unusable.
    Takes up to seconds and reads what a stranger sent: `services.attachments.process` runs it in a
    process of its own."""
    if len(content) > LARGEST:
        raise Unusable("too_big")
    kind, found = marked(content)
    try:
        return _cleaned(kind, found)
    except Unusable:
        raise
    except MemoryError:
        picture = kind in (FileKind.PICTURE, FileKind.HEIF)
        raise Unusable("too_many_pixels" if picture else "too_hard") from None
    except Exception:
        # Whoever writes the file chooses what its parser stumbles over; the answer is the same.
        raise Unusable("not_readable") from None


def clean_sound(content: Content) -> CleanFile:
    """Clean a voice message, as the messenger records it; of staff only, whose voice is known.
    Raises Unusable, and takes as little for granted as `clean`."""
    from services.attachments.sound import clean_recording

    if len(content) > LARGEST:
        raise Unusable("too_big")
    return CleanFile(clean_recording(content), OGG)


def _cleaned(kind: FileKind, content: Content) -> CleanFile:
    if kind is FileKind.OTHER:
        raise Unusable(refused(content))
    # Loaded with the first of its kind: who only reads or writes text goes without.
    from services.attachments import pictures

    if kind is FileKind.PDF:
        from services.attachments.pdf import clean_pdf

        return CleanFile(clean_pdf(content), PDF)
    if kind is FileKind.ARCHIVE:
        from services.attachments.word import clean_word

        check_archive(content)
        return CleanFile(clean_word(content, pictures.picture), WORD)
    heif = kind is FileKind.HEIF
    return _paper(pictures.heif_pages(content) if heif else pictures.pages(content))


def _paper(pages: tuple[bytes, ...]) -> CleanFile:
    """Keep one picture as it is, and several as the pages of one file: it is opened and turned over
    on every phone."""
    if len(pages) == 1:
        return CleanFile(pages[0], JPEG)
    from services.attachments.sheets import pdf_of

    return CleanFile(pdf_of(pages), PDF)
