"""Files as people send them, made here, with what must not come through."""

from io import BytesIO
from struct import pack
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pillow_heif
from PIL import Image, PngImagePlugin, TiffImagePlugin
from pypdf import PdfWriter
from pypdf.annotations import Text
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
)
from pypdf.generic import TextStringObject as PdfText

GPS = {1: "N", 2: (49.0, 12.0, 34.5), 3: "E", 4: (120.0, 44.0, 9.25)}
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


def image(width: int = 60, height: int = 40) -> Image.Image:
    return Image.new("RGB", (width, height), (90, 120, 30))


def ogg_page(number: int, flags: int, *packets: bytes, serial: int = 7) -> bytes:
    """A page of Ogg; each packet ends on it, but one of whole segments alone, which goes on."""
    lengths, left = b"", [len(packet) for packet in packets]
    for size in left:
        lengths += b"\xff" * (size // 255) + (bytes([size % 255]) if size % 255 else b"")
    head = b"OggS" + pack("<BBqII", 0, flags, 960 * max(0, number - 1), serial, number)
    rest = bytes([len(lengths)]) + lengths + b"".join(packets)
    return head + pack("<I", ogg_checksum(head + bytes(4) + rest)) + rest


def ogg_checksum(content: bytes) -> int:
    """By long division, as RFC 3533 describes it."""
    value = int.from_bytes(content) << 32
    for place in range(value.bit_length() - 1, 31, -1):
        if value >> place & 1:
            value ^= 0x104C11DB7 << (place - 32)
    return value


def voice(canary: str, seconds: int = 1, remarks: int = 1) -> bytes:
    """As a telephone records it, with the program and the place in its remarks, on so many pages.
    The sound is no sound: nothing here plays it."""
    head = b"OpusHead" + pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    told = b"OpusTags" + pack("<I", len(canary)) + canary.encode() + pack("<I", 1)
    told += pack("<I", len(canary)) + canary.encode()
    told += bytes(255 * remarks - len(told) - 1) if remarks > 1 else b""
    pieces = [told[place : place + 255] for place in range(0, len(told), 255)]
    pages = [ogg_page(0, 2, head), *(ogg_page(1 + n, n > 0, one) for n, one in enumerate(pieces))]
    sound = [bytes([0x78, turn]) * 20 for turn in range(50 * seconds % 250)]
    return b"".join([*pages, ogg_page(len(pages), 4, *sound)])


def jpeg(width: int = 60, height: int = 40) -> bytes:
    written = BytesIO()
    image(width, height).save(written, "JPEG")
    return written.getvalue()


def exif(canary: str) -> Image.Exif:
    made = Image.Exif()
    made[0x010F], made[0x0110], made[0x013B], made[0x010E] = canary, canary, canary, canary
    made.get_ifd(0x8825).update(GPS)
    made.get_ifd(0x8769)[0xA431] = canary
    return made


def photo(canary: str, kind: str = "JPEG") -> bytes:
    """With camera, owner, place, serial number, comment, and a small picture of itself."""
    written, noted = BytesIO(), exif(canary).tobytes()
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", canary)
        text.add_itxt("XML:com.adobe.xmp", canary)
        image().save(written, "PNG", pnginfo=text, exif=noted)
    elif kind == "GIF":
        image().save(written, "GIF", comment=canary.encode())
    elif kind in ("WEBP", "AVIF"):
        image().save(written, kind, exif=noted, xmp=canary.encode())
    elif kind == "HEIF":
        pillow_heif.from_pillow(image()).save(written, exif=noted, xmp=canary.encode())
    elif kind == "TIFF":
        return tiff(canary)
    elif kind in ("BMP", "JPEG2000"):
        image().save(written, kind)
        written.write(pack(">I", len(canary) + 8) + b"xml " + canary.encode())
    else:
        more: dict[str, Any] = {"comment": canary.encode(), "icc_profile": canary.encode()}
        small = BytesIO()
        image(16, 10).save(small, "JPEG", comment=canary.encode())
        image().save(written, "JPEG", exif=noted, xmp=canary.encode(), **more)
        written.write(small.getvalue())
    return written.getvalue()


def tiff(canary: str, sheets: int = 1, **tags: int) -> bytes:
    """A scan, of several sheets if wanted, which tells its program. `tags`: `t254=1` and the
    like."""
    told = TiffImagePlugin.ImageFileDirectory_v2()
    told[270], told[305], told[315] = canary, canary, canary
    for name, value in tags.items():
        told[int(name[1:])] = value
    written, sheet = BytesIO(), image().convert("L")
    sheet.save(written, "TIFF", tiffinfo=told, save_all=True, append_images=[sheet] * (sheets - 1))
    return written.getvalue()


def saved(picture: Image.Image, kind: str, **more: Any) -> bytes:
    written = BytesIO()
    picture.save(written, kind, **more)
    return written.getvalue()


def moving(kind: str) -> bytes:
    other = Image.new("RGB", (60, 40), (3, 4, 5))
    return saved(image(), kind, save_all=True, append_images=[other])


def container(brand: bytes, handler: bytes = b"") -> bytes:
    """A recording as phones write it: brand, and what its track is."""
    head = pack(">I", 24) + b"ftyp" + brand + bytes(12)
    return head + pack(">I", 32) + b"hdlr" + bytes(8) + handler + bytes(40)


def old_office(stream: str) -> bytes:
    """The container of files from before docx; the name of a stream tells them apart."""
    mark = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    return mark + bytes(600) + stream.encode("utf-16-le") + bytes(90)


def pdf(canary: str, pages: int = 1) -> bytes:
    """With author, XMP, a comment, an attachment, a script and a photo that knows its camera."""
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": canary, "/Producer": canary})
    writer.xmp_metadata = xmp(canary)
    writer.add_annotation(0, Text(rect=(9, 9, 50, 50), text=canary))
    writer.add_attachment(f"{canary}.txt", canary.encode())
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): PdfText(canary)}
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    picture = _picture_of(writer, canary)
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/x"): PdfText(canary)})
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/Im0"): picture})}
    )
    drawn = DecodedStreamObject()
    drawn.set_data(b"q 100 0 0 100 20 20 cm /Im0 Do Q")
    page[NameObject("/Contents")] = writer._add_object(drawn)
    return _written(writer)


def _picture_of(writer: PdfWriter, canary: str) -> Any:
    stream = DecodedStreamObject()
    stream.set_data(photo(canary))
    note = DecodedStreamObject()
    note.set_data(xmp(canary))
    values = {"/Type": NameObject("/XObject"), "/Subtype": NameObject("/Image"),
              "/Width": NumberObject(60), "/Height": NumberObject(40),
              "/BitsPerComponent": NumberObject(8), "/ColorSpace": NameObject("/DeviceRGB"),
              "/Filter": NameObject("/DCTDecode"), "/Name": PdfText(canary),
              "/Metadata": writer._add_object(note)}  # fmt: skip
    stream.update({NameObject(key): value for key, value in values.items()})
    return writer._add_object(stream)


def xmp(canary: str) -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><n>{canary}</n></x:xmpmeta>'.encode()


def official_pdf(canary: str) -> bytes:
    """A form that was filled in and sealed: what stands on it is annotations, each by somebody."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    line = DecodedStreamObject()
    # As careless programs write it: what was saved is not put back.
    line.set_data(b"q 0.5 0 0 0.5 0 0 cm 0 0 m 9 9 l S")
    page[NameObject("/Contents")] = writer._add_object(line)
    marks = [_annotation(writer, canary, "Widget", "FILLED"),
             _annotation(writer, canary, "Stamp", "SEALED"),
             _annotation(writer, canary, "Text", f"NOTE{canary}"),
             _annotation(writer, canary, "Widget", f"HIDDEN{canary}", hidden=True)]  # fmt: skip
    page[NameObject("/Annots")] = ArrayObject(writer._add_object(mark) for mark in marks)
    return _written(writer)


def _annotation(
    writer: PdfWriter, canary: str, kind: str, words: str, hidden: bool = False
) -> DictionaryObject:
    look = DecodedStreamObject()
    look.set_data(f"BT /F 9 Tf ({words}) Tj ET".encode())
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    fonts = DictionaryObject({NameObject("/F"): named})
    look[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    look[NameObject("/BBox")] = ArrayObject(NumberObject(n) for n in (0, 0, 50, 20))
    look[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/x"): PdfText(canary)})
    return DictionaryObject({
        NameObject("/Subtype"): NameObject(f"/{kind}"),
        NameObject("/Rect"): ArrayObject(NumberObject(n) for n in (100, 100, 200, 140)),
        NameObject("/F"): NumberObject(2 if hidden else 4),
        NameObject("/T"): PdfText(canary),
        NameObject("/Contents"): PdfText(canary),
        NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(look)}),
    })  # fmt: skip


def encrypted_pdf(algorithm: str = "RC4-128", password: str = "secret", canary: str = "") -> bytes:
    """Without a password: opened by anybody, and only not to be printed or changed."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": canary})
    writer.encrypt(password, "of the office", algorithm=algorithm)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def word(canary: str, **more: bytes) -> bytes:
    """With author, company, revision ids, comments, a change by name, and a photo by its name."""
    document = (
        f'<w:document xmlns:w="{W}" xmlns:r="{R}" xmlns:a="{DRAWING}/main" '
        f'xmlns:wp="{DRAWING}/wordprocessingDrawing" xmlns:mc="urn:mc" mc:Ignorable="w14">'
        f'<w:body><w:p w:rsidR="{canary}" w:rsidRDefault="{canary}">'
        "<w:r><w:t>村里的账目</w:t></w:r>"
        f'<w:ins w:id="1" w:author="{canary}" w:date="2026-11-24T08:00:00Z"><w:r>'
        '<w:t>没有公开</w:t></w:r></w:ins><w:commentRangeStart w:id="0"/></w:p>'
        f'<w:p><wp:docPr id="1" name="{canary}.jpg" descr="{canary}"/>'
        '<a:blip r:embed="rId7"/></w:p>'
        "</w:body></w:document>"
    )
    relation = f'<Relationship Id="{{}}" Type="{R}/{{}}" Target="{{}}"{{}}/>'
    relations = "".join(
        [
            relation.format("rId7", "image", f"media/{canary}.jpg", ""),
            relation.format("rId8", "comments", "comments.xml", ""),
            relation.format("rId9", "hyperlink", f"file:///C:/{canary}", ' TargetMode="External"'),
        ]
    )
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="jpg" '
        'ContentType="image/jpeg"/><Override PartName="/docProps/core.xml" ContentType="x"/>'
        "</Types>"
    )
    relations = f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
    parts = {
        "[Content_Types].xml": types,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relations,
        "docProps/core.xml": f"<x>{canary}</x>",
        "docProps/app.xml": f"<x>{canary}</x>",
        "docProps/custom.xml": f"<x>{canary}</x>",
        "word/comments.xml": f"<x>{canary}</x>",
        "word/people.xml": f"<x>{canary}</x>",
        "word/settings.xml": f"<x>{canary}</x>",
    }
    binary = {f"word/media/{canary}.jpg": photo(canary), "docProps/thumbnail.jpeg": photo(canary)}
    return archive_of({name: text.encode() for name, text in parts.items()} | binary | more)


def archive_of(parts: dict[str, bytes]) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def unpacked(content: bytes) -> bytes:
    """Everything in a Word file, its names too, as one piece to search in."""
    with ZipFile(BytesIO(content)) as archive:
        return b"\n".join(n.encode() + archive.read(n) for n in archive.namelist()) + content
