"""PDF and Word files written anew: pages and words, nothing about who made them."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject, NameObject

from services.unusable import Unusable

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_PAGES = 50
LARGEST_PART = 40 * 1024 * 1024
"""Bytes that all parts of a Word file may unpack to."""
OF_A_PAGE = ("/Type", "/Contents", "/MediaBox", "/CropBox", "/Rotate", "/Resources")
TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/Info")
FIXED = (1980, 1, 1, 0, 0, 0)
PARTS = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|word/(document|styles|numbering|fontTable|header\d*|"
    r"footer\d*|footnotes|endnotes)\.xml|word/_rels/document\.xml\.rels|word/media/[\w.-]+)$"
)
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")
KEPT_RELATIONS = ("/styles", "/numbering", "/fontTable", "/image", "/header", "/footer",
                  "/footnotes", "/endnotes", "/officeDocument")  # fmt: skip
DROPPED_TAGS = ("rsids", "rsid", "rsidRoot", "comments", "commentRangeStart", "commentRangeEnd",
                "commentReference", "proofErr", "bookmarkStart",
                "bookmarkEnd", "permStart", "permEnd", "attachedTemplate")  # fmt: skip
DROPPED_ATTRIBUTES = re.compile(r"^(rsid\w*|author|initials|date|dateUtc|paraId|textId|docId|descr|"
                                r"title|tooltip|editId|anchorId)$")  # fmt: skip


def clean_pdf(content: bytes) -> bytes:
    """The pages alone: no properties, scripts, attachments, forms or comments. Raises Unusable."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted:
            raise Unusable("encrypted")
        if len(reader.pages) > MOST_PAGES:
            raise Unusable("too_many_pages")
        writer = PdfWriter()
        for page in reader.pages:
            for key in [key for key in page if key not in OF_A_PAGE]:
                del page[key]
            writer.add_page(page)
        for thing in writer._objects:
            _strip(thing)
        writer.metadata = None
        written = BytesIO()
        writer.write(written)
    except Unusable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, OSError, RecursionError):
        raise Unusable("not_readable") from None
    return written.getvalue()


def _strip(thing: Any) -> None:
    if isinstance(thing, DictionaryObject):
        for key in TELLING:
            thing.pop(NameObject(key), None)


def clean_word(content: bytes, picture: Callable[[bytes], bytes]) -> bytes:
    """The text with its pictures, each cleaned by `picture`. Raises Unusable."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _word(archive, picture)
    except (BadZipFile, ElementTree.ParseError, KeyError, RuntimeError, NotImplementedError):
        raise Unusable("not_readable") from None


def _word(archive: ZipFile, picture: Callable[[bytes], bytes]) -> bytes:
    names = archive.namelist()
    if "word/document.xml" not in names:
        raise Unusable("unknown_kind")
    if sum(info.file_size for info in archive.infolist()) > LARGEST_PART:
        raise Unusable("too_big")
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as clean:
        for name in dict.fromkeys(names):
            if PARTS.match(name):
                part = _part(name, archive.read(name), picture)
                if part is not None:
                    clean.writestr(ZipInfo(name, FIXED), part, ZIP_DEFLATED)
    return written.getvalue()


def _part(name: str, content: bytes, picture: Callable[[bytes], bytes]) -> bytes | None:
    if name.startswith("word/media/"):
        # Word reads a picture by its content, whatever its ending says.
        return picture(content) if name.lower().endswith(PICTURE_ENDINGS) else None
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Unusable("not_readable")
    root = ElementTree.fromstring(content)
    _clean_element(root)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _clean_element(element: ElementTree.Element) -> None:
    for name in [n for n in element.attrib if DROPPED_ATTRIBUTES.match(_local(n))]:
        del element.attrib[name]
    for child in list(element):
        if _local(child.tag) in DROPPED_TAGS or _foreign(child):
            element.remove(child)
        else:
            _clean_element(child)


def _foreign(element: ElementTree.Element) -> bool:
    """A part or a relation to one that isn't kept, or to another machine."""
    name = _local(element.tag)
    if name == "Relationship":
        outside = element.get("TargetMode") == "External"
        return outside or not element.get("Type", "").endswith(KEPT_RELATIONS)
    part = element.get("PartName", "")
    return name == "Override" and not PARTS.match(part.lstrip("/"))


def _local(name: str) -> str:
    return name.rpartition("}")[2]
