"""Write pictures as the pages of a PDF. By hand: pypdf adds a picture to a file only by what is
private to it, and loading it takes longer than cleaning a photo."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

DOTS = 144
"""To the inch: a phone's screenshot becomes as wide as a sheet."""


def pdf_of(pages: Sequence[bytes]) -> bytes:
    """Return JPEGs as the pages of one file, each as large as its picture."""
    first = 3
    numbers = range(first, first + 3 * len(pages), 3)
    kids = " ".join(f"{number} 0 R" for number in numbers)
    parts = [b"<</Type/Catalog/Pages 2 0 R>>",
             f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode()]  # fmt: skip
    for number, content in zip(numbers, pages, strict=True):
        parts += _page_of(number, content)
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer<</Size %d/Root 1 0 R>>\n" % (len(parts) + 1)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % start)


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
