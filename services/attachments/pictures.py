"""Rewrite pictures: the pixels, and nothing that a camera or a program wrote beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from services.attachments.errors import Unusable

LONGEST_SIDE = 2000
"""Half of what a phone's picture has: such a JPEG is decoded at half its size, in a quarter of the
memory."""
LONG_FROM, READABLE = 3, 1080
"""A picture so many times longer than wide is a screenshot of text, and keeps so many pixels
across."""
MOST_PIXELS = 40_000_000
MOST_UNPACKED = 100_000_000
"""Bytes of pixels that one picture may unpack to; a JPEG is unpacked at a fraction of its size."""
QUALITY = 85
PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "JPEG2000", "AVIF", "TIFF")
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
KEPT_SEGMENTS = (0xEE,)
"""Of the segments for programs only Adobe's, which says how the colours are to be read."""


def picture(content: bytes | bytearray) -> bytes:
    """Return the pixels alone, upright, as a JPEG. Raises Unusable, and whatever Pillow raises over
    a broken picture."""
    try:
        with Image.open(BytesIO(content), formats=PICTURES) as image:
            # Opened, only the header was read: nothing is decoded before its size is known.
            _check_size(image)
            kept = _kept_size(*image.size)
            # A JPEG is decoded at a fraction of its size where that is enough.
            image.draft("RGB", kept)
            image.thumbnail(kept, reducing_gap=2.0)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except UnidentifiedImageError:
        raise Unusable("unknown_kind") from None
    except Image.DecompressionBombError:
        raise Unusable("too_many_pixels") from None
    # A new image of the pixels: nothing that the decoder attached to the old one comes along.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    written = BytesIO()
    bare.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _kept_size(width: int, height: int) -> tuple[int, int]:
    """Return the size to shrink to. A long screenshot keeps the width that makes its words
    readable: shrunk by its long side, 1080 by 24,000 would be 90 wide."""
    long, short = max(width, height), min(width, height)
    part = min(1.0, LONGEST_SIDE / long)
    if long > LONG_FROM * short:
        part = min(1.0, READABLE / short)
    return max(1, int(width * part)), max(1, int(height * part))


def _check_size(image: Image.Image) -> None:
    pixels = image.width * image.height
    unpacked = 0 if image.format == "JPEG" else pixels * len(image.getbands())
    if pixels > MOST_PIXELS or unpacked > MOST_UNPACKED:
        raise Unusable("too_many_pixels")


@dataclass(frozen=True)
class Drawn:
    """A JPEG. `colours`: 1 grey, 3 red, green and blue."""

    content: bytes
    width: int
    height: int
    colours: int


def redrawn(content: bytes) -> Drawn:
    """Redraw a JPEG 2000 picture as a JPEG of its size. Raises Unusable, and whatever Pillow raises
    over a broken one."""
    with Image.open(BytesIO(content), formats=("JPEG2000",)) as image:
        _check_size(image)
        if image.mode not in ("L", "LA", "RGB", "RGBA"):
            raise Unusable("not_readable")
        mode = "L" if image.mode in ("L", "LA") else "RGB"
        bare = Image.new(mode, image.size)
        bare.paste(image.convert(mode))
    written = BytesIO()
    bare.save(written, "JPEG", quality=QUALITY)
    return Drawn(written.getvalue(), bare.width, bare.height, len(mode))


def bare_jpeg(content: bytes) -> bytes:
    """Return a JPEG with its pixels as they are, without the segments in which cameras and programs
    write. Raises Unusable."""
    if content[:2] != bytes((0xFF, SOI)):
        raise Unusable("not_readable")
    return bytes((0xFF, SOI)) + b"".join(_segments(content)) + bytes((0xFF, EOI))


def _segments(content: bytes) -> Iterator[bytes]:
    at = 2
    while at + 4 <= len(content):
        marker = content[at + 1]
        if content[at] != 0xFF:
            raise Unusable("not_readable")
        if marker == EOI:
            return
        if marker == 0xFF:
            at += 1
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == SOS:
            end = _end_of_scan(content, end)
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in KEPT_SEGMENTS:
            yield content[at:end]
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Return the offset of the next marker that isn't part of the compressed pixels."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        following = content[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2
