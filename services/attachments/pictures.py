"""Rewrite pictures: the pixels, and nothing that a camera or a program wrote beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING

from PIL import Image, JpegImagePlugin, TiffImagePlugin, UnidentifiedImageError

from services.attachments.errors import Unusable
from services.attachments.kinds import Content

if TYPE_CHECKING:
    from pillow_heif import HeifFile

MOST_KEPT = 6_000_000
"""Pixels of one picture that is kept: writing on a sheet that fills a photo can be read."""
LONG_FROM, READABLE = 3, 1080
"""A picture so many times longer than wide is a screenshot of text, and keeps so many pixels
across."""
CUT_FROM, PAGE_SHAPE = 4000, 2.5
"""Pixels from which on a long screenshot is cut into pages, each so many times longer than wide:
phones show a longer one too small to be read."""
OVERLAP = 20
"""A page begins again with one part in so many of the width: a line of text isn't cut in two."""
MOST_PIXELS = 40_000_000
"""That one picture may unpack to, at four bytes each."""
MOST_IN_JPEG, MOST_IN_HEIF = 210_000_000, 52_000_000
"""Pixels of what is unpacked at a fraction of its size, or in strips: what phones take."""
STRIP = 64
"""Rows of a HEIF picture that are handled at once, in steps that every fraction divides."""
MOST_PAGES = 50
QUALITY = 85
ORIENTATION = 0x0112
TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
         4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
         6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
         8: Image.Transpose.ROTATE_90}  # fmt: skip
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "JPEG2000", "AVIF", "TIFF")
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
KEPT_SEGMENTS = (0xEE,)
"""Of the segments for programs only Adobe's, which says how the colours are to be read."""
DNG_VERSION, NEW_SUBFILE, REDUCED = 0xC612, 0xFE, 1
"""Tags of a TIFF: a raw photo has a small preview first, which isn't what was taken."""
Image.MAX_IMAGE_PIXELS = MOST_IN_JPEG
"""Pillow's own limit, above which it warns and, above twice as much, refuses."""


def picture(content: Content) -> bytes:
    """Return the pixels of the first picture alone, upright, as one JPEG. Raises Unusable, and
    whatever Pillow raises over a broken picture."""
    with opened(content) as image:
        return _jpeg(_shrunk(image))


def pages(content: Content) -> tuple[bytes, ...]:
    """Return the pixels of a picture that was sent, as JPEGs: one for most, and several for a long
    screenshot or a scan of many pages. Raises as `picture`."""
    with opened(content) as image:
        return tuple(part for page in _frames(image) for part in _parts(_shrunk(page)))


def heif_pages(content: Content) -> tuple[bytes, ...]:
    """As `pages`, for a photo in HEIF. Raises Unusable: what can't be decoded has a sentence for
    the phones that take it."""
    import pillow_heif

    # A thread needs what the process has given up; the other pictures in the file aren't it.
    pillow_heif.options.DECODE_THREADS = 0
    pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    try:
        found = pillow_heif.open_heif(BytesIO(content))
        if found.size[0] * found.size[1] > MOST_IN_HEIF:
            raise Unusable("too_many_pixels")
        return tuple(_parts(_shrunk(_in_strips(found))))
    except (ValueError, SyntaxError, RuntimeError, OSError, EOFError):
        raise Unusable("heic") from None


def opened(content: Content) -> Image.Image:
    """Open a picture: its header is read, nothing is decoded before its size is known. Raises
    Unusable."""
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unusable("unknown_kind") from None
    except Image.DecompressionBombError:
        raise Unusable("too_many_pixels") from None
    _check_size(image)
    return image


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the pages of a scan; of all else the one picture. Raises Unusable."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        yield from _scanned(image)
    elif isinstance(image, JpegImagePlugin.JpegImageFile) or getattr(image, "n_frames", 1) == 1:
        # The other pictures in a JPEG are the phone's: brightness, or a smaller one.
        yield image
    else:
        raise Unusable("moving")


def _scanned(image: TiffImagePlugin.TiffImageFile) -> Iterator[Image.Image]:
    if DNG_VERSION in image.tag_v2 or image.tag_v2.get(NEW_SUBFILE, 0) & REDUCED:
        raise Unusable("raw_photo")
    if image.n_frames > MOST_PAGES:
        raise Unusable("too_many_pages")
    for number in range(image.n_frames):
        image.seek(number)
        if not image.tag_v2.get(NEW_SUBFILE, 0) & REDUCED:
            _check_size(image)
            yield image


def _shrunk(image: Image.Image) -> Image.Image:
    """Return the picture upright, no larger than what is kept."""
    kept = _kept_size(*image.size)
    # A JPEG is decoded at a fraction of its size where that is enough.
    image.draft("RGB", kept)
    image.load()
    turn = _turn(image)
    plain = _plain(image)
    plain.thumbnail(kept, reducing_gap=2.0)
    return plain.transpose(turn) if turn is not None else plain


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return how to set a picture upright, by what the camera noted."""
    try:
        return TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:
        # A camera's notes that can't be read are no reason to refuse its picture.
        return None


def _plain(image: Image.Image) -> Image.Image:
    """Return colours that can be shrunk: palettes and deep greys can't."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L") if image.mode in ("1", "I", "F") else image


def _in_strips(found: "HeifFile") -> Image.Image:
    """Return a HEIF picture at the fraction that is kept. Its pixels stand in memory as libheif has
    unpacked them, and a second time only strip by strip."""
    (width, height), mode = found.size, found.mode
    fraction = max(1, int((width * height / MOST_KEPT) ** 0.5))
    while STRIP % fraction:
        fraction -= 1
    data, stride = found.data, found.stride
    drawn = Image.new(mode, (ceil(width / fraction), ceil(height / fraction)))
    for top in range(0, height, STRIP):
        rows = min(STRIP, height - top)
        part = data[top * stride : (top + rows) * stride]
        strip = Image.frombuffer(mode, (width, rows), part, "raw", mode, stride, 1)
        drawn.paste(strip.reduce(fraction), (0, top // fraction))
    return drawn


def _kept_size(width: int, height: int) -> tuple[int, int]:
    """Return the size to shrink to. A long screenshot keeps the width that makes its words
    readable. Raises Unusable for one that would have to lose it."""
    part = min(1.0, (MOST_KEPT / (width * height)) ** 0.5)
    if _is_long(width, height):
        if width * height > MOST_PIXELS:
            raise Unusable("too_long")
        part = min(1.0, max(part, READABLE / min(width, height)))
    return max(1, int(width * part)), max(1, int(height * part))


def _parts(image: Image.Image) -> Iterator[bytes]:
    """Yield a long screenshot in pages, from its beginning on, and all else whole."""
    long, short = max(image.size), min(image.size)
    if long <= CUT_FROM or not _is_long(*image.size):
        yield _jpeg(image)
        return
    overlap, tall = short // OVERLAP, image.height > image.width
    number = ceil((long - overlap) / (short * PAGE_SHAPE - overlap))
    if number > MOST_PAGES:
        raise Unusable("too_long")
    step = (long - overlap) / number
    for start in (int(step * index) for index in range(number)):
        end = min(long, ceil(start + step + overlap))
        yield _jpeg(image.crop((0, start, short, end) if tall else (start, 0, end, short)))


def _jpeg(image: Image.Image) -> bytes:
    # A new image of the pixels: nothing that the decoder attached to the old one comes along.
    bare = Image.new("RGB", image.size, "white")
    clear = image.mode in ("RGBA", "LA", "PA")
    # On white: behind what is see-through there may be black, under black words.
    bare.paste(image.convert("RGB"), mask=image.getchannel("A") if clear else None)
    written = BytesIO()
    bare.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _check_size(image: Image.Image) -> None:
    """Raises Unusable for what would take too much memory once it is decoded."""
    jpeg = isinstance(image, JpegImagePlugin.JpegImageFile)
    if image.width * image.height > (MOST_IN_JPEG if jpeg else MOST_PIXELS):
        raise Unusable("too_long" if _is_long(*image.size) else "too_many_pixels")


def _is_long(width: int, height: int) -> bool:
    return max(width, height) > LONG_FROM * min(width, height)


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
        # Any number of fill bytes may stand before a marker.
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
