"""Write pictures as the pages of a PDF. By hand: pypdf adds a picture to a file only by what is
private to it, and loading it takes longer than cleaning a photo."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO

from PIL import Image

HEAD, CATALOG = b"%PDF-1.4\n", b"<</Type/Catalog/Pages 2 0 R>>"
BEGIN = HEAD + b"1 0 obj\n" + CATALOG
"""How no other program begins a file: pypdf writes a line of its own behind the head."""
PICTURE = re.compile(rb"/Filter/DCTDecode[^>]*/Length (\d+)>>stream\n")
DOTS = 144
"""To the inch: a phone's screenshot becomes as wide as a sheet."""


def pdf_of(pages: Sequence[bytes]) -> bytes:
    """Return JPEGs as the pages of one file, each as large as its picture."""
    first = 3
    numbers = range(first, first + 3 * len(pages), 3)
    kids = " ".join(f"{number} 0 R" for number in numbers)
    parts = [CATALOG,
             f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode()]  # fmt: skip
    for number, content in zip(numbers, pages, strict=True):
        parts += _page_of(number, content)
    written, places = bytearray(HEAD), []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    # The table of places comes last: only now is it known at which byte each object begins.
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer<</Size %d/Root 1 0 R>>\n" % (len(parts) + 1)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % start)


def pictures_in(content: bytes) -> Iterator[bytes]:
    """Yield the JPEGs of a file that `pdf_of` wrote; none of any other."""
    if not content.startswith(BEGIN):
        return
    for found in PICTURE.finditer(content):
        yield content[found.end() : found.end() + int(found[1])]


def _page_of(number: int, content: bytes) -> tuple[bytes, bytes, bytes]:
    """The page, what it draws, and the picture that it draws; `number`: of the first of them."""
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        width, height = image.size
    wide, high = f"{width / DOTS * 72:.2f}", f"{height / DOTS * 72:.2f}"
    page = (f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {wide} {high}]/Contents {number + 1} 0 R"
            f"/Resources<</XObject<</Im0 {number + 2} 0 R>>>>>>")  # fmt: skip
    drawn = f"{wide} 0 0 {high} 0 0 cm /Im0 Do"
    head = (f"/Type/XObject/Subtype/Image/Filter/DCTDecode/ColorSpace/DeviceRGB"
            f"/BitsPerComponent 8/Width {width}/Height {height}")  # fmt: skip
    return page.encode(), _stream("", drawn.encode()), _stream(head, content)


def _stream(head: str, content: bytes) -> bytes:
    start = f"<<{head}/Length {len(content)}>>stream\n".encode()
    return start + content + b"\nendstream"
