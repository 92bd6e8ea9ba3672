"""Rewrite a Word file: words and pictures, nothing about who made them."""

import re
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.attachments.errors import Unusable

LARGEST_PARTS, LARGEST_TEXT = 40 * 1024 * 1024, 8 * 1024 * 1024
"""Bytes that all parts of a file may unpack to, and each one that has to be read as XML."""
MOST_PICTURES = 50
FIXED = (1980, 1, 1, 0, 0, 0)
TYPES, DOCUMENT, MEDIA = "[Content_Types].xml", "word/document.xml", "word/media/"
PARTS = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|word/(document|styles|numbering|fontTable|header\d*|"
    r"footer\d*|footnotes|endnotes)\.xml|word/_rels/document\.xml\.rels)$"
)
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")
KEPT_RELATIONS = ("/styles", "/numbering", "/fontTable", "/image", "/header", "/footer",
                  "/footnotes", "/endnotes", "/officeDocument")  # fmt: skip
DROPPED_TAGS = ("rsids", "rsid", "rsidRoot", "comments", "commentRangeStart", "commentRangeEnd",
                "commentReference", "proofErr", "bookmarkStart", "bookmarkEnd", "permStart",
                "permEnd", "attachedTemplate", "docVars", "instrText",
                "del", "delText", "delInstrText", "moveFrom", "cellDel")  # fmt: skip
"""The last line: what tracked changes took out is gone for whoever wrote it, so it goes."""
TAKEN_TAGS = ("ins", "moveTo")
"""What tracked changes put in stays, without saying that it was put in."""
DROPPED_ATTRIBUTES = re.compile(r"^(rsid\w*|author|initials|date|dateUtc|paraId|textId|docId|descr|"
                                r"title|tooltip|editId|anchorId|Ignorable)$")  # fmt: skip
NAMED = ("docPr", "cNvPr")
"""Elements that bear the name of a picture's file."""
CONTENT_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"


def clean_word(content: bytes | bytearray, picture: Callable[[bytes], bytes]) -> bytes:
    """Return the text with its pictures, each cleaned by `picture`. Raises Unusable, and whatever
    reading a broken archive raises."""
    with ZipFile(BytesIO(content)) as archive:
        return _written(archive, picture)


def _written(archive: ZipFile, picture: Callable[[bytes], bytes]) -> bytes:
    names = list(dict.fromkeys(archive.namelist()))
    _check(archive, names)
    media = _new_names(names)
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as clean:
        for name in names:
            if name in media:
                part = picture(archive.read(name))
                # A fixed time: an archive notes when each part was written.
                clean.writestr(ZipInfo(media[name], FIXED), part, ZIP_DEFLATED)
            elif PARTS.match(name):
                part = _part(name, archive.read(name), media)
                clean.writestr(ZipInfo(name, FIXED), part, ZIP_DEFLATED)
    return written.getvalue()


def _check(archive: ZipFile, names: list[str]) -> None:
    if DOCUMENT not in names:
        raise Unusable("unknown_kind")
    sizes = {info.filename: info.file_size for info in archive.infolist()}
    texts = [size for name, size in sizes.items() if PARTS.match(name)]
    # By the sizes it states: a zip bomb has to be refused before it is unpacked.
    if sum(sizes.values()) > LARGEST_PARTS or sum(texts) > LARGEST_TEXT:
        raise Unusable("too_big")


def _new_names(names: list[str]) -> dict[str, str]:
    """Name pictures by a number: their own names may tell where they come from."""
    found = [n for n in names if n.startswith(MEDIA) and n.lower().endswith(PICTURE_ENDINGS)]
    if len(found) > MOST_PICTURES:
        raise Unusable("too_many_pages")
    return {name: f"{MEDIA}image{number}.jpeg" for number, name in enumerate(found, 1)}


def _part(name: str, content: bytes, media: dict[str, str]) -> bytes:
    # Declarations are how a small file unpacks to a huge one; other encodings could hide them.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        raise Unusable("not_readable")
    root = ElementTree.fromstring(content)
    _clean(root, media)
    if name == TYPES:
        kind = {"Extension": "jpeg", "ContentType": "image/jpeg"}
        if not any(child.get("Extension") == "jpeg" for child in root):
            root.insert(0, ElementTree.Element(f"{CONTENT_TYPES}Default", kind))
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _clean(element: ElementTree.Element, media: dict[str, str]) -> None:
    for name in [n for n in element.attrib if DROPPED_ATTRIBUTES.match(_local(n))]:
        del element.attrib[name]
    if _local(element.tag) in NAMED:
        element.set("name", "")
    # Unwrapped first, so that the second pass cleans what comes out.
    for child in list(element):
        if _local(child.tag) == "AlternateContent":
            _take_fallback(element, child)
        elif _local(child.tag) in TAKEN_TAGS:
            _unwrap(element, child)
    for child in list(element):
        if _local(child.tag) in DROPPED_TAGS or _foreign(child, media) or _is_change(child):
            element.remove(child)
        else:
            _clean(child, media)


def _unwrap(parent: ElementTree.Element, change: ElementTree.Element) -> None:
    place = list(parent).index(change)
    parent.remove(change)
    for offset, child in enumerate(change):
        parent.insert(place + offset, child)


def _take_fallback(parent: ElementTree.Element, choice: ElementTree.Element) -> None:
    """Keep the plain one of two ways to show a thing: the other needs namespaces that are
    removed."""
    place = list(parent).index(choice)
    parent.remove(choice)
    plain = [child for child in choice if _local(child.tag) == "Fallback"]
    for offset, child in enumerate(child for one in plain for child in one):
        parent.insert(place + offset, child)


def _is_change(element: ElementTree.Element) -> bool:
    """Whether an element says how something looked before a change: rPrChange, pPrChange …"""
    return _local(element.tag).endswith(("PrChange", "GridChange"))


def _foreign(element: ElementTree.Element, media: dict[str, str]) -> bool:
    """Whether an element names a part that isn't kept, or another machine."""
    name = _local(element.tag)
    if name == "Relationship":
        return not _kept_relation(element, media)
    part = element.get("PartName", "")
    return name == "Override" and not PARTS.match(part.lstrip("/"))


def _kept_relation(element: ElementTree.Element, media: dict[str, str]) -> bool:
    kind, target = element.get("Type", ""), element.get("Target", "")
    if element.get("TargetMode") == "External" or not kind.endswith(KEPT_RELATIONS):
        return False
    if not kind.endswith("/image"):
        return True
    new = media.get(f"word/{target.removeprefix('/word/')}", "")
    element.set("Target", new.removeprefix("word/"))
    return new != ""


def _local(name: str) -> str:
    return name.rpartition("}")[2]
