"""Attachments come out without where they came from, or not at all (docs/promises.md P6)."""

import zlib
from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from services.attachments.errors import Unusable
from services.attachments.formats import JPEG, LARGEST, PDF, WORD, CleanFile, clean
from services.attachments.pictures import MOST_PIXELS
from tests.intake import samples
from tests.intake.citizens import Citizen
from tests.intake.conftest import Stored

CANARY = "CANARY9f3a"


def everything_in(file: CleanFile) -> bytes:
    """The file with all its streams unpacked."""
    content = file.content
    if file.media_type == WORD:
        return samples.unpacked(content)
    if file.media_type == PDF:
        writer = PdfWriter(clone_from=BytesIO(content))
        streams = [thing.get_data() for thing in writer._objects if hasattr(thing, "get_data")]
        return content + repr(writer._objects).encode() + b"".join(streams)
    return content


def test_the_samples_hold_what_is_looked_for() -> None:
    for content in (samples.photo(CANARY), samples.pdf(CANARY), samples.photo(CANARY, "WEBP")):
        assert CANARY.encode() in content
    assert CANARY.encode() in samples.unpacked(samples.word(CANARY))
    assert everything_in(CleanFile(samples.pdf(CANARY), PDF)).count(CANARY.encode()) >= 8


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_of_a_photo_the_pixels_are_left(kind: str) -> None:
    cleaned = clean(samples.photo(CANARY, kind))
    assert cleaned.media_type == JPEG
    assert CANARY.encode() not in cleaned.content
    with Image.open(BytesIO(cleaned.content)) as picture:
        assert picture.size == (60, 40)
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "AVIF"])
def test_pictures_of_other_kinds_are_taken_by_their_content(kind: str) -> None:
    written = BytesIO()
    samples.image().save(written, kind)
    with Image.open(BytesIO(clean(written.getvalue()).content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (60, 40))


@pytest.mark.parametrize("size", [(1080, 24_000), (1080, 7_200), (24_000, 1080)])
def test_a_long_screenshot_stays_readable(size: tuple[int, int]) -> None:
    with Image.open(BytesIO(clean(samples.jpeg(*size)).content)) as picture:
        assert picture.size == size


def test_a_wider_long_screenshot_keeps_1080_across() -> None:
    with Image.open(BytesIO(clean(samples.jpeg(1440, 9_000)).content)) as picture:
        assert picture.size == (1080, 6_750)


UNSUPPORTED = {
    "heic": (b"\0\0\0\x18ftypheic" + bytes(40), "heic"),
    "mp4": (b"\0\0\0\x18ftypmp42" + bytes(40), "recording"),
    "m4a": (b"\0\0\0\x18ftypM4A " + bytes(40), "recording"),
    "amr": (b"#!AMR\n" + bytes(40), "recording"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old_office"),
    "rtf": (b"{\\rtf1 words}", "old_office"),
    "ofd": (samples.archive_of({"OFD.xml": b"<x/>"}), "ofd"),
    "xlsx": (samples.archive_of({"xl/workbook.xml": b"<x/>"}), "sheet"),
    "txt": ("河湾村的账目没有公开。".encode("gb18030"), "plain_text"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_each_unsupported_kind_has_its_own_reason(name: str) -> None:
    content, reason = UNSUPPORTED[name]
    with pytest.raises(Unusable) as refused:
        clean(content)
    assert refused.value.reason == reason


def test_tracked_changes_are_settled() -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = (
        f'<w:document xmlns:w="{space}"><w:body><w:p>'
        f'<w:del w:author="{CANARY}"><w:r><w:delText>DELETED</w:delText></w:r></w:del>'
        f'<w:ins w:author="{CANARY}"><w:r><w:t>INSERTED</w:t></w:r></w:ins>'
        f'<w:r><w:rPr><w:rPrChange w:author="{CANARY}"/></w:rPr><w:t>KEPT</w:t></w:r>'
        "</w:p></w:body></w:document>"
    )
    content = samples.word(CANARY, **{"word/document.xml": document.encode()})
    left = samples.unpacked(clean(content).content)
    for gone in (b"DELETED", CANARY.encode(), b":ins", b"rPrChange"):
        assert gone not in left
    for kept in (b"INSERTED", b"KEPT"):
        assert kept in left


def test_a_photo_that_lies_on_its_side_is_set_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    written = BytesIO()
    samples.image().save(written, "JPEG", exif=turned)
    with Image.open(BytesIO(clean(written.getvalue()).content)) as picture:
        assert picture.size == (40, 60)


def test_of_a_pdf_the_pages_are_left() -> None:
    cleaned = clean(samples.pdf(CANARY, pages=3))
    assert cleaned.media_type == PDF
    assert CANARY.encode() not in everything_in(cleaned)
    reader = PdfReader(BytesIO(cleaned.content))
    assert len(reader.pages) == 3
    assert not reader.metadata
    [picture] = reader.pages[2].images
    assert picture.image is not None
    assert picture.image.size == (60, 40)


def test_of_a_word_file_the_words_and_the_picture_are_left() -> None:
    cleaned = clean(samples.word(CANARY))
    assert cleaned.media_type == WORD
    assert CANARY.encode() not in everything_in(cleaned)
    with ZipFile(BytesIO(cleaned.content)) as archive:
        assert set(archive.namelist()) == {
            "[Content_Types].xml",
            "word/document.xml",
            "word/_rels/document.xml.rels",
            "word/media/image1.jpeg",
        }
        assert "没有公开" in archive.read("word/document.xml").decode()
        assert b'Target="media/image1.jpeg"' in archive.read("word/_rels/document.xml.rels")
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def bomb_of_pixels() -> bytes:
    """A small PNG of 60,000 times 60,000 points."""
    content = bytearray(samples.photo(CANARY, "PNG"))
    content[16:24] = (60000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def locked_archive() -> bytes:
    content = bytearray(samples.word(CANARY))
    content[6] |= 1
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
REFUSED = {
    "a bomb of pixels": (bomb_of_pixels(), "too_many_pixels"),
    "many pixels": (samples.jpeg(MOST_PIXELS // 4000, 4001), "too_many_pixels"),
    "a bomb of zeros": (samples.word(CANARY, x=bytes(50 * 1024 * 1024)), "too_big"),
    "a locked PDF": (samples.encrypted_pdf(), "encrypted"),
    "a long PDF": (samples.pdf(CANARY, pages=51), "too_many_pages"),
    "half a PDF": (samples.pdf(CANARY)[:300], "not_readable"),
    "half a photo": (samples.photo(CANARY)[:900], "not_readable"),
    "half an archive": (samples.word(CANARY)[:900], "not_readable"),
    "a locked archive": (locked_archive(), "not_readable"),
    "another archive": (samples.archive_of({"a": b"1"}), "unknown_kind"),
    "laughs": (samples.archive_of({"word/document.xml": LAUGHS}), "not_readable"),
    "hidden laughs": (
        samples.archive_of({"word/document.xml": LAUGHS.decode().encode("utf-16")}),
        "not_readable",
    ),
    "a program": (b"MZ" + bytes(500), "unknown_kind"),
    "a web page": (b"<html>", "unknown_kind"),
    "a vector picture": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_kind"),
    "nothing": (b"", "unknown_kind"),
    "too much": (bytes(LARGEST + 1), "too_big"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_cleaned_is_refused_with_the_reason(name: str) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(Unusable) as refused:
        clean(content)
    assert refused.value.reason == reason


async def test_what_is_stored_opens_to_the_cleaned_file_alone(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("evidence")
    for made in (samples.photo(CANARY), samples.pdf(CANARY), samples.word(CANARY)):
        await citizen.sends(citizen.offers(f"{CANARY}-{len(made)}", made))
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    files = [CleanFile.unpack(stored.opener.open(row.sealed)) for row in await stored.files()]
    assert {file.media_type for file in files} == {JPEG, PDF, WORD}
    for file in files:
        assert CANARY.encode() not in everything_in(file)
