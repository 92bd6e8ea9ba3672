"""Tell what a file is by its content. Its name and what it is sent as are never asked: browsers,
messengers and phones get them wrong."""

from enum import Enum
from io import BytesIO
from zipfile import ZipFile

from services.attachments.errors import Unusable

Content = bytes | bytearray
RECORDING = "recording"
"""What the process that cleans is told where a voice message is asked for."""
LONGEST_JUNK = 1024
"""Bytes that may stand before a file's mark: mail programs and scanners put some there."""
PDF_MARK, ZIP_MARK, JPEG_MARK = b"%PDF-", b"PK\x03\x04", b"\xff\xd8\xff"
PNG_MARK, OLE_MARK = b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BEHIND_JUNK = (PDF_MARK, ZIP_MARK, JPEG_MARK, PNG_MARK)
PICTURES = (JPEG_MARK, PNG_MARK, b"GIF8", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+",
            b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")  # fmt: skip
AVIF_BRANDS = (b"avif", b"avis")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1")
AUDIO_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
AUDIO = (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9",
         b"OggS", b"fLaC", b"#!AMR", b"#!SILK", b"\x02#!SILK", b"caff")  # fmt: skip
VIDEO = (b"\x1aE\xdf\xa3", b"FLV\x01", b"\x30\x26\xb2\x75", b"\0\0\x01\xba", b"\0\0\x01\xb3")
ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")


class FileKind(Enum):
    """What can be cleaned. An `ARCHIVE` may hold a Word file; what else it may be is refused."""

    PICTURE = "picture"
    HEIF = "heif"
    PDF = "pdf"
    ARCHIVE = "archive"
    OTHER = "other"


def marked(content: Content) -> tuple[FileKind, Content]:
    """Return the kind by the file's mark, and the file from that mark on. Looks at a few bytes and
    parses nothing: it runs before the process has given up what it can do."""
    kind = _kind(bytes(content[:16]))
    if kind is not FileKind.OTHER:
        return kind, content
    head = bytes(content[: LONGEST_JUNK + 16])
    places = [place for mark in BEHIND_JUNK if (place := head.find(mark)) > 0]
    # A file of another known kind may hold such a mark inside.
    if not places or _refused_mark(content):
        return FileKind.OTHER, content
    return _kind(head[min(places) :]), content[min(places) :]


def _kind(head: bytes) -> FileKind:
    if head.startswith(PDF_MARK):
        return FileKind.PDF
    if head.startswith(ZIP_MARK):
        return FileKind.ARCHIVE
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return FileKind.HEIF
    avif = head[4:8] == b"ftyp" and head[8:12] in AVIF_BRANDS
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    # Two letters may also begin a text: a bitmap has four zeros there as well.
    bitmap = head[:2] == b"BM" and head[6:10] == bytes(4)
    return (
        FileKind.PICTURE if avif or webp or bitmap or head.startswith(PICTURES) else FileKind.OTHER
    )


def refused(content: Content) -> str:
    """Return the reason why a file that is none of ours can't be taken: each known kind has a
    sentence of its own that says what to do instead."""
    reason = _refused_mark(content) if content else "empty"
    if reason:
        return reason
    return "plain_text" if _is_text(bytes(content)) else "unknown_kind"


def _refused_mark(content: Content) -> str:
    head = bytes(content[:16])
    if head[:1] == b"\0" and head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return _track(content, head[8:12])
    if head.startswith(AUDIO) or (head[:4] == b"RIFF" and head[8:12] == b"WAVE"):
        return "audio"
    if head.startswith(VIDEO) or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return "video"
    if head.startswith(OLE_MARK):
        return _old_office(content)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    return "packed" if head.startswith(ARCHIVES) else ""


def _track(content: Content, brand: bytes) -> str:
    """Whether a recording has a picture: a phone's sound recorder writes the same container."""
    found, at = set(), content.find(b"hdlr")
    while at >= 0:
        found.add(bytes(content[at + 12 : at + 16]))
        at = content.find(b"hdlr", at + 1)
    if b"vide" in found:
        return "video"
    return "audio" if b"soun" in found or brand in AUDIO_BRANDS else "video"


def _old_office(content: Content) -> str:
    """Tell files of one container apart by the names of the streams in it."""
    for name, reason in (("EncryptedPackage", "encrypted"), ("WpsCustomData", "wps"),
                         ("WordDocument", "old_word"), ("Workbook", "sheet"), ("Book", "sheet"),
                         ("PowerPoint Document", "slides")):  # fmt: skip
        if name.encode("utf-16-le") in content:
            return reason
    return "old_word"


def check_archive(content: Content) -> None:
    """Let a Word file pass. Raises Unusable with the reason for any other archive, and whatever
    reading a broken one raises."""
    with ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        kind = archive.read("mimetype")[:80] if "mimetype" in names else b""
    if "word/document.xml" in names:
        return
    if "OFD.xml" in names:
        raise Unusable("ofd")
    if "xl/workbook.xml" in names or b"spreadsheet" in kind:
        raise Unusable("sheet")
    if "ppt/presentation.xml" in names or b"presentation" in kind:
        raise Unusable("slides")
    raise Unusable("open_document" if b"opendocument" in kind else "packed")


def _is_text(content: bytes) -> bool:
    """Whether a file is plain text in one of the encodings usual here; markup isn't."""
    if not content.strip() or b"\0" in content or content.lstrip().startswith(b"<"):
        return False
    # The stricter one first: most UTF-8 can be read as GB 18030 too, as wrong signs.
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(sign.isprintable() or sign in "\r\n\t\ufeff\u3000" for sign in text)
    return False
