"""Clean an attachment of a report: rewrite it without anything that tells where it came from, or
refuse it with the reason. What was sent is never stored (docs/promises.md P6)."""

import json
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZipFile

from services.attachments.errors import Unusable

LARGEST = 20 * 1024 * 1024
PDF_MARK, ZIP_MARK = b"%PDF-", b"PK\x03\x04"
Content = bytes | bytearray
JPEG, PDF = "image/jpeg", "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class CleanFile:
    """A file after cleaning; without a name, since a name may tell whose it was."""

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
    """Clean a picture, PDF or Word file, told by its content, never by a name. Raises Unusable.
    Takes up to seconds and reads what a stranger sent: `services.attachments.process` runs it in a
    process of its own."""
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
    if reason := refused_kind(content):
        raise Unusable(reason)
    # Loaded with the first of its kind: who only reads or writes text goes without.
    from services.attachments.pictures import picture

    if content.startswith(PDF_MARK):
        from services.attachments.pdf import clean_pdf

        return CleanFile(clean_pdf(content), PDF)
    if content.startswith(ZIP_MARK):
        from services.attachments.word import clean_word

        return CleanFile(clean_word(content, picture), WORD)
    return CleanFile(picture(content), JPEG)


def refused_kind(content: Content) -> str:
    """Return the reason why a file of a known kind can't be taken; "" for all others. Each reason
    has a sentence of its own that says what to do instead."""
    head = bytes(content[:16])
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "" if brand in AVIF_BRANDS else "heic" if brand in HEIC_BRANDS else "recording"
    if head.startswith(RECORDINGS) or (head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI ")):
        return "recording"
    # The first is the OLE container: .doc and .xls, but also an encrypted .docx.
    for mark, reason in ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"),
                         (b"{\\rtf", "old_office")):  # fmt: skip
        if head.startswith(mark):
            return reason
    if head.startswith(ZIP_MARK):
        return _refused_archive(content)
    if head.startswith(PDF_MARK):
        return ""
    return "plain_text" if _is_text(bytes(content)) else ""


AVIF_BRANDS = (b"avif", b"avis")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
RECORDINGS = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"OggS", b"fLaC", b"#!AMR", b"\x1aE\xdf\xa3")


def _refused_archive(content: Content) -> str:
    with ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
    if "OFD.xml" in names:
        return "ofd"
    return "sheet" if "xl/workbook.xml" in names else ""


def _is_text(content: bytes) -> bool:
    """Whether a file is plain text in one of the encodings usual here; markup isn't."""
    if not content.strip() or b"\0" in content or content.lstrip().startswith(b"<"):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(sign.isprintable() or sign in "\r\n\t\ufeff\u3000" for sign in text)
    return False
