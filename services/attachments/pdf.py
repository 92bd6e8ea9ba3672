"""Rewrite a PDF: its pages, and nothing about who made them."""

from collections.abc import Iterator
from io import BytesIO
from itertools import count
from typing import Any

from pypdf import PasswordType, PdfReader, PdfWriter
from pypdf.errors import PdfReadError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from services.attachments.annotations import draw_annotations
from services.attachments.errors import Unusable
from services.attachments.pictures import bare_jpeg, redrawn

MOST_PAGES = 50
OF_A_PAGE = ("/Type", "/Contents", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Parent")
OF_RESOURCES = ("/Font", "/XObject", "/ColorSpace", "/ExtGState", "/Pattern", "/Shading")
OF_A_PICTURE = ("/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent",
                "/Decode", "/DecodeParms", "/Filter", "/ImageMask", "/Mask", "/SMask",
                "/Interpolate", "/Length", "/Intent", "/Matte")  # fmt: skip
OF_A_FORM = ("/Type", "/Subtype", "/BBox", "/Matrix", "/Resources", "/Group", "/Filter",
             "/DecodeParms", "/Length", "/FormType")  # fmt: skip
TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/Info", "/AF", "/EF", "/JS", "/A", "/AA",
           "/StructParents", "/StructParent", "/Thumb", "/Alternates", "/OPI", "/OC", "/Measure",
           "/PtData", "/ID", "/URI", "/OpenAction")  # fmt: skip
DEVICE = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
DCT, FLATE = "/DCTDecode", "/FlateDecode"
JPX, JBIG2 = "/JPXDecode", "/JBIG2Decode"
DRAWN_AS = (None, "/DeviceGray", "/DeviceRGB", "/ICCBased", "/CalGray", "/CalRGB")
"""Colours of which Pillow's grey or RGB says the same."""


def clean_pdf(content: bytes | bytearray) -> bytes:
    """Return the pages alone: no properties, scripts, attachments, forms or comments. Raises
    Unusable, and whatever pypdf raises over a broken file."""
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not _opens(reader):
        raise Unusable("encrypted")
    if len(reader.pages) > MOST_PAGES:
        raise Unusable("too_many_pages")
    return _written(reader)


def _opens(reader: PdfReader) -> bool:
    """Open a file that only says what may be done with it, as offices write them: it is encrypted
    with no password at all."""
    try:
        return reader.decrypt("") is not PasswordType.NOT_DECRYPTED
    except NotImplementedError:
        # Encrypted for those who hold a certificate.
        return False


def _written(reader: PdfReader) -> bytes:
    writer = PdfWriter()
    for page in reader.pages:
        draw_annotations(page)
        # Allowed keys, not forbidden ones: what nobody has thought of must not pass.
        _keep(page, OF_A_PAGE)
        # What a page inherits stands in its parents: pypdf copies it to the page.
        writer.add_page(page)
    for thing in _objects(writer):
        _bare(thing)
    # What nothing refers to any more would be written all the same.
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    return _bytes_of(writer)


def _bytes_of(writer: PdfWriter) -> bytes:
    # Else pypdf names itself, and the day in some versions.
    writer.metadata = None
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _objects(writer: PdfWriter) -> Iterator[PdfObject]:
    """Yield every object of the new file. They are numbered from 1; some numbers may be free."""
    for number in count(1):
        try:
            yield writer.get_object(number)
        except PdfReadError:
            continue
        except IndexError:
            return


def _bare(thing: PdfObject) -> None:
    """Remove from one object of the file what isn't needed to draw it."""
    if isinstance(thing, DictionaryObject):
        _bare_dictionary(thing)
        for key, value in list(thing.items()):
            thing[NameObject(key)] = _bare_value(value)
    elif isinstance(thing, ArrayObject):
        thing[:] = [_bare_value(value) for value in thing]


def _bare_value(value: PdfObject) -> PdfObject:
    """Clean a value inside an object; one that is an object of the file itself is reached there."""
    plain = _plain_colour(value)
    if not isinstance(plain, IndirectObject):
        _bare(plain)
    return plain


def _bare_dictionary(thing: DictionaryObject) -> None:
    for key in TELLING:
        thing.pop(NameObject(key), None)
    kind = thing.get("/Subtype")
    if kind == "/Image":
        _keep(thing, OF_A_PICTURE)
        _bare_picture(thing)
    elif kind == "/Form":
        _keep(thing, OF_A_FORM)
    if "/Resources" in thing:
        _keep(thing["/Resources"].get_object(), OF_RESOURCES)


def _keep(thing: Any, keys: tuple[str, ...]) -> None:
    for key in [key for key in thing if key not in keys]:
        del thing[key]


def _plain_colour(value: PdfObject) -> PdfObject:
    """Replace a colour profile, which names the device it was made for, by plain colours."""
    found = value.get_object()
    if isinstance(found, ArrayObject) and len(found) == 2 and found[0] == "/ICCBased":
        return NameObject(DEVICE[int(found[1].get_object()["/N"])])
    return value


def _bare_picture(stream: DictionaryObject) -> None:
    """Clean a picture inside the file: it may hold what its camera wrote. Raises Unusable."""
    named = stream.get("/Filter", ArrayObject())
    filters = [str(name) for name in (named if isinstance(named, ArrayObject) else [named])]
    if JBIG2 in filters:
        raise Unusable("scanned_jbig2")
    if "/Crypt" in filters:
        raise Unusable("not_readable")
    if JPX in filters and isinstance(stream, StreamObject):
        _redraw(stream, filters)
    elif DCT not in filters or not isinstance(stream, StreamObject):
        return
    else:
        _as_jpeg(stream, bare_jpeg(_unpacked(stream, filters)))


def _unpacked(stream: StreamObject, filters: list[str]) -> bytes:
    """Return the bytes of a picture's own file. Raises Unusable."""
    # pypdf takes the outer packing off and gives the file of a picture as it is.
    if filters not in ([filters[-1]], [FLATE, filters[-1]]):
        raise Unusable("not_readable")
    return stream.get_data()


def _redraw(stream: StreamObject, filters: list[str]) -> None:
    """Redraw a JPEG 2000 picture, as scanners write it, as JPEG. Raises Unusable."""
    colour = stream.get("/ColorSpace")
    name = colour[0] if isinstance(colour, ArrayObject) else colour
    if name not in DRAWN_AS:
        raise Unusable("not_readable")
    drawn = redrawn(_unpacked(stream, filters))
    _as_jpeg(stream, drawn.content)
    for key, value in (
        ("/Width", drawn.width),
        ("/Height", drawn.height),
        ("/BitsPerComponent", 8),
    ):
        stream[NameObject(key)] = NumberObject(value)
    stream[NameObject("/ColorSpace")] = NameObject(DEVICE[drawn.colours])
    # It says how to read the old picture's values; on the new one it could turn its colours round.
    stream.pop(NameObject("/Decode"), None)


def _as_jpeg(stream: StreamObject, content: bytes) -> None:
    # A packed stream takes new content through its base class only: its own method packs it again.
    StreamObject.set_data(stream, content)
    stream[NameObject("/Filter")] = NameObject(DCT)
    stream.pop(NameObject("/DecodeParms"), None)
