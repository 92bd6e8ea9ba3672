"""Every kind of file that was tried as evidence, made here, and what becomes of it."""

from collections.abc import Callable
from functools import partial
from itertools import chain

from PIL import Image

from services.attachments.formats import JPEG, PDF, WORD
from tests.intake import samples
from tests.intake.samples import archive_of, container, encrypted_pdf, old_office, photo, saved

Made = Callable[[str], bytes]
"""From a mark, which stands wherever the kind has room for one."""
CIPHERS = ("RC4-40", "RC4-128", "AES-128", "AES-256")
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


def big(width: int, height: int, mark: str, progressive: bool = False) -> bytes:
    # In grey: a picture of colours takes its maker three times as long.
    plain = Image.new("L", (width, height), 90)
    return saved(plain, "JPEG", progressive=progressive, comment=mark.encode())


def with_notes(picture: Image.Image, mark: str, kind: str = "PNG") -> bytes:
    return saved(picture, kind, exif=samples.exif(mark).tobytes())


def with_gain_map(mark: str) -> bytes:
    """As phones write it: a second picture for the brightness."""
    return saved(samples.image(), "MPO", save_all=True, append_images=[samples.image()],
                 comment=mark.encode())  # fmt: skip


def fixed(content: bytes) -> Made:
    return lambda mark: content


TAKEN: dict[str, tuple[Made, str, int]] = {
    "JPEG": (photo, JPEG, 1),
    "JPEG, progressive": (lambda mark: big(600, 400, mark, True), JPEG, 1),
    "JPEG of 12 megapixels": (partial(big, 4032, 3024), JPEG, 1),
    "JPEG of 48 megapixels": (partial(big, 8064, 6048), JPEG, 1),
    "JPEG of 50 megapixels": (partial(big, 8160, 6120), JPEG, 1),
    "JPEG with a phone's second picture in it": (with_gain_map, JPEG, 1),
    "JPEG behind junk": (lambda mark: b"\r\n--part\r\n\r\n" + photo(mark), JPEG, 1),
    "PNG": (partial(photo, kind="PNG"), JPEG, 1),
    "PNG, see-through": (partial(with_notes, samples.image().convert("RGBA")), JPEG, 1),
    "PNG with a palette": (partial(with_notes, samples.image().convert("P")), JPEG, 1),
    "PNG in 16-bit grey": (partial(with_notes, Image.new("I;16", (60, 40), 40_000)), JPEG, 1),
    "PNG behind junk": (lambda mark: bytes(300) + photo(mark, "PNG"), JPEG, 1),
    "WebP": (partial(photo, kind="WEBP"), JPEG, 1),
    "GIF that stands still": (partial(photo, kind="GIF"), JPEG, 1),
    "BMP": (partial(photo, kind="BMP"), JPEG, 1),
    "TIFF": (partial(photo, kind="TIFF"), JPEG, 1),
    "TIFF of three sheets": (partial(samples.tiff, sheets=3), PDF, 3),
    "AVIF": (partial(photo, kind="AVIF"), JPEG, 1),
    "HEIC, HEIF": (partial(photo, kind="HEIF"), JPEG, 1),
    "JPEG 2000": (partial(photo, kind="JPEG2000"), JPEG, 1),
    "screenshot of 1080 × 2400": (partial(big, 1080, 2400), JPEG, 1),
    "long screenshot of 1080 × 24000": (partial(big, 1080, 24_000), PDF, 10),
    "wide screenshot of 12000 × 1080": (partial(big, 12_000, 1080), PDF, 5),
    "PDF": (partial(samples.pdf, pages=2), PDF, 2),
    "PDF with a form filled in and a seal": (samples.official_pdf, PDF, 1),
    "PDF behind junk": (lambda mark: b"\r\n\r\n" + samples.pdf(mark), PDF, 1),
    **{
        f"PDF that may not be printed ({cipher})": (
            partial(encrypted_pdf, cipher, ""), PDF, 1)
        for cipher in CIPHERS
    },
    "docx": (samples.word, WORD, 1),
}  # fmt: skip
"""What it becomes, and of how many pages."""

REFUSED: dict[str, tuple[Made, str]] = {
    "JPEG that breaks off": (lambda mark: photo(mark)[:900], "not_readable"),
    "HEIC that breaks off": (lambda mark: photo(mark, "HEIF")[:-60], "heic"),
    "long screenshot of 1080 × 40000": (partial(big, 1080, 40_000), "too_long"),
    "GIF that moves": (fixed(samples.moving("GIF")), "moving"),
    "WebP that moves": (fixed(samples.moving("WEBP")), "moving"),
    "PNG that moves": (fixed(samples.moving("PNG")), "moving"),
    "RAW (DNG)": (partial(samples.tiff, t50706=1), "raw_photo"),
    "RAW (a small preview first)": (partial(samples.tiff, t254=1), "raw_photo"),
    "SVG": (fixed(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "unknown_kind"),
    **{
        f"PDF with a password ({cipher})": (partial(encrypted_pdf, cipher, "secret"), "encrypted")
        for cipher in CIPHERS
    },
    "PDF of 51 pages": (partial(samples.pdf, pages=51), "too_many_pages"),
    "docx with a password": (fixed(old_office("EncryptedPackage")), "encrypted"),
    "doc": (fixed(old_office("WordDocument")), "old_word"),
    "wps": (fixed(old_office("WpsCustomData") + old_office("WordDocument")), "wps"),
    "rtf": (fixed(b"{\\rtf1 words}"), "rtf"),
    "odt": (fixed(archive_of({"mimetype": OPEN_DOCUMENT + b"text"})), "open_document"),
    "ofd": (fixed(archive_of({"OFD.xml": b"<x/>"})), "ofd"),
    "xls": (fixed(old_office("Workbook")), "sheet"),
    "xlsx": (fixed(archive_of({"xl/workbook.xml": b"<x/>"})), "sheet"),
    "ods": (fixed(archive_of({"mimetype": OPEN_DOCUMENT + b"spreadsheet"})), "sheet"),
    "ppt": (fixed(old_office("PowerPoint Document")), "slides"),
    "pptx": (fixed(archive_of({"ppt/presentation.xml": b"<x/>"})), "slides"),
    "txt (UTF-8)": (fixed("河湾村的账目没有公开。".encode()), "plain_text"),
    "txt (GB 18030)": (fixed("河湾村的账目没有公开。".encode("gb18030")), "plain_text"),
    "html": (fixed(b"<html>"), "unknown_kind"),
    "zip": (fixed(archive_of({"a.jpg": samples.jpeg()})), "packed"),
    "rar": (fixed(b"Rar!\x1a\x07\x01\0" + bytes(40)), "packed"),
    "7z": (fixed(b"7z\xbc\xaf\x27\x1c" + bytes(40)), "packed"),
    "mp4": (fixed(container(b"isom", b"vide")), "video"),
    "mov of an iPhone": (fixed(container(b"qt  ", b"vide")), "video"),
    "avi": (fixed(b"RIFF" + bytes(4) + b"AVI " + bytes(40)), "video"),
    "mkv, webm": (fixed(b"\x1aE\xdf\xa3" + bytes(40)), "video"),
    "wmv": (fixed(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(40)), "video"),
    "flv": (fixed(b"FLV\x01" + bytes(40)), "video"),
    "m4a of an iPhone": (fixed(container(b"M4A ")), "audio"),
    "3gp of a sound recorder": (fixed(container(b"3gp4", b"soun")), "audio"),
    "mp3": (fixed(b"ID3\x04" + bytes(40)), "audio"),
    "aac": (fixed(b"\xff\xf1\x50\x80" + bytes(40)), "audio"),
    "amr": (fixed(b"#!AMR\n" + bytes(40)), "audio"),
    "ogg of Telegram": (fixed(b"OggS" + bytes(40)), "audio"),
    "wav": (fixed(b"RIFF" + bytes(4) + b"WAVE" + bytes(40)), "audio"),
    "voice of WeChat": (fixed(b"\x02#!SILK_V3" + bytes(40)), "audio"),
    "a program": (fixed(b"MZ" + bytes(500)), "unknown_kind"),
}

AS = {JPEG: "a JPEG", PDF: "a PDF of {n}", WORD: "a docx"}


def table() -> str:
    """What docs/formats.md shows."""
    kept = (
        f"| {name} | {AS[kind].format(n=f'{n} pages' if n > 1 else 'one page')} |"
        for name, (_, kind, n) in TAKEN.items()
    )
    told = (f"| {name} | refused: `{reason}` |" for name, (_, reason) in REFUSED.items())
    return "\n".join(chain(("| sent | becomes |", "|---|---|"), kept, told))
