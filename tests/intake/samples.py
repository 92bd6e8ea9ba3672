"""Files as people send them, made here, with what must not come through."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.annotations import Text
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject
from pypdf.generic import TextStringObject as PdfText

GPS = {1: "N", 2: (49.0, 12.0, 34.5), 3: "E", 4: (120.0, 44.0, 9.25)}
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


def image(width: int = 60, height: int = 40) -> Image.Image:
    return Image.new("RGB", (width, height), (90, 120, 30))


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
    elif kind == "WEBP":
        image().save(written, "WEBP", exif=noted, xmp=canary.encode())
    else:
        more: dict[str, Any] = {"comment": canary.encode(), "icc_profile": canary.encode()}
        small = BytesIO()
        image(16, 10).save(small, "JPEG", comment=canary.encode())
        image().save(written, "JPEG", exif=noted, xmp=canary.encode(), **more)
        written.write(small.getvalue())
    return written.getvalue()


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


def encrypted_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
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
