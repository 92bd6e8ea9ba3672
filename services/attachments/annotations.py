"""Draw onto the page what stands on it as an annotation: answers in a form, a seal, a line by hand.
Without them an official paper would arrive without its seal; with them as they are, it would say
who set it, and when."""

from collections.abc import Iterator
from contextlib import suppress

from pypdf import PageObject
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    PdfObject,
    StreamObject,
)

DRAWN = ("/Widget", "/Stamp", "/FreeText", "/Ink", "/Highlight", "/Underline", "/StrikeOut",
         "/Squiggly", "/Square", "/Circle", "/Line", "/Polygon", "/PolyLine")  # fmt: skip
"""Not a note, which has its words in a window of their own, with a name."""
HIDDEN = 0b100010
UNTURNED = ArrayObject(FloatObject(value) for value in (1, 0, 0, 1, 0, 0))
Box = tuple[float, float, float, float]


def draw_annotations(page: PageObject) -> None:
    """Add the looks of a page's annotations to what it draws; the annotations stay for the caller
    to drop. Raises whatever pypdf raises over a broken page."""
    drawn = list(_looks(page))
    if not drawn:
        return
    resources = page.setdefault(NameObject("/Resources"), DictionaryObject()).get_object()
    known = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
    orders = []
    for number, (look, order) in enumerate(drawn):
        name = NameObject(f"/Kept{page.page_number}x{number}")
        known[name] = look
        orders.append(f"q {order} cm {name} Do Q")
    # A scan that is filled in may draw nothing itself.
    before = page.get("/Contents", ArrayObject()).get_object()
    parts = list(before) if isinstance(before, ArrayObject) else [page.raw_get("/Contents")]
    # What the page itself draws may end in any state: it is put back first.
    page[NameObject("/Contents")] = ArrayObject(
        [_stream("q"), *parts, _stream("Q " + " ".join(orders))]
    )


def _stream(order: str) -> StreamObject:
    made = StreamObject()
    made.set_data(order.encode())
    # So that pypdf gives it a number when the page is copied.
    made.indirect_reference = None
    return made


def _looks(page: PageObject) -> Iterator[tuple[PdfObject, str]]:
    """Yield each visible look, and where it goes."""
    annotations = page.get("/Annots", ArrayObject()).get_object()
    for found in annotations if isinstance(annotations, ArrayObject) else ():
        # One that can't be read is no reason to refuse the paper that it stands on.
        with suppress(Exception):
            annotation = _dictionary(found)
            if annotation.get("/Subtype") in DRAWN and not int(annotation.get("/F", 0)) & HIDDEN:
                yield from _look(annotation)


def _look(annotation: DictionaryObject) -> Iterator[tuple[PdfObject, str]]:
    """Yield how it looks, and where; a box to tick has a look for each state."""
    looks = _dictionary(annotation["/AP"])
    normal, look = _dictionary(looks["/N"]), looks.raw_get("/N")
    if not isinstance(normal, StreamObject):
        look = normal.raw_get(str(annotation["/AS"]))
        normal = _dictionary(look)
    place = _placed(normal, _box(annotation["/Rect"]))
    normal[NameObject("/Subtype")] = NameObject("/Form")
    yield look, place


def _dictionary(given: PdfObject) -> DictionaryObject:
    found = given.get_object()
    if not isinstance(found, DictionaryObject):
        raise TypeError("a dictionary was expected")
    return found


def _placed(look: DictionaryObject, target: Box) -> str:
    """Return the matrix that brings a look into its place (ISO 32000-1, 12.5.5)."""
    a, b, c, d, e, f = (float(value) for value in look.get("/Matrix", UNTURNED).get_object())
    x0, y0, x1, y1 = _box(look["/BBox"])
    corners = [(x, y) for x in (x0, x1) for y in (y0, y1)]
    across = [a * x + c * y + e for x, y in corners]
    up = [b * x + d * y + f for x, y in corners]
    wide, high = max(across) - min(across), max(up) - min(up)
    sx = (target[2] - target[0]) / wide if wide else 1.0
    sy = (target[3] - target[1]) / high if high else 1.0
    right, above = target[0] - min(across) * sx, target[1] - min(up) * sy
    return f"{sx:.5f} 0 0 {sy:.5f} {right:.5f} {above:.5f}"


def _box(given: PdfObject) -> Box:
    found = given.get_object()
    if not isinstance(found, ArrayObject):
        raise TypeError("an array was expected")
    x0, y0, x1, y1 = (float(value.get_object()) for value in found)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
